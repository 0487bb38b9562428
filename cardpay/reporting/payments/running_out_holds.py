"""Holds that run out soon, for whoever may capture them."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.attention_rules import RUNS_OUT_SOON, Attention
from cardpay.domain.money import Money
from cardpay.domain.payment.order import ERASED
from cardpay.reporting.payments.payments_list import visible_to
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import CustomerDetail, Payment


@dataclass(frozen=True)
class RunningOutHold:
    """A hold that needs a decision: capture it, or let it go."""

    payment_id: str
    amount: Money
    order_reference: str
    customer: str
    capture_before_at: datetime


def running_out_holds(store: Store, actor: Actor, now: datetime) -> tuple[RunningOutHold, ...]:
    """Those that the actor may capture and see, the first to run out first.

    Not one that has run out: nothing can be captured of it any more, and Stripe cancels its
    PaymentIntent. Empty for who may not capture.
    """
    if not (actor.may(Permission.CAPTURE_PAYMENT) and actor.may(Permission.BROWSE_PAYMENTS)):
        return ()
    with store.reading() as session:
        return _found(session, actor, now)


def _found(session: Session, actor: Actor, now: datetime) -> tuple[RunningOutHold, ...]:
    rows = session.execute(
        select(Payment, col(CustomerDetail.name), col(CustomerDetail.erased_at))
        .outerjoin(CustomerDetail, col(CustomerDetail.payment_id) == col(Payment.id))
        .where(
            Payment.attention == Attention.HOLD,
            col(Payment.act_by_at) > now,
            col(Payment.act_by_at) <= now + RUNS_OUT_SOON,
            or_(*visible_to(actor, now)),
        )
        .order_by(col(Payment.act_by_at), col(Payment.id))
    )
    return tuple(
        RunningOutHold(
            payment_id=payment.id,
            amount=Money(payment.amount_capturable_minor, payment.currency),
            order_reference=payment.order_reference,
            customer=ERASED if erased_at else name or "",
            capture_before_at=payment.act_by_at,
        )
        for payment, name, erased_at in rows
        if payment.act_by_at is not None
    )
