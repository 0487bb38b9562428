"""SQLite databases with this version's tables.

They are migrated once and copied: to migrate takes longer than most tests.
"""

from functools import cache
from pathlib import Path
from sqlite3 import Connection

from sqlalchemy import Engine

from cardpay.storage.database import migrate
from cardpay.storage.database.engine import connect

IN_MEMORY = "sqlite://"


def file(path: Path) -> str:
    """The URL of a new file, with no rows."""
    path.write_bytes(_content())
    return f"sqlite:///{path}"


def in_memory() -> Engine:
    """A new database in memory, with no rows; it lasts as long as the engine's one connection."""
    engine = connect(IN_MEMORY)
    raw(engine).deserialize(_content())
    return engine


def raw(engine: Engine) -> Connection:
    """The one connection of an engine in memory, for looks that cost next to nothing."""
    with engine.connect() as connection:
        found = connection.connection.driver_connection
    assert isinstance(found, Connection)
    return found


@cache
def _content() -> bytes:
    engine = connect(IN_MEMORY)
    migrate.upgrade(engine)
    content = raw(engine).serialize()
    engine.dispose()
    return content
