"""Retention: removing what is too old, a batch at a time, by an index."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, func, select, update
from sqlmodel import Session, SQLModel, col

from cardpay.domain.personal_data.retention_rules import KeptReport, RetentionKind
from cardpay.domain.stripe_facts.events import WAITING
from cardpay.storage.personal_data import erase_details
from cardpay.storage.personal_data.erasable_details import erasable
from cardpay.storage.schema.history_tables import Discrepancy, Reconciliation
from cardpay.storage.schema.session_tables import Person, SignInSession
from cardpay.storage.schema.tables import AuditEntry, CustomerDetail, Payment, StripeEvent

# Changed in some milliseconds, while which other writers wait on SQLite.
BATCH: Final = 500
COUNTED: Final = 1_000  # beyond this, the exact number does not matter
_Remove = Callable[[Session, datetime, datetime], int]

_NEWEST: Final = (
    select(col(Reconciliation.id)).order_by(col(Reconciliation.started_at).desc()).limit(1)
)
_KEPT_REPORTS: Final = {
    KeptReport.NEWEST: _NEWEST,
    KeptReport.NEWEST_GOOD: _NEWEST.where(
        col(Reconciliation.finished_at).is_not(None), col(Reconciliation.problem).is_(None)
    ),
}


def remove(session: Session, kind: RetentionKind, before: datetime, now: datetime) -> int:
    """Remove up to BATCH rows of a kind that are from before then; return how many.

    Not for entries of the audit log, which leave a tombstone.
    """
    return _REMOVERS[kind](session, before, now)


def overdue(session: Session, kind: RetentionKind, before: datetime) -> int:
    """The number of rows of a kind from before then, counted up to COUNTED."""
    found = _OLD[kind](before).limit(COUNTED).subquery()
    return session.scalars(select(func.count()).select_from(found)).one()


def _old_customers(before: datetime) -> Select[Any]:
    """Details that may be erased; an open or disputed payment keeps its own however old."""
    return (
        select(col(CustomerDetail.payment_id))
        .join(Payment, col(Payment.id) == col(CustomerDetail.payment_id))
        .where(col(CustomerDetail.created_at) < before, erasable())
        .order_by(col(CustomerDetail.created_at))
    )


def _old_events(before: datetime) -> Select[Any]:
    """Events that have been handled; the others still need their contents."""
    return (
        select(col(StripeEvent.id))
        .where(
            col(StripeEvent.emptied_at).is_(None),
            col(StripeEvent.received_at) < before,
            # `not_in`, so that SQLite takes the index by age and not the one by state.
            col(StripeEvent.state).not_in(WAITING),
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
    """All but each KeptReport."""
    kept = (_KEPT_REPORTS[which].scalar_subquery() for which in KeptReport)
    return (
        select(col(Reconciliation.id))
        .where(
            col(Reconciliation.started_at) < before,
            *(col(Reconciliation.id) != func.coalesce(one, "") for one in kept),
        )
        .order_by(col(Reconciliation.started_at))
    )


def _old_audit_entries(before: datetime) -> Select[Any]:
    return (
        select(col(AuditEntry.id)).where(col(AuditEntry.at) < before).order_by(col(AuditEntry.at))
    )


_OLD: Final[dict[RetentionKind, Callable[[datetime], Select[Any]]]] = {
    RetentionKind.CUSTOMERS: _old_customers,
    RetentionKind.EVENTS: _old_events,
    RetentionKind.SIGN_INS: _old_sign_ins,
    RetentionKind.STAFF: _old_staff,
    RetentionKind.RECONCILIATIONS: _old_reconciliations,
    RetentionKind.AUDIT: _old_audit_entries,
}


def _ids(session: Session, kind: RetentionKind, before: datetime, limit: int) -> list[Any]:
    return list(session.scalars(_OLD[kind](before).limit(limit)))


def _erase_customers(session: Session, before: datetime, now: datetime) -> int:
    return len(
        erase_details.erase(session, _ids(session, RetentionKind.CUSTOMERS, before, BATCH), now)
    )


def _empty_events(session: Session, before: datetime, now: datetime) -> int:
    """Empty the fields; the row stays, so that the same event is known when it comes again."""
    ids = _ids(session, RetentionKind.EVENTS, before, BATCH)
    session.execute(
        update(StripeEvent).where(col(StripeEvent.id).in_(ids)).values(fields={}, emptied_at=now)
    )
    return len(ids)


def _delete_sign_ins(session: Session, before: datetime, _now: datetime) -> int:
    """Delete. A cookie that outlives its row begins no new session: its token is too old."""
    ids = _ids(session, RetentionKind.SIGN_INS, before, BATCH)
    return _deleted(session, SignInSession, col(SignInSession.id).in_(ids))


def _delete_staff(session: Session, before: datetime, _now: datetime) -> int:
    """Delete, unless the person has signed in meanwhile."""
    ids = _ids(session, RetentionKind.STAFF, before, BATCH)
    still = and_(col(Person.actor_id).in_(ids), col(Person.seen_at) < before)
    return _deleted(session, Person, still)


def _delete_reconciliations(session: Session, before: datetime, _now: datetime) -> int:
    """Delete the oldest report's differences, and the report itself once none is left."""
    ids = _ids(session, RetentionKind.RECONCILIATIONS, before, 1)
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


_REMOVERS: Final[dict[RetentionKind, _Remove]] = {
    RetentionKind.CUSTOMERS: _erase_customers,
    RetentionKind.EVENTS: _empty_events,
    RetentionKind.SIGN_INS: _delete_sign_ins,
    RetentionKind.STAFF: _delete_staff,
    RetentionKind.RECONCILIATIONS: _delete_reconciliations,
}
