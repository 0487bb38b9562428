"""Leases: work that one process at a time may do.

On PostgreSQL a lease is a session advisory lock, which ends with its connection (PostgreSQL docs:
"Advisory Locks"). SQLite has none: there it is a row that names the holder, and the time until
which the holder is believed to be alive.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Engine, delete, text, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import col

from cardpay.storage.schema.tables import Lease

# Longer than any one step between two calls of `renew`, a silent Stripe included; short enough
# that a killed process does not hold the others up for long.
LEASE_TIME = timedelta(minutes=2)


class LeaseLost(RuntimeError):
    """The lease has ended: another process may have begun the work."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} is no longer held by this process")


class HeldLease(Protocol):
    """A lease that this process holds."""

    def renew(self) -> None:
        """Extend the lease; call it at each step. Raises LeaseLost: then the work must stop."""


@contextmanager
def acquire_lease(
    engine: Engine, name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[HeldLease | None]:
    """Hold the lease called `name`; yields None while it is held elsewhere. Never waits.

    A process that holds it does not get it a second time either.
    """
    if engine.dialect.name == "postgresql":
        with _advisory_lock(engine, name) as lease:
            yield lease
    else:
        with _lease_row(engine, name, now) as lease:
            yield lease


class _AdvisoryLock:
    """Held for as long as its connection lives."""

    def __init__(self, name: str, connection: Connection) -> None:
        self._name = name
        self._connection = connection

    def renew(self) -> None:
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError as error:
            raise LeaseLost(self._name) from error


@contextmanager
def _advisory_lock(engine: Engine, name: str) -> Iterator[HeldLease | None]:
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
            # Unlocked, since the server notices a closed connection only a moment later; closed,
            # so that the lock goes whatever happened.
            with suppress(SQLAlchemyError):
                unlock = text("SELECT pg_advisory_unlock(:number)")
                connection.execute(unlock, {"number": number})
            connection.invalidate()


class _LeaseRow:
    """Held until its time is up, unless it is renewed before."""

    def __init__(
        self, engine: Engine, name: str, holder: str, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._name = name
        self._holder = holder
        self._now = now

    def renew(self) -> None:
        with self._engine.begin() as connection:
            kept = connection.execute(
                update(Lease)
                .where(col(Lease.name) == self._name, col(Lease.holder) == self._holder)
                .values(until_at=self._now() + LEASE_TIME)
            )
        if kept.rowcount == 0:
            raise LeaseLost(self._name)


@contextmanager
def _lease_row(
    engine: Engine, name: str, now: Callable[[], datetime]
) -> Iterator[HeldLease | None]:
    holder = str(uuid4())
    if not _take(engine, name, holder, now()):
        yield None
        return
    try:
        yield _LeaseRow(engine, name, holder, now)
    finally:
        with engine.begin() as connection:
            connection.execute(
                delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder)
            )


def _take(engine: Engine, name: str, holder: str, at: datetime) -> bool:
    """Whether the lease is ours now: it was free, or its holder's time was up."""
    ours = insert(Lease).values(name=name, holder=holder, until_at=at + LEASE_TIME)
    if_free = ours.on_conflict_do_update(
        index_elements=[col(Lease.name)],
        set_={"holder": ours.excluded.holder, "until_at": ours.excluded.until_at},
        where=col(Lease.until_at) <= at,
    )
    with engine.begin() as connection:
        return connection.execute(if_free).rowcount == 1
