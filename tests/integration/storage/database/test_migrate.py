"""Migrations lead to the tables that the code declares, and back, on either database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from cardpay.storage.database import migrate
from cardpay.storage.database.engine import connect
from cardpay.storage.schema.tables import metadata
from tests.support.databases.databases import Databases


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    """An empty database."""
    with databases.copy() as url:
        made = connect(url)
        yield made
        made.dispose()


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_up_down_and_up_again(engine: Engine) -> None:
    """Nothing is left behind on the way down, and nothing is missing after the second way up."""
    migrate.upgrade(engine)
    assert _tables(engine) == set(metadata.tables)
    assert migrate.is_current(engine)
    migrate.remove_tables(engine)
    assert _tables(engine) == set()
    assert not migrate.is_current(engine)
    migrate.upgrade(engine)
    assert _tables(engine) == set(metadata.tables)
    assert migrate.is_current(engine)


def test_telling_whether_it_is_current_reads_no_migrations_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Anybody may ask, and they cannot change while the process runs."""
    migrate.upgrade(engine)
    assert migrate.is_current(engine)
    monkeypatch.setattr(migrate, "_MIGRATIONS", tmp_path)
    assert migrate.is_current(engine)


def test_the_migrations_and_the_tables_agree(engine: Engine) -> None:
    """Whoever changes a table without a migration is told here."""
    migrate.upgrade(engine)
    assert migrate.differences(engine) == []


def test_processes_that_start_at_once_migrate_once(engine: Engine) -> None:
    """Each finds the tables ready, whoever came first."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrate.upgrade(engine), range(4)))
    assert migrate.is_current(engine)
