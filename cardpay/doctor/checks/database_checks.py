"""The database: reachable, of this version and of this account."""

import os
from typing import Final

from sqlalchemy.engine import URL, make_url

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.findings import Finding, fail, ok, warn
from cardpay.domain.stripe_account import Mode
from cardpay.storage.database.open_existing import sqlite_file

_HERE: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})  # a file, or this machine
_MIGRATE: Final = "Run `python -m cardpay migrate`."


def reachable(context: CheckContext) -> Finding | None:
    """Whether it is there and answers."""
    if context.other_problem:
        return None
    look = context.database
    if look.missing:
        return warn(
            f"There is no database yet at {look.missing}.",
            "It is made when the desk first starts, or by `python -m cardpay migrate`. If there "
            "should be one, correct CARDPAY_DATABASE_URL.",
        )
    if look.problem:
        return fail(
            f"The database cannot be used: {look.problem}.",
            "Correct CARDPAY_DATABASE_URL, or start the database.",
        )
    kind = "an SQLite file" if sqlite_file(context.settings.database) else "a server"
    return ok(f"The database answers; it is {kind}.")


def migrations(context: CheckContext) -> Finding | None:
    """Whether its tables are those of this version."""
    revision = None if context.other_problem else context.database.revision
    if revision is None:
        return None
    if not revision.is_known:
        return fail(
            f"The database is of a later version of cardpay ({revision.stored}).",
            "Run that version, or restore the backup that was made before it.",
        )
    if not revision.stored:
        return fail("The database has no tables.", _MIGRATE)
    if revision.stored != revision.ours:
        return fail(
            f"The database is at migration {revision.stored}; this version needs {revision.ours}.",
            _MIGRATE,
        )
    return ok(f"Its tables are of this version ({revision.ours}).")


def account(context: CheckContext) -> Finding | None:
    """Whether it holds the payments of the account that the keys belong to."""
    if context.other_problem or context.store is None:
        return None
    held = context.database.account
    if held is None:
        return ok("The database is new: it belongs to the first account that starts with it.")
    if held.mode is not context.mode:
        return fail(
            f"The database holds {held.mode} payments, and the desk is in {context.mode} mode.",
            "Name another database in CARDPAY_DATABASE_URL, or use the keys of that mode.",
        )
    look = context.stripe
    account_id = context.settings.stripe_account
    if look is not None and look.account is not None:
        account_id = look.account.account_id
    if context.mode is not Mode.DEMO and account_id not in {None, held.stripe_account_id}:
        return fail(
            f"The database holds payments of {held.stripe_account_id}, and the key belongs to "
            f"{account_id}.",
            "Name another database in CARDPAY_DATABASE_URL, or use that account's keys.",
        )
    return ok(f"It holds the {held.mode} payments of {held.stripe_account_id}.")


def encrypted(context: CheckContext) -> Finding | None:
    """Whether the way to a server elsewhere is encrypted, and the server is who it says."""
    if context.other_problem:
        return None
    settings = context.settings
    names = {
        "CARDPAY_DATABASE_URL": settings.database,
        "CARDPAY_REPORTING_DATABASE_URL": settings.reporting_database_url,
    }
    elsewhere = {name: make_url(url) for name, url in names.items() if url and _is_elsewhere(url)}
    if not elsewhere:
        return None
    unverified = [name for name, url in elsewhere.items() if _sslmode(url) != "verify-full"]
    if not unverified:
        return ok("The way to the database is encrypted, and its server is verified.")
    return warn(
        "The database is on another machine, and nothing verifies that the way there is encrypted "
        "and the server is the right one.",
        f"Add `?sslmode=verify-full&sslrootcert=system` to {' and '.join(unverified)}, or the "
        "file of your own authority as sslrootcert.",
    )


def _is_elsewhere(database: str) -> bool:
    url = make_url(database)
    host = str(url.host or url.query.get("host", ""))
    return host not in _HERE and not host.startswith("/")


def _sslmode(url: URL) -> str:
    return str(url.query.get("sslmode") or os.environ.get("PGSSLMODE", ""))


def fit_for_live(context: CheckContext) -> Finding | None:
    """SQLite has one writer, on one machine."""
    if context.mode is not Mode.LIVE or sqlite_file(context.settings.database) is None:
        return None
    return warn(
        "Live payments are kept in an SQLite file: one process at a time writes, on one machine.",
        "Use PostgreSQL for more than one process, and for backups while the desk runs.",
    )
