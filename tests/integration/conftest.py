"""Every test here runs on SQLite and on PostgreSQL: they must not be told apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import postgresql
from tests.support.databases.databases import Databases, PostgresqlDatabases, SqliteFiles
from tests.support.databases.postgresql import Cluster

KINDS = ["sqlite", "postgresql"]

# Rules of ours, for which a database only keeps rows: before a merge they run on SQLite alone,
# for a release on PostgreSQL too. What locks, sorts, searches, counts or migrates is not here.
ONE_DATABASE = (
    "doctor/test_background_checks.py",
    "doctor/test_doctor_command.py",
    "doctor/test_sign_in_checks.py",
    "doctor/test_stripe_checks.py",
    "doctor/test_webhook_checks.py",
    "gateway/test_card_data_from_stripe.py",
    "services/access/test_permissions.py",
    "services/after_payment/test_captures.py",
    "services/after_payment/test_late_answers.py",
    "services/after_payment/test_refunds.py",
    "services/history/test_reconciliation.py",
    "services/history/test_reconciliation_trouble.py",
    "services/personal_data/test_erase_command.py",
    "services/stripe_writes/test_recovery.py",
    "services/stripe_writes/test_refused_lookups.py",
    "services/stripe_writes/test_replays.py",
    "services/stripe_writes/test_review.py",
    "services/taking/test_card_data_typed.py",
    "services/taking/test_checkout.py",
    "services/taking/test_forged_submissions.py",
    "services/taking/test_limits_and_stripe.py",
    "services/test_catalogue.py",
    "web/test_http_answers.py",
)


@pytest.hookimpl(tryfirst=True)  # before pytest itself leaves out what is marked
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Their second database is for a release."""
    here = Path(__file__).parent
    files = {here / name for name in ONE_DATABASE}
    assert all(file.is_file() for file in files), (
        f"{here / 'conftest.py'} names a file that is not"
    )
    for item in items:
        callspec = getattr(item, "callspec", None)
        if item.path in files and callspec and callspec.params.get("databases") == "postgresql":
            item.add_marker(pytest.mark.full)


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
