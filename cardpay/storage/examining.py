"""What the doctor asks of the database: each question is answered by an index."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session, col

from cardpay.domain.payment import DisplayStatus
from cardpay.storage.tables import Operation, Payment, StripeEvent

_RECENT: Final = 1_000  # events among which the last webhook is looked for


@dataclass(frozen=True)
class LastWebhook:
    """The last event that a webhook brought."""

    received_at: datetime
    api_version: str | None


def last_webhook(session: Session) -> LastWebhook | None:
    """None if none came among the last events."""
    recent = session.execute(
        select(col(StripeEvent.received_at), col(StripeEvent.api_version), col(StripeEvent.listed))
        .order_by(col(StripeEvent.id).desc())
        .limit(_RECENT)
    )
    return next((LastWebhook(at, version) for at, version, listed in recent if not listed), None)


def last_success_before(session: Session, before: datetime) -> datetime | None:
    """When the newest payment was made that has succeeded and is older than that."""
    return session.scalars(
        select(col(Payment.created_at))
        .where(
            col(Payment.display_status) == DisplayStatus.SUCCEEDED.value,
            col(Payment.created_at) < before,
        )
        .order_by(col(Payment.created_at).desc())
        .limit(1)
    ).one_or_none()


def oldest_event(session: Session, *states: str) -> tuple[int, datetime | None]:
    """How many events are in one of the states, and when the oldest of them arrived."""
    count, oldest_at = session.execute(
        select(func.count(), func.min(col(StripeEvent.received_at))).where(
            col(StripeEvent.state).in_(states)
        )
    ).one()
    return count, oldest_at


def open_operations(session: Session, *, waits_for_person: bool) -> tuple[int, datetime | None]:
    """How many operations have no outcome, and when the oldest of them was begun."""
    count, oldest_at = session.execute(
        select(func.count(), func.min(col(Operation.created_at))).where(
            col(Operation.open_slot).is_not(None),
            col(Operation.needs_person).is_(waits_for_person),
        )
    ).one()
    return count, oldest_at
