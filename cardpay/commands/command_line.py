"""The command line of the desk: which command is given, and what it starts with."""

import argparse
import sys

from cardpay import bootstrap, settings
from cardpay.commands import audit, erase, history
from cardpay.doctor import command as doctor_command
from cardpay.domain.errors import StartRefused
from cardpay.logs import log


def run(arguments: list[str]) -> int:
    """Run one command of the desk's; the exit code says whether it went well."""
    parser = argparse.ArgumentParser(prog="python -m cardpay")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database up to date")
    commands.add_parser("sandbox", help="run the stand-in for Stripe by itself")
    history.add_to(commands)
    erase.add_to(commands)
    doctor_command.add_to(commands)
    given = parser.parse_args(arguments)
    if given.command == "doctor" and not given.audit:
        return doctor_command.run(given)  # it tells of settings that are wrong as well
    try:
        chosen = settings.load()
        # Whoever started the command reads its result: of the rest only what is asked for.
        log.configure(chosen.log_format, chosen.log_level or "WARNING", chosen.secrets)
        if given.command == "erase":
            return erase.run(given)
        if given.command == "doctor":
            return audit.run(chosen, given.heads)
        if given.command != "migrate":
            return history.run(given)
        bootstrap.migrated(chosen).dispose()
    except StartRefused as refused:
        sys.stderr.write(f"{refused.sentence}\n")
        return 2
    sys.stdout.write("The database is up to date.\n")
    return 0
