"""What may be the same order twice: a payment of the order, or the customer's same amount."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.money import Money
from cardpay.domain.payment.display_status import DisplayStatus, status_words
from cardpay.domain.payment.order import order_claim
from cardpay.domain.payment.status import CHARGED_OR_HELD
from cardpay.domain.stripe_account import StripeAccount
from cardpay.reporting.payments.payments_list import amount_of
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import CustomerDetail, Payment

SAME_AMOUNT_WITHIN: Final = timedelta(days=1)
"""The same amount from the same customer within this time may be the same order twice."""


@dataclass(frozen=True)
class EarlierDetails:
    """What of a payment only those learn who may see it."""

    payment_id: str
    display: DisplayStatus
    status: str
    amount: Money
    at: datetime
    taken_by: str


@dataclass(frozen=True)
class EarlierPayment:
    """A payment that somebody should know of before they charge.

    `sequence` is its number among its order's payments. Without `details` the person may not see
    the payment, and learns only that the order has one.
    """

    sequence: int
    order_reference: str
    details: EarlierDetails | None


def payment_of_order(
    store: Store,
    account: StripeAccount,
    actor: Actor,
    order_reference: str,
    *,
    draft_id: str,
    now: datetime,
) -> EarlierPayment | None:
    """The last payment that claims an order besides the draft's own; None if there is none.

    Raises NotAllowed.
    """
    actor = actor.require_to_look(Permission.TAKE_PAYMENT)
    claim = order_claim(order_reference)
    whose = (account.stripe_account_id, account.livemode)
    if not claim:
        return None
    with store.reading() as session:
        claims = payments.claims_of_order(session, *whose, claim)
        others = [payment for payment in claims if payment.id != draft_id]
        last = others[-1] if others else payments.paid_elsewhere(session, *whose, claim)
        return None if last is None else _earlier(session, actor, last, now, order_reference)


def same_amount_from_customer(
    store: Store, actor: Actor, customer_name: str, total: Money, *, draft_id: str, now: datetime
) -> EarlierPayment | None:
    """The customer's newest payment of the same amount within a day, if the person may see it.

    Raises NotAllowed.
    """
    actor = actor.require_to_look(Permission.TAKE_PAYMENT)
    name = customer_name.strip().casefold()
    if not name:
        return None
    newest = (
        select(Payment)
        .join(CustomerDetail, col(CustomerDetail.payment_id) == Payment.id)
        .where(
            CustomerDetail.search_name == name,
            col(CustomerDetail.created_at) > now - SAME_AMOUNT_WITHIN,
            col(Payment.status).in_(CHARGED_OR_HELD),
            Payment.amount_minor == total.amount_minor,
            Payment.currency == total.currency,
            Payment.id != draft_id,
        )
        .order_by(col(Payment.created_at).desc())
        .limit(1)
    )
    with store.reading() as session:
        found = session.exec(newest).first()
        if found is None or not actor.may_see(found.taken_by, found.created_at, now):
            return None
        return _earlier(session, actor, found, now, found.order_reference)


def _earlier(
    session: Session, actor: Actor, payment: Payment, now: datetime, order_reference: str
) -> EarlierPayment:
    """`order_reference` is what is said to who may not see the payment."""
    if not actor.may_see(payment.taken_by, payment.created_at, now):
        return EarlierPayment(payment.order_sequence, order_reference.strip(), None)
    details = EarlierDetails(
        payment_id=payment.id,
        display=payment.display_status,
        status=status_words(payment.display_status, payment.status),
        amount=amount_of(payment),
        at=payment.succeeded_at or payment.created_at,
        taken_by=names(session, [payment.taken_by])[payment.taken_by],
    )
    return EarlierPayment(payment.order_sequence, payment.order_reference, details)
