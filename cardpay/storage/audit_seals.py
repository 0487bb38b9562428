"""The audit log as its sealer and its check read it."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, text
from sqlmodel import Session, col, select

from cardpay.domain.audit_chain import sealed_ids
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.audit_tables import AuditEntry, AuditSeal, AuditTombstone

_HIGHEST_ID = 2**63 - 1
_DRAWN = text("SELECT pg_sequence_last_value(pg_get_serial_sequence('audit_entry', 'id'))")
# Whoever inserts holds this lock from before the entry's id is drawn to the end of the
# transaction (PostgreSQL docs: "Explicit Locking", "pg_locks").
_INSERTING = text(
    "SELECT DISTINCT virtualtransaction FROM pg_locks"
    " WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
    " AND relation = 'audit_entry'::regclass"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


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


def last_seal(session: Session) -> AuditSeal | None:
    """The chain's end."""
    newest = select(AuditSeal).order_by(col(AuditSeal.number).desc()).limit(1)
    return session.exec(newest).one_or_none()


def last_tombstone(session: Session) -> AuditTombstone | None:
    """The newest: it stands for everything that was forgotten."""
    newest = select(AuditTombstone).order_by(col(AuditTombstone.number).desc()).limit(1)
    return session.exec(newest).one_or_none()


def seals_after(session: Session, number: int, limit: int) -> Sequence[AuditSeal]:
    """The next seals of the chain."""
    return session.exec(
        select(AuditSeal)
        .where(AuditSeal.number > number)
        .order_by(col(AuditSeal.number))
        .limit(limit)
    ).all()


def macs_of(session: Session, numbers: Collection[int]) -> dict[int, str]:
    """The MACs of some seals."""
    rows = session.exec(
        select(AuditSeal.number, AuditSeal.mac).where(col(AuditSeal.number).in_(numbers))
    )
    return dict(rows.all())


def drawn_id(session: Session) -> int:
    """The highest id that an entry of the desk's can have until now; 0 for none.

    On PostgreSQL the sequence tells, whatever id somebody has written into the table.
    """
    if session.get_bind().dialect.name == "postgresql":
        return session.connection().execute(_DRAWN).scalar_one() or 0
    return session.exec(select(func.max(AuditEntry.id))).one() or 0


def inserting(session: Session) -> frozenset[str]:
    """The transactions that may commit an entry whose id was drawn before now.

    To be asked after `drawn_id`: without any, all entries up to there are committed, or never
    will be. SQLite has one writer at a time, who draws the next id.
    """
    if session.get_bind().dialect.name != "postgresql":
        return frozenset()
    return frozenset(session.connection().execute(_INSERTING).scalars())


def unsealed(session: Session, settled_id: int, up_to: int, limit: int) -> Sequence[Row[Any]]:
    """The first committed entries above `settled_id` that stand in no seal, by id."""
    known = _sealed_above(session, settled_id)
    rows = session.execute(
        _entries()
        .where(col(AuditEntry.id) > settled_id, col(AuditEntry.id) <= up_to)
        .limit(limit + len(known))
    )
    return [row for row in rows if row.id not in known][:limit]


def waiting(session: Session, settled_id: int) -> tuple[int, datetime | None]:
    """How many entries stand in no seal yet, and when the first of them was written."""
    known = _sealed_above(session, settled_id)
    above = col(AuditEntry.id) > settled_id
    found = session.exec(select(func.count()).select_from(AuditEntry).where(above)).one()
    first = unsealed(session, settled_id, _HIGHEST_ID, 1)
    return max(0, found - len(known)), first[0].at if first else None


def entries(session: Session, ids: Collection[int]) -> dict[int, Row[Any]]:
    """Some entries by id."""
    rows = session.execute(_entries().where(col(AuditEntry.id).in_(ids)))
    return {row.id: row for row in rows}


def ids_between(session: Session, above: int, up_to: int | None, limit: int) -> list[int]:
    """The ids of the next entries."""
    asked = select(col(AuditEntry.id)).where(col(AuditEntry.id) >= above + 1)
    if up_to is not None:
        asked = asked.where(col(AuditEntry.id) <= up_to)
    found = session.exec(asked.order_by(col(AuditEntry.id)).limit(limit))
    return [entry_id for entry_id in found if entry_id is not None]


def entries_from(session: Session, entry_id: int, limit: int) -> Sequence[Row[Any]]:
    """The next entries by id, this one included."""
    return session.execute(_entries().where(col(AuditEntry.id) >= entry_id).limit(limit)).all()


def first_signed_id(session: Session) -> int | None:
    """The lowest id of an entry that bears a signature, whether it is right or not."""
    signed = select(col(AuditEntry.id)).where(col(AuditEntry.mac).is_not(None))
    return session.exec(signed.order_by(col(AuditEntry.id)).limit(1)).one_or_none()


def copies(session: Session) -> Iterator[tuple[int, int]]:
    """Entries that bear the signature of an entry with a lower id, which is the second number."""
    id_, mac = col(AuditEntry.id), col(AuditEntry.mac)
    shared = (
        select(mac.label("mac"), func.min(id_).label("first"))
        .where(mac.is_not(None))
        .group_by(mac)
        .having(func.count() > 1)
        .subquery()
    )
    asked = (
        select(id_, shared.c.first)
        .join(shared, mac == shared.c.mac)
        .where(id_ > shared.c.first)
        .order_by(id_)
    )
    rows = session.execute(asked, execution_options={"yield_per": 1_000})
    yield from ((copy, first) for copy, first in rows)


def forget(session: Session, seals: Sequence[AuditSeal]) -> None:
    """Delete some seals and their entries. The triggers let it happen behind a tombstone only."""
    for seal in seals:
        ids = list(sealed_ids([seal.sealed]))
        session.execute(delete(AuditEntry).where(col(AuditEntry.id).in_(ids)))
    numbers = [seal.number for seal in seals]
    session.execute(delete(AuditSeal).where(col(AuditSeal.number).in_(numbers)))


def _sealed_above(session: Session, settled_id: int) -> set[int]:
    """Few: the ids that were sealed while an older transaction was still inserting."""
    seals = session.exec(select(AuditSeal.sealed).where(AuditSeal.last_entry_id > settled_id))
    return {entry_id for entry_id in sealed_ids(seals) if entry_id > settled_id}


def _entries() -> Any:
    return select(*AuditEntry.__table__.columns).order_by(col(AuditEntry.id))  # type: ignore[attr-defined]
