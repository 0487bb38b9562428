"""What the commands that work on the desk begin with."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from cardpay import bootstrap, settings
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.errors import StartRefused
from cardpay.logs import configuration
from cardpay.reporting.figures_behind import figures_behind
from cardpay.services.desk import Desk
from cardpay.settings import Settings
from cardpay.settings.audit import audit_keys
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store
from cardpay.storage.database.open_existing import (
    DatabaseError,
    DatabaseMissing,
    connect_existing,
    reason_of,
    sqlite_file,
)
from cardpay.storage.database.replica import open_store


def load_settings() -> Settings:
    """The checked settings, after logging was set up to go to stderr. StartRefused.

    Whoever started a command reads its result: only warnings are logged unless asked for more.
    """
    chosen = settings.load()
    configuration.configure(chosen.log_format, chosen.log_level or "WARNING", chosen.secrets)
    return chosen


@contextmanager
def running_desk() -> Iterator[Desk]:
    """A desk without its background work, closed at the end. StartRefused."""
    application = bootstrap.build(load_settings())
    try:
        yield application.desk
    finally:
        application.close()


def existing_store(chosen: Settings) -> Store:
    """The database as it is, neither made nor migrated here; StartRefused.

    A key that is missing is made up beside an SQLite file alone, where the desk finds it.
    """
    try:
        engine = connect_existing(chosen.database)
        current = migrate.is_current(engine)
    except DatabaseMissing as missing:
        raise StartRefused(
            "CARDPAY_DATABASE_URL", f"names a database that is not there: {missing.file}."
        ) from None
    except DatabaseError as error:
        raise StartRefused(
            "CARDPAY_DATABASE_URL",
            f"names a database that cannot be used: {reason_of(error)}.",
        ) from None
    if not current:
        engine.dispose()
        raise StartRefused(
            "CARDPAY_DATABASE_URL",
            "names a database of another version: run `python -m cardpay migrate` first.",
        )
    try:
        keys = audit_keys(chosen, make=sqlite_file(chosen.database) is not None)
    except StartRefused:
        engine.dispose()
        raise
    return open_store(engine, keys, chosen.reporting_database_url)


def tell_if_behind(store: Store) -> None:
    """Say, beside the command's result, if what it read was behind."""
    if sentence := figures_behind(store, SYSTEM):
        click.echo(sentence, err=True)
