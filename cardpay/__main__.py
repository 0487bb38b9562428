"""`python -m cardpay` and a command."""

import sys


def main(arguments: list[str]) -> int:
    """Run one command; the exit code says whether it went well."""
    if arguments[:1] == ["sandbox"]:
        # It needs nothing of the desk, and starts in a tenth of the time without it.
        from cardpay.sandbox.command_line import run as run_sandbox

        return run_sandbox(arguments[1:])
    from cardpay.commands.command_line import run

    return run(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
