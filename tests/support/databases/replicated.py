"""A PostgreSQL server with a streaming replica, and databases that both have."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import make_url

from tests.support.databases import postgresql
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.databases.postgresql import Cluster, Standby


@dataclass(frozen=True)
class Replicated:
    """Both servers. `migrated` is the template with this version's tables."""

    primary: Cluster
    standby: Standby
    databases: PostgresqlDatabases
    migrated: str

    @contextmanager
    def copy(self) -> Iterator[tuple[str, str]]:
        """A database with tables and no rows: its URL, and that of its replica."""
        with self.databases.copy(self.migrated) as url:
            self.standby.catch_up(self.primary)
            yield url, self.standby.url(make_url(url).database or "")
            self.standby.resume()


@contextmanager
def replicated() -> Iterator[Replicated]:
    """Start both, for as long as they are needed."""
    with (
        postgresql.cluster(autovacuum=False) as primary,
        postgresql.standby_of(primary) as standby,
    ):
        # What is committed has been written, so that the replica can be waited for.
        primary.run("ALTER ROLE CURRENT_USER SET synchronous_commit = on")
        databases = PostgresqlDatabases(primary)
        yield Replicated(primary, standby, databases, databases.template())
