"""Databases for whoever is told a story; those on PostgreSQL are for a release."""

from collections.abc import Iterator

import pytest

from tests.faults.events.ways_in import Tables
from tests.support.databases import postgresql
from tests.support.databases.databases import PostgresqlDatabases, SqliteFiles


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)]
)
def tables(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tables]:
    """One kind of database. They go with the server, or with the folder."""
    if request.param == "sqlite":
        files = SqliteFiles(tmp_path_factory.mktemp("told"))
        yield Tables(files, files.template())
        return
    with postgresql.cluster(autovacuum=False) as cluster:
        served = PostgresqlDatabases(cluster)
        yield Tables(served, served.template())
