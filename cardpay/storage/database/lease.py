"""Work that one process at a time may do.

On PostgreSQL a session advisory lock, which ends with its connection (PostgreSQL docs:
"Advisory Locks"). SQLite has none: there a row says who works, and until when it is believed
to be alive.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Engine, delete, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import col

from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Lease

# Longer than any one step between two calls of `keep_on`, a silent Stripe included; short
# enough that a killed process does not hold the others up for long.
LEASE = timedelta(minutes=2)


class ExclusiveLost(RuntimeError):
    """The work is no longer ours: another process may have begun with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} is no longer held by this process")


class Held(Protocol):
    """The right to do the work."""

    def keep_on(self) -> None:
        """Say that the work goes on; ExclusiveLost when it must stop. Call it at each step."""


@contextmanager
def exclusive(
    engine: Engine, name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Held | None]:
    """The right to do the work called `name`, or None while another holds it. Never waits.

    Not even the same process gets it twice at once.
    """
    if engine.dialect.name == "postgresql":
        with _advisory_lock(engine, name) as held:
            yield held
    else:
        with _lease(engine, name, now) as held:
            yield held


class _AdvisoryLock:
    """Held for as long as its connection lives."""

    def __init__(self, name: str, connection: Connection) -> None:
        self._name = name
        self._connection = connection

    def keep_on(self) -> None:
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError as error:
            raise ExclusiveLost(self._name) from error


@contextmanager
def _advisory_lock(engine: Engine, name: str) -> Iterator[Held | None]:
    number = int.from_bytes(sha256(f"cardpay {name}".encode()).digest()[:8], signed=True)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        lock = text("SELECT pg_try_advisory_lock(:number)")
        if not connection.execute(lock, {"number": number}).scalar_one():
            yield None
            return
        try:
            yield _AdvisoryLock(name, connection)
        finally:
            # Told, or the server would notice the closing only a moment later; closed, so that
            # the lock goes whatever happened.
            with suppress(SQLAlchemyError):
                unlock = text("SELECT pg_advisory_unlock(:number)")
                connection.execute(unlock, {"number": number})
            connection.invalidate()


class _Lease:
    """Held until its time is up, unless it is prolonged before."""

    def __init__(
        self, engine: Engine, name: str, holder: str, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._name = name
        self._holder = holder
        self._now = now

    def keep_on(self) -> None:
        with self._engine.begin() as connection:
            kept = connection.execute(
                update(Lease)
                .where(col(Lease.name) == self._name, col(Lease.holder) == self._holder)
                .values(until_at=self._now() + LEASE)
            )
        if kept.rowcount == 0:
            raise ExclusiveLost(self._name)


@contextmanager
def _lease(engine: Engine, name: str, now: Callable[[], datetime]) -> Iterator[Held | None]:
    holder = str(uuid4())
    if not _take(engine, name, holder, now()):
        yield None
        return
    try:
        yield _Lease(engine, name, holder, now)
    finally:
        with engine.begin() as connection:
            connection.execute(
                delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder)
            )


def _take(engine: Engine, name: str, holder: str, at: datetime) -> bool:
    """Whether the lease is ours now: nobody had it, or its holder's time was up."""
    with Store(engine).transaction() as session:
        lease = session.get(Lease, name)
        if lease is not None and lease.until_at > at:
            return False
        session.merge(Lease(name=name, holder=holder, until_at=at + LEASE))
    return True
