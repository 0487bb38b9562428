"""Whether Stripe's events arrive and are applied."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from sqlalchemy import and_, select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.stripe_facts.events import EventState
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payment, StripeEvent
from cardpay.storage.webhooks.delivery_statistics import (
    count_in_states,
    last_answer_before,
    recent_webhooks,
)

FAILURES: Final = 50  # how many are listed, newest first
# Stripe sends an event for each tried card within seconds (Stripe docs: "Webhooks"). So silence is
# measured from the last card that was tried: a desk where nothing happens misses nothing at night.
SILENCE: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class FailedEvent:
    """An event that could not be applied and is tried again.

    `event_row_id` is our own id. The order is empty if the event is about no payment known here.
    """

    event_row_id: int
    type: str
    stripe_event_id: str
    order_reference: str
    payment_id: str | None
    received_at: datetime
    problem: str
    tries: int
    next_try_at: datetime | None


@dataclass(frozen=True)
class WebhookHealth:
    """How recent webhooks arrived. Events that Stripe's list brought do not count.

    `typical_delay` is the median time from an event's creation, which Stripe gives in whole
    seconds, to its arrival. `waiting` counts events that are not applied yet, `failed` those that
    could not be applied and are tried again. `untold_at` is when a card was last tried at this
    desk if no webhook came since, though Stripe had SILENCE to send one.
    """

    last_received_at: datetime | None
    typical_delay: timedelta | None
    waiting: int
    failed: int
    failures: tuple[FailedEvent, ...]
    untold_at: datetime | None


def webhook_health(store: Store, actor: Actor, now: datetime) -> WebhookHealth:
    """The health at the time `now`. Raises NotAllowed."""
    actor.require(Permission.USE_OPERATIONS)
    with store.reading() as session:
        webhooks = recent_webhooks(session)
        delays = [max(0.0, (one.received_at - one.created_at).total_seconds()) for one in webhooks]
        last_at = webhooks[0].received_at if webhooks else None
        tried_at = last_answer_before(session, now - SILENCE)
        is_untold = tried_at is not None and (last_at is None or last_at < tried_at)
        return WebhookHealth(
            last_received_at=last_at,
            typical_delay=timedelta(seconds=median(delays)) if delays else None,
            waiting=count_in_states(session, EventState.RECEIVED, EventState.NEEDS_RETRIEVE)[0],
            failed=count_in_states(session, EventState.FAILED)[0],
            failures=_failures(session),
            untold_at=tried_at if is_untold else None,
        )


def _failures(session: Session) -> tuple[FailedEvent, ...]:
    rows = session.execute(
        select(StripeEvent, Payment)
        .outerjoin(
            Payment,
            and_(
                col(Payment.stripe_payment_intent_id) == col(StripeEvent.stripe_payment_intent_id),
                col(Payment.stripe_account_id) == col(StripeEvent.stripe_account_id),
                col(Payment.livemode) == col(StripeEvent.livemode),
            ),
        )
        .where(col(StripeEvent.state) == EventState.FAILED)
        .order_by(col(StripeEvent.id).desc())
        .limit(FAILURES)
    )
    return tuple(_failure(event, payment) for event, payment in rows)


def _failure(event: StripeEvent, payment: Payment | None) -> FailedEvent:
    assert event.id is not None
    return FailedEvent(
        event_row_id=event.id,
        type=event.type,
        stripe_event_id=event.stripe_event_id,
        order_reference=payment.order_reference if payment else "",
        payment_id=payment.id if payment else None,
        received_at=event.received_at,
        problem=event.problem or "",
        tries=event.tries,
        next_try_at=event.next_try_at,
    )
