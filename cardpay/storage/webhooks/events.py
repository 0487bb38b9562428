"""The inbox of events: stored once, claimed by one worker at a time, ended."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select, update

from cardpay.storage.database.inserts import insert, is_postgresql
from cardpay.storage.schema.tables import StripeEvent


def insert_new(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Insert the rows whose event is not there yet; how many they were."""
    adding = insert(StripeEvent, on_postgresql=is_postgresql(session)).on_conflict_do_nothing()
    # Many rows at once are not counted otherwise (SQLAlchemy docs: "preserve_rowcount").
    counting = {"preserve_rowcount": True}
    return session.connection().execute(adding, list(rows), execution_options=counting).rowcount


def claim_due(
    session: Session, states: Collection[str], now: datetime, until: datetime, limit: int
) -> Sequence[StripeEvent]:
    """Up to `limit` events whose next try is due, oldest first, each for this caller alone.

    The caller commits and has until `until`: then they are due again, whatever became of it.
    What another caller is claiming now is passed over (on SQLite there is one writer).
    """
    found = session.exec(
        select(StripeEvent)
        .where(col(StripeEvent.state).in_(states), col(StripeEvent.next_try_at) <= now)
        .order_by(col(StripeEvent.next_try_at), col(StripeEvent.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for event in found:
        event.next_try_at = until
        event.tries += 1
        session.add(event)
    return found


def locked(session: Session, event_row_id: int) -> StripeEvent | None:
    """One event, and nobody else may change it until this transaction ends."""
    return session.exec(
        select(StripeEvent).where(StripeEvent.id == event_row_id).with_for_update()
    ).one_or_none()


def end(
    session: Session, event_row_id: int | None, state: str, now: datetime, problem: str | None
) -> None:
    """Nothing more is to be done about it."""
    session.execute(
        update(StripeEvent)
        .where(col(StripeEvent.id) == event_row_id)
        .values(state=state, handled_at=now, next_try_at=None, problem=problem)
    )


def end_all(session: Session, state: str, now: datetime) -> None:
    """Nothing more is to be done about any that waits."""
    session.execute(
        update(StripeEvent)
        .where(col(StripeEvent.next_try_at).is_not(None))
        .values(state=state, handled_at=now, next_try_at=None)
    )


def leave_to_ask(session: Session, event_row_id: int | None, state: str, now: datetime) -> None:
    """It is due for whoever asks Stripe, unless somebody has ended it. That was no try yet."""
    session.execute(
        update(StripeEvent)
        .where(col(StripeEvent.id) == event_row_id, col(StripeEvent.next_try_at).is_not(None))
        .values(state=state, next_try_at=now, tries=col(StripeEvent.tries) - 1)
    )


def note_failure(
    session: Session, event_row_id: int | None, state: str, problem: str, next_try_at: datetime
) -> None:
    """It is to be tried again, unless somebody else has ended it meanwhile."""
    session.execute(
        update(StripeEvent)
        .where(col(StripeEvent.id) == event_row_id, col(StripeEvent.next_try_at).is_not(None))
        .values(state=state, problem=problem, next_try_at=next_try_at)
    )
