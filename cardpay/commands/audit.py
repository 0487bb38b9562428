"""`python -m cardpay doctor --audit`: is the audit log what was sealed?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from cardpay.services.audit_check import AuditCheck, check_audit
from cardpay.services.audit_heads import HeadsFile
from cardpay.settings import Settings
from cardpay.settings.audit import audit_keys
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store
from cardpay.storage.database.open_existing import (
    DatabaseError,
    DatabaseMissing,
    connect_to_read,
    reason_of,
)

# The sealer comes every few seconds; what waits longer than this waits for nobody.
_LONG: Final = timedelta(minutes=5)
# To compare all signatures of a log of millions is one statement.
_STATEMENT_SECONDS: Final = 600


def run(chosen: Settings, heads: Path | None) -> int:
    """Print what is found; 0 if the log is whole, 1 if not. StartRefused. Nothing is written.

    `heads` is another file with the chain's heads, such as a log that was collected elsewhere.
    """
    keys = audit_keys(chosen, make=False)
    logged = HeadsFile(heads) if heads else chosen.heads_file
    try:
        engine = connect_to_read(chosen.database, _STATEMENT_SECONDS)
    except DatabaseMissing as missing:
        return _end(
            f"CARDPAY_DATABASE_URL names a database that is not there: {missing.file}. "
            "Nothing was checked."
        )
    try:
        if not migrate.is_current(engine):
            return _end("The database is not up to date: run python -m cardpay migrate.")
        try:
            known = logged.logged()
        except OSError as error:
            return _end(
                f"The heads in {logged.path} cannot be read ({type(error).__name__}), and without "
                "them a removed end of the log is not found."
            )
        found = check_audit(Store(engine), keys, known)
    except DatabaseError as error:
        return _end(f"The database cannot be read: {reason_of(error)}. The log was not checked.")
    finally:
        engine.dispose()
    return _tell(found, datetime.now(UTC))


def _tell(found: AuditCheck, now: datetime) -> int:
    _say(f"Audit log: {found.entries:,} entries in {found.seals:,} seals.")
    if found.forgotten:
        _say(f"Forgotten on purpose: {found.forgotten:,} entries.")
    if found.unsealed:
        _say(f"Not sealed yet: {found.unsealed:,} entries.")
    if found.unsealed_since is not None and now - found.unsealed_since > _LONG:
        _say(
            f"They have been waiting since {found.unsealed_since:%Y-%m-%d %H:%M} UTC: the desk is "
            "not running, or its sealer fails (see its log)."
        )
    for problem in found.problems:
        _say(f"FAIL {problem}")
    if found.more_problems:
        _say(f"FAIL And {found.more_problems:,} problems more.")
    if found.problems:
        return _end("The audit log is not what was sealed.")
    _say("OK The log is what was sealed, up to its last logged head.")
    return 0


def _say(line: str) -> None:
    click.echo(line)


def _end(sentence: str) -> int:
    click.echo(sentence, err=True)
    return 1
