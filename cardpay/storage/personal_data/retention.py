"""What is older than it may be: removed a batch at a time, each by an index, and counted."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, func, select, update
from sqlmodel import Session, SQLModel, col

from cardpay.domain.retention import Kept
from cardpay.domain.stripe_facts.events import EventState
from cardpay.storage.personal_data import personal_rows
from cardpay.storage.schema.history_tables import Discrepancy, Reconciliation
from cardpay.storage.schema.session_tables import Person, SignInSession
from cardpay.storage.schema.tables import AuditEntry, CustomerDetail, Payment, StripeEvent

# So many rows are changed in some milliseconds, for which other writers wait on SQLite.
BATCH: Final = 500
COUNTED: Final = 1_000  # more than that need not be told apart
# Said by what it is not, so that SQLite takes the index by age and not that by state.
_NEEDS_CONTENTS: Final = (EventState.RECEIVED, EventState.FAILED)

_Remove = Callable[[Session, datetime, datetime], int]


def remove(session: Session, kind: Kept, before: datetime, now: datetime) -> int:
    """Remove up to BATCH rows of a kind that are from before then; how many they were.

    Not for entries of the audit log, which leave a tombstone.
    """
    return _REMOVERS[kind](session, before, now)


def overdue(session: Session, kind: Kept, before: datetime) -> int:
    """How many rows of a kind from before then are there still, counted up to COUNTED."""
    found = _OLD[kind](before).limit(COUNTED).subquery()
    return session.scalars(select(func.count()).select_from(found)).one()


def _old_customers(before: datetime) -> Select[Any]:
    """Those that may be erased: what is open or disputed keeps its details however old."""
    return (
        select(col(CustomerDetail.payment_id))
        .join(Payment, col(Payment.id) == col(CustomerDetail.payment_id))
        .where(col(CustomerDetail.created_at) < before, personal_rows.erasable())
        .order_by(col(CustomerDetail.created_at))
    )


def _old_events(before: datetime) -> Select[Any]:
    """What has been handled: the others still need their contents."""
    return (
        select(col(StripeEvent.id))
        .where(
            col(StripeEvent.emptied_at).is_(None),
            col(StripeEvent.received_at) < before,
            col(StripeEvent.state).not_in(_NEEDS_CONTENTS),
        )
        .order_by(col(StripeEvent.received_at))
    )


def _old_sign_ins(before: datetime) -> Select[Any]:
    return (
        select(col(SignInSession.id))
        .where(col(SignInSession.ends_at) < before)
        .order_by(col(SignInSession.ends_at))
    )


def _old_staff(before: datetime) -> Select[Any]:
    return select(col(Person.actor_id)).where(col(Person.seen_at) < before)


def _old_reconciliations(before: datetime) -> Select[Any]:
    """All but the newest, and the newest good one, from which the next one goes on."""
    newest = _newest()
    good = _newest().where(
        col(Reconciliation.finished_at).is_not(None), col(Reconciliation.problem).is_(None)
    )
    return (
        select(col(Reconciliation.id))
        .where(
            col(Reconciliation.started_at) < before,
            col(Reconciliation.id) != func.coalesce(newest.scalar_subquery(), ""),
            col(Reconciliation.id) != func.coalesce(good.scalar_subquery(), ""),
        )
        .order_by(col(Reconciliation.started_at))
    )


def _old_audit_entries(before: datetime) -> Select[Any]:
    return (
        select(col(AuditEntry.id)).where(col(AuditEntry.at) < before).order_by(col(AuditEntry.at))
    )


def _newest() -> Select[Any]:
    return select(col(Reconciliation.id)).order_by(col(Reconciliation.started_at).desc()).limit(1)


_OLD: Final[dict[Kept, Callable[[datetime], Select[Any]]]] = {
    Kept.CUSTOMERS: _old_customers,
    Kept.EVENTS: _old_events,
    Kept.SIGN_INS: _old_sign_ins,
    Kept.STAFF: _old_staff,
    Kept.RECONCILIATIONS: _old_reconciliations,
    Kept.AUDIT: _old_audit_entries,
}


def _ids(session: Session, kind: Kept, before: datetime, limit: int) -> list[Any]:
    return list(session.scalars(_OLD[kind](before).limit(limit)))


def _erase_customers(session: Session, before: datetime, now: datetime) -> int:
    return len(personal_rows.erase(session, _ids(session, Kept.CUSTOMERS, before, BATCH), now))


def _empty_events(session: Session, before: datetime, now: datetime) -> int:
    """The row stays, so that the same event is known when it comes again."""
    ids = _ids(session, Kept.EVENTS, before, BATCH)
    session.execute(
        update(StripeEvent).where(col(StripeEvent.id).in_(ids)).values(fields={}, emptied_at=now)
    )
    return len(ids)


def _delete_sign_ins(session: Session, before: datetime, _now: datetime) -> int:
    """A cookie that outlives its row begins no new session: it counts from its token's issue."""
    ids = _ids(session, Kept.SIGN_INS, before, BATCH)
    return _deleted(session, SignInSession, col(SignInSession.id).in_(ids))


def _delete_staff(session: Session, before: datetime, _now: datetime) -> int:
    """Unless the person has signed in meanwhile."""
    ids = _ids(session, Kept.STAFF, before, BATCH)
    still = and_(col(Person.actor_id).in_(ids), col(Person.seen_at) < before)
    return _deleted(session, Person, still)


def _delete_reconciliations(session: Session, before: datetime, _now: datetime) -> int:
    """The oldest report's differences, and the report itself once none is left."""
    ids = _ids(session, Kept.RECONCILIATIONS, before, 1)
    if not ids:
        return 0
    differences = (
        select(col(Discrepancy.id)).where(col(Discrepancy.reconciliation_id) == ids[0])
    ).limit(BATCH)
    found = list(session.scalars(differences))
    removed = _deleted(session, Discrepancy, col(Discrepancy.id).in_(found))
    if len(found) < BATCH:
        removed += _deleted(session, Reconciliation, col(Reconciliation.id) == ids[0])
    return removed


def _deleted(session: Session, table: type[SQLModel], which: ColumnElement[bool]) -> int:
    return session.connection().execute(delete(table).where(which)).rowcount


_REMOVERS: Final[dict[Kept, _Remove]] = {
    Kept.CUSTOMERS: _erase_customers,
    Kept.EVENTS: _empty_events,
    Kept.SIGN_INS: _delete_sign_ins,
    Kept.STAFF: _delete_staff,
    Kept.RECONCILIATIONS: _delete_reconciliations,
}
