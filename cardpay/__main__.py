"""`python -m cardpay` and a command."""

import sys

# The sandbox runs without anything of the desk: it starts in a tenth of the time.
if sys.argv[1:2] == ["sandbox"]:
    from cardpay.sandbox.command_line import run

    raise SystemExit(run(sys.argv[2:]))

from cardpay.commands.command_line import main

raise SystemExit(main(sys.argv[1:]))
