"""What tells whether webhooks arrive and are applied: an index answers each question."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.stripe_facts.events import EventState
from cardpay.storage.schema.tables import PaymentAttempt, StripeEvent

_RECENT: Final = 1_000  # events among which webhooks are looked for
_ANSWERED: Final = (
    AttemptOutcome.SUCCEEDED,
    AttemptOutcome.AUTHORISED,
    AttemptOutcome.DECLINED,
)


class Webhook(NamedTuple):
    """An event that a webhook brought. `created_at` is Stripe's time, in whole seconds."""

    created_at: datetime
    received_at: datetime
    api_version: str | None


def recent_webhooks(session: Session) -> Sequence[Webhook]:
    """The webhooks among the last events, newest first; empty if none is."""
    recent = session.execute(
        select(
            col(StripeEvent.created_at),
            col(StripeEvent.received_at),
            col(StripeEvent.api_version),
            col(StripeEvent.listed),
        )
        .order_by(col(StripeEvent.id).desc())
        .limit(_RECENT)
    )
    return [Webhook(*arrival) for *arrival, listed in recent if not listed]


def last_answer_before(session: Session, before: datetime) -> datetime | None:
    """When a card was last tried at the desk before then with an answer from Stripe; or None."""
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


def count_in_states(session: Session, *states: EventState) -> tuple[int, datetime | None]:
    """The number of events in any of the states, and when the oldest of them arrived."""
    count, oldest_at = session.execute(
        select(func.count(), func.min(col(StripeEvent.received_at))).where(
            col(StripeEvent.state).in_(states)
        )
    ).one()
    return count, oldest_at
