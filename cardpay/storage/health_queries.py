"""What the doctor and Operations ask of the database: an index answers each question."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session, col

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.storage.schema.tables import Operation, PaymentAttempt, StripeEvent

_RECENT: Final = 1_000  # events among which the last webhook is looked for
_ANSWERED: Final = (
    AttemptOutcome.SUCCEEDED,
    AttemptOutcome.AUTHORISED,
    AttemptOutcome.DECLINED,
)


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


def last_answer_before(session: Session, before: datetime) -> datetime | None:
    """When a card was tried last at the desk, before that, and Stripe said how it went."""
    return session.scalars(
        select(col(PaymentAttempt.created_at))
        .where(
            col(PaymentAttempt.actor_id).is_not(None),
            col(PaymentAttempt.outcome).in_(_ANSWERED),
            col(PaymentAttempt.created_at) < before,
        )
        .order_by(col(PaymentAttempt.created_at).desc())
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
            col(Operation.needs_review).is_(waits_for_person),
        )
    ).one()
    return count, oldest_at
