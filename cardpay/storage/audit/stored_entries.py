"""The audit log as it is verified, pruned and shown."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete
from sqlmodel import Session, SQLModel, col, select

from cardpay.domain.audit_chain import EMPTY, Head
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.audit_tables import AuditEntry, AuditHead, AuditTombstone
from cardpay.storage.schema.history_tables import Backfill, Reconciliation
from cardpay.storage.schema.session_tables import SignInSession
from cardpay.storage.schema.tables import Operation

# Each of these rows comes about together with an entry.
_AUDITED: tuple[type[SQLModel], ...] = (Operation, Backfill, Reconciliation, SignInSession)


@contextmanager
def snapshot(store: Store) -> Iterator[Session]:
    """One look that stays the same from the first statement to the last."""
    if store.engine.dialect.name != "postgresql":
        with store.reading() as session:
            yield session
        return
    frozen = store.engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(frozen) as session:
        yield session


def head(session: Session) -> Head:
    """The end of the chain as the head's row has it."""
    row = session.exec(select(AuditHead)).one_or_none()
    return Head(row.number, row.mac) if row else EMPTY


def last_tombstone(session: Session) -> AuditTombstone | None:
    """The newest: it stands for everything that was pruned."""
    newest = select(AuditTombstone).order_by(col(AuditTombstone.number).desc()).limit(1)
    return session.exec(newest).one_or_none()


def after(session: Session, number: int | None, limit: int) -> Sequence[Row[Any]]:
    """The next entries behind a number, in their order; the first of all for None."""
    query: Any = select(*AuditEntry.__table__.columns)  # type: ignore[attr-defined]
    if number is not None:
        query = query.where(col(AuditEntry.id) > number)
    return session.execute(query.order_by(col(AuditEntry.id)).limit(limit)).all()


def time_after(session: Session, number: int) -> datetime | None:
    """When the next entry behind a number was written; None where there is none."""
    rows = after(session, number, 1)
    at: datetime | None = rows[0].at if rows else None
    return at


def last_key_mark(session: Session) -> str | None:
    """The mark of the key that the last entry was written with; None in an empty log."""
    newest = select(AuditEntry.key_mark).order_by(col(AuditEntry.id).desc()).limit(1)
    return session.exec(newest).one_or_none()


def macs_of(session: Session, numbers: Collection[int]) -> dict[int, str]:
    """The MACs of some entries."""
    rows = session.exec(
        select(AuditEntry.id, AuditEntry.mac).where(col(AuditEntry.id).in_(numbers))
    )
    return dict(rows.all())


def acts_are_stored(session: Session) -> bool:
    """Whether there are rows that came about together with an entry of the log."""
    return any(session.exec(select(table).limit(1)).first() is not None for table in _AUDITED)


def delete_range(session: Session, first: int, last: int) -> None:
    """Delete entries. The triggers allow it behind a tombstone only."""
    numbers = col(AuditEntry.id)
    session.execute(delete(AuditEntry).where(numbers.between(first, last)))
