"""Whether Stripe's events arrive and are applied."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from sqlalchemy import and_, func, select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.stripe_facts.events import EventState
from cardpay.storage import health_queries
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payment, StripeEvent

FAILURES: Final = 50  # how many are listed, newest first
# Stripe tells of each tried card within seconds (Stripe docs: "Webhooks"). The card of 23:59 is
# told of at 23:59, so that a desk where nothing happens has nothing to miss all night; and the
# first card of the morning has this long to be told of.
SILENCE: Final = timedelta(minutes=10)
_RECENT: Final = 1_000  # events among which the webhooks of late are looked for


@dataclass(frozen=True)
class FailedEvent:
    """An event that could not be applied, and is tried again.

    `event_row_id` is ours. The order is empty where the event is of no payment known here.
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
    """How the events of late have come. Those that Stripe's list brought are no webhooks.

    `typical_delay` is the median from Stripe's making an event to its arrival; Stripe gives the
    former in whole seconds. `waiting` counts what has arrived and is not applied yet, `failed`
    what could not be applied and is tried again. `untold_at` is when a card was tried last at
    this desk, if no webhook has come since, though Stripe has had SILENCE to send one.
    """

    last_received_at: datetime | None
    typical_delay: timedelta | None
    waiting: int
    failed: int
    failures: tuple[FailedEvent, ...]
    untold_at: datetime | None


def webhook_health(store: Store, actor: Actor, now: datetime) -> WebhookHealth:
    """As it is now; NotAllowed."""
    actor.require(Permission.USE_OPERATIONS)
    with store.reading() as session:
        recent = session.execute(
            select(
                col(StripeEvent.created_at), col(StripeEvent.received_at), col(StripeEvent.listed)
            )
            .order_by(col(StripeEvent.id).desc())
            .limit(_RECENT)
        ).all()
        webhooks = [
            (made_at, received_at) for made_at, received_at, listed in recent if not listed
        ]
        delays = [max(timedelta(), received_at - made_at) for made_at, received_at in webhooks]
        last_at = webhooks[0][1] if webhooks else None
        tried_at = health_queries.last_answer_before(session, now - SILENCE)
        is_untold = tried_at is not None and (last_at is None or last_at < tried_at)
        return WebhookHealth(
            last_received_at=last_at,
            typical_delay=median(delays) if delays else None,
            waiting=_count(session, EventState.RECEIVED, EventState.TO_ASK),
            failed=_count(session, EventState.FAILED),
            failures=_failures(session),
            untold_at=tried_at if is_untold else None,
        )


def _count(session: Session, *states: str) -> int:
    return session.scalars(
        select(func.count()).select_from(StripeEvent).where(col(StripeEvent.state).in_(states))
    ).one()


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
