"""SQLite databases with this version's tables.

They are migrated once and copied: to migrate takes longer than most tests.
"""

from functools import cache
from pathlib import Path
from sqlite3 import Connection

from sqlalchemy import Engine, func, select

from cardpay.storage.database import migrate
from cardpay.storage.database.engine import connect
from cardpay.storage.schema.tables import metadata

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


def copy_rows(content: bytes, engine: Engine) -> None:
    """Put the rows of such a database into another one, of either kind, that has none."""
    source = in_memory()
    raw(source).deserialize(content)
    with source.connect() as said, engine.begin() as told:
        for table in metadata.sorted_tables:
            rows = [dict(row) for row in said.execute(select(table)).mappings()]
            if not rows:
                continue
            told.execute(table.insert(), rows)
            counted = table.autoincrement_column
            if engine.dialect.name == "postgresql" and counted is not None:
                last = select(func.max(counted)).scalar_subquery()
                sequence = func.pg_get_serial_sequence(table.name, counted.name)
                told.execute(select(func.setval(sequence, last)))
    source.dispose()


@cache
def _content() -> bytes:
    engine = connect(IN_MEMORY)
    migrate.upgrade(engine)
    content = raw(engine).serialize()
    engine.dispose()
    return content
