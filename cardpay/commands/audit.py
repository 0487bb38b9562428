"""`python -m cardpay doctor --audit`: is the audit log what was written?"""

from datetime import UTC, datetime
from pathlib import Path

import click

from cardpay.services.audit.verify_chain import Verification, verify
from cardpay.settings import Settings
from cardpay.settings.audit import audit_keys
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store
from cardpay.storage.database.open_existing import (
    DatabaseError,
    DatabaseMissing,
    connect_to_read,
    reason_of,
)


def run(chosen: Settings, heads: Path | None) -> int:
    """Print what is found; 0 if the log is whole, 1 if not. StartRefused. Nothing is written.

    `heads` is another file with heads, such as a log that was collected elsewhere.
    """
    keys = audit_keys(chosen, make=False)
    file = HeadsFile(heads, is_collected=True) if heads else HeadsFile(chosen.heads_path)
    try:
        engine = connect_to_read(chosen.database)
    except DatabaseMissing as missing:
        return _end(
            f"CARDPAY_DATABASE_URL names a database that is not there: {missing.file}. "
            "Nothing was verified."
        )
    try:
        if not migrate.is_current(engine):
            return _end("The database is not up to date: run python -m cardpay migrate.")
        try:
            logged = file.lines()
        except OSError as error:
            return _end(
                f"The heads in {file.path} cannot be read ({type(error).__name__}), and without "
                "them a removed end of the log is not found."
            )
        found = verify(Store(engine), keys, logged, datetime.now(UTC))
    except DatabaseError as error:
        return _end(f"The database cannot be read: {reason_of(error)}. The log was not verified.")
    finally:
        engine.dispose()
    return _tell(found)


def _tell(found: Verification) -> int:
    _say(f"Audit log: {found.entries:,} entries.")
    if found.pruned:
        _say(f"Pruned before: {found.pruned:,} entries.")
    for problem in found.problems:
        _say(f"FAIL {problem}")
    if found.more_problems:
        _say(f"FAIL And {found.more_problems:,} problems more.")
    if found.problems:
        return _end("The audit log is not what was written.")
    _say("OK The log is what was written.")
    return 0


def _say(line: str) -> None:
    click.echo(line)


def _end(sentence: str) -> int:
    click.echo(sentence, err=True)
    return 1
