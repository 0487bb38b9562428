"""Stripe's events as rows: stored once, claimed by one worker at a time, ended."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select, update
from sqlmodel.sql.expression import SelectOfScalar

from cardpay.domain.stripe_facts.events import EventState
from cardpay.storage.database.inserts import insert, is_postgresql
from cardpay.storage.schema.tables import StripeEvent


def insert_new(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Insert the rows of events that are not stored yet; return how many."""
    adding = insert(StripeEvent, on_postgresql=is_postgresql(session)).on_conflict_do_nothing()
    # Many rows at once are not counted otherwise (SQLAlchemy docs: "preserve_rowcount").
    counting = {"preserve_rowcount": True}
    return session.connection().execute(adding, list(rows), execution_options=counting).rowcount


def due(
    session: Session, states: Collection[EventState], now: datetime, limit: int
) -> Sequence[StripeEvent]:
    """Up to `limit` events whose next try is due, oldest first."""
    return session.exec(_due(states, now, limit)).all()


def lock_due(
    session: Session, states: Collection[EventState], now: datetime, limit: int
) -> Sequence[StripeEvent]:
    """As `due`, locked for this transaction.

    Events that another transaction has locked are skipped (SQLite has one writer at a time).
    """
    return session.exec(_due(states, now, limit).with_for_update(skip_locked=True)).all()


def _due(states: Collection[EventState], now: datetime, limit: int) -> SelectOfScalar[StripeEvent]:
    return (
        select(StripeEvent)
        .where(col(StripeEvent.state).in_(states), col(StripeEvent.next_try_at) <= now)
        .order_by(col(StripeEvent.next_try_at), col(StripeEvent.id))
        .limit(limit)
    )


def claim_due(
    session: Session, states: Collection[EventState], now: datetime, until: datetime, limit: int
) -> Sequence[StripeEvent]:
    """As `lock_due`, claimed for this caller alone: the events are due again at `until`.

    The caller commits.
    """
    found = lock_due(session, states, now, limit)
    for event in found:
        event.next_try_at = until
        event.tries += 1
        session.add(event)
    return found


def locked(session: Session, event_row_id: int) -> StripeEvent | None:
    """One event, locked until this transaction ends; None if there is none."""
    return session.exec(
        select(StripeEvent).where(StripeEvent.id == event_row_id).with_for_update()
    ).one_or_none()


def end_many(
    session: Session,
    event_row_ids: Collection[int | None],
    state: EventState,
    now: datetime,
    problem: str | None = None,
    *,
    claimed: bool = True,
) -> None:
    """Mark events as ended in `state`: they are not tried again.

    Those that were not claimed count this try here.
    """
    if event_row_ids:
        session.execute(
            update(StripeEvent)
            .where(col(StripeEvent.id).in_(event_row_ids))
            .values(
                state=state,
                handled_at=now,
                next_try_at=None,
                problem=problem,
                tries=col(StripeEvent.tries) + (0 if claimed else 1),
            )
            .execution_options(synchronize_session=False)
        )


def leave_to_retrieve(
    session: Session, event_row_ids: Collection[int | None], state: EventState, now: datetime
) -> None:
    """Make events due again in `state`, unless they have ended."""
    if event_row_ids:
        session.execute(
            update(StripeEvent)
            .where(
                col(StripeEvent.id).in_(event_row_ids), col(StripeEvent.next_try_at).is_not(None)
            )
            .values(state=state, next_try_at=now)
            .execution_options(synchronize_session=False)
        )


def note_failure(
    session: Session,
    event_row_id: int | None,
    state: EventState,
    problem: str,
    next_try_at: datetime,
) -> None:
    """Keep why a try failed and when the next one is due, unless the event has ended."""
    session.execute(
        update(StripeEvent)
        .where(col(StripeEvent.id) == event_row_id, col(StripeEvent.next_try_at).is_not(None))
        .values(state=state, problem=problem, next_try_at=next_try_at)
    )
