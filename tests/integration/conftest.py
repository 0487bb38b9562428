"""Every test here runs on SQLite and on PostgreSQL: they must not be told apart."""

from collections.abc import Iterator

import pytest

from tests.integration.payment_books import books, unchanged_books, written
from tests.support.databases import postgresql
from tests.support.databases.databases import Databases, PostgresqlDatabases, SqliteFiles
from tests.support.databases.postgresql import Cluster
from tests.support.databases.replicated import Replicated
from tests.support.databases.replicated import replicated as replicated_servers
from tests.support.processes import servers
from tests.support.processes.identity_provider import IdentityProvider, identity_provider
from tests.support.processes.servers import StripeServer

__all__ = ["books", "unchanged_books", "written"]  # fixtures of reporting and of exports

KINDS = ["sqlite", "postgresql"]


@pytest.hookimpl(tryfirst=True)  # before pytest itself leaves out what is marked
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The second database is for a release where it only keeps rows for a rule of ours."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        on_postgresql = callspec is not None and callspec.params.get("databases") == "postgresql"
        on_both = item.get_closest_marker("both_databases")
        if on_postgresql and not on_both and item.get_closest_marker("one_database"):
            item.add_marker(pytest.mark.full)


@pytest.fixture(scope="session")
def running_stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeServer]:
    """A Stripe over HTTP."""
    with servers.stripe_server(tmp_path_factory.mktemp("stripe")) as running:
        yield running


@pytest.fixture(scope="module")
def stripe(running_stripe: StripeServer) -> StripeServer:
    """The same for all tests of a module; it has nothing of another's."""
    running_stripe.post("/_control/reset")
    return running_stripe


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """An identity provider; it keeps nothing."""
    with identity_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The test run's own PostgreSQL server; without its programs the test fails and says so."""
    # Databases that are lent again live long enough for autovacuum, which would change plans at
    # any time.
    with postgresql.cluster(autovacuum=False) as running:
        yield running


@pytest.fixture(scope="session")
def on_postgresql(cluster: Cluster) -> PostgresqlDatabases:
    """New databases on PostgreSQL alone."""
    return PostgresqlDatabases(cluster)


@pytest.fixture(scope="session")
def migrated_postgresql(on_postgresql: PostgresqlDatabases) -> str:
    """The template with this version's tables, and no rows."""
    return on_postgresql.template()


@pytest.fixture(scope="session")
def replicated() -> Iterator[Replicated]:
    """A PostgreSQL server and a streaming replica of it, beside the one of all other tests."""
    with replicated_servers() as running:
        yield running


@pytest.fixture(scope="session", params=KINDS)
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """New databases of one kind. They go with the server, or with the folder."""
    if request.param == "sqlite":
        return SqliteFiles(tmp_path_factory.mktemp("databases"))
    made: PostgresqlDatabases = request.getfixturevalue("on_postgresql")
    return made


@pytest.fixture(scope="session")
def migrated(databases: Databases) -> str:
    """The template with this version's tables, and no rows."""
    return databases.template()


@pytest.fixture
def database_url(databases: Databases, migrated: str) -> Iterator[str]:
    """A database of the test's own, with tables and no rows."""
    with databases.copy(migrated) as url:
        yield url
