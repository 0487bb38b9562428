"""The database's URL without what is secret in it."""

import re
from collections.abc import Mapping
from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from cardpay.domain.errors import StartRefused

# Drivers take a password from the query as well (libpq docs: "Parameter Key Words").
_SECRET_NAME: Final = re.compile(r"pass|pwd|secret|token", re.IGNORECASE)
_MASK: Final = "***"
_POSTGRESQL: Final = frozenset({"postgresql", "postgres"})
_REPLICA: Final = "CARDPAY_REPORTING_DATABASE_URL"


def check_database_urls(database: str, replica: str | None) -> None:
    """StartRefused for a text that is no URL, and for a replica where there can be none.

    The text is not repeated, it may hold a password.
    """
    kind = _backend(database)
    if not kind:
        raise StartRefused(
            "CARDPAY_DATABASE_URL",
            "is no database's address: it must be like sqlite:///var/cardpay.db or "
            "postgresql://user:password@host/name.",
        )
    if replica is None:
        return
    if _backend(replica) not in _POSTGRESQL:
        raise StartRefused(
            _REPLICA,
            "must be the address of a PostgreSQL server, like postgresql://user:password@host/name.",
        )
    if kind not in _POSTGRESQL:
        raise StartRefused(
            _REPLICA,
            "needs a PostgreSQL database in CARDPAY_DATABASE_URL: no other has a replica.",
        )


def _backend(database: str) -> str:
    """The kind of database; empty for a text that is no URL."""
    try:
        return make_url(database).get_backend_name()
    except (ArgumentError, ValueError):
        return ""


def secrets_in(database: str) -> frozenset[str]:
    """Every password in it, as it is typed; of a text that is no URL, all of it."""
    url = _read(database)
    if url is None:
        return frozenset({database})
    found = {one for values in _secret_values(url).values() for one in values}
    return frozenset(found | {url.password or ""}) - {""}


def without_secrets(database: str) -> str:
    """The URL for a person to read; of a text that is no URL, only that it is set."""
    url = _read(database)
    if url is None:
        return "set"
    masked = {**url.query, **dict.fromkeys(_secret_values(url), "MASK")}
    shown = url.set(query=masked).render_as_string(hide_password=True)
    return shown.replace("=MASK", f"={_MASK}")


def _read(database: str) -> URL | None:
    try:
        url = make_url(database)
    except (ArgumentError, ValueError):  # of a port that is no number
        return None
    # A password with an "@" that is not escaped is cut off there: its rest passes for the host.
    return None if "@" in (url.host or "") else url


def _secret_values(url: URL) -> Mapping[str, tuple[str, ...]]:
    return {
        name: (value,) if isinstance(value, str) else tuple(value)
        for name, value in url.query.items()
        if _SECRET_NAME.search(name)
    }
