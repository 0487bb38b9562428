"""The command line: `python -m cardpay migrate | reconcile | backfill | doctor | sandbox`."""

import argparse
import sys
from pathlib import Path

from cardpay import audit_command, history_commands, settings
from cardpay.domain.errors import StartRefused
from cardpay.sandbox import command_line as sandbox_command
from cardpay.storage import migrate
from cardpay.storage.engine import connect


def main(arguments: list[str]) -> int:
    """Run one command; the exit code says whether it went well."""
    if arguments[:1] == ["sandbox"]:
        return sandbox_command.run(arguments[1:])
    parser = argparse.ArgumentParser(prog="python -m cardpay")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database up to date")
    commands.add_parser("sandbox", help="run the stand-in for Stripe by itself")
    doctor = commands.add_parser("doctor", help="check the desk")
    doctor.add_argument("--audit", action="store_true", required=True, help="the audit log")
    doctor.add_argument("--heads", type=Path, metavar="FILE", help="its heads, kept elsewhere")
    history_commands.add_to(commands)
    given = parser.parse_args(arguments)
    try:
        if given.command == "doctor":
            return audit_command.run(settings.load(), given.heads)
        if given.command != "migrate":
            return history_commands.run(given)
        engine = connect(settings.load().database)
    except StartRefused as refused:
        sys.stderr.write(f"{refused.sentence}\n")
        return 2
    migrate.upgrade(engine)
    engine.dispose()
    sys.stdout.write("The database is up to date.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
