"""Migrating a database to this version's tables, and telling how far it is."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from cardpay.domain.errors import StartRefused
from cardpay.storage.database.engine import connect
from cardpay.storage.schema.tables import metadata

_MIGRATIONS = Path(__file__).parents[1] / "migrations"
# Any number will do, as long as every version of cardpay uses the same one.
_ADVISORY_LOCK = 0x0CA4D9A1


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Migrate up to this version's tables, one process at a time."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        command.upgrade(_config(connection), "head")


def open_migrated(database_url: str) -> Engine:
    """The database's engine, after its migrations were run.

    StartRefused for one that cannot be opened, and for one that a later version has migrated.
    """
    try:
        engine = connect(database_url)
        upgrade(engine)
    except Exception as error:
        raise StartRefused(
            "CARDPAY_DATABASE_URL",
            f"names a database that cannot be opened or brought up to date "
            f"({type(error).__name__}).",
        ) from error
    return engine


def remove_tables(engine: Engine) -> None:
    """Migrate down to a database without tables."""
    with engine.begin() as connection:
        command.downgrade(_config(connection), "base")


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly this version's migrations."""
    with engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == _heads()


@cache
def _heads() -> frozenset[str]:
    """This version's last migrations: all of them are read for it, which takes its time."""
    return frozenset(ScriptDirectory.from_config(_config()).get_heads())


@dataclass(frozen=True)
class Revision:
    """The last migration that a database has ("": none), and that of this version.

    `is_known` is false of a database that a later version has migrated.
    """

    stored: str
    ours: str
    is_known: bool


def revision(engine: Engine) -> Revision:
    """The database's last migration, and this version's."""
    script = ScriptDirectory.from_config(_config())
    with engine.connect() as connection:
        stored = ",".join(MigrationContext.configure(connection).get_current_heads())
    known = {each.revision for each in script.walk_revisions()} | {""}
    return Revision(stored, ",".join(script.get_heads()), stored in known)


def differences(engine: Engine) -> list[object]:
    """What differs between the database and this version's tables; empty if nothing does."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))
