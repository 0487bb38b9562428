"""Payments taken elsewhere: in Stripe's dashboard, or by another system."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.order import order_claim
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.database.inserts import insert_if_absent
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import Payment

TAKEN_BY = "elsewhere"
PRODUCT_NAME = "Taken elsewhere"
_LONGEST_REFERENCE = 200


def payment_taken_elsewhere(
    session: Session, desk: Desk, intent: PaymentIntentSnapshot
) -> Payment:
    """A new payment for a PaymentIntent that no payment has, locked and without a status.

    It claims no order, so that it never stands in the way of one that the desk has begun; whether
    a reference was paid elsewhere is asked when the next payment for it begins. The
    PaymentIntent's description is left out, since other systems put names into it.
    """
    row = Payment(**new_row(desk, intent))
    named = session.get(Payment, intent.metadata.get("payment_id", ""))
    # A second PaymentIntent of one of our payments comes from a create that was abandoned: it is
    # the desk's, claims no order, and recovery cancels it.
    row.taken_at_desk = named is not None and named.taken_at_desk
    insert_if_absent(session, row)
    payment = payments.locked(session, payment_id(intent.payment_intent_id))
    assert payment is not None
    return payment


def new_row(desk: Desk, intent: PaymentIntentSnapshot) -> dict[str, Any]:
    """The row before anything is applied to it, by column."""
    reference = order_reference(intent)
    return {
        "id": payment_id(intent.payment_intent_id),
        "stripe_account_id": desk.account.stripe_account_id,
        "livemode": desk.account.livemode,
        "display_status": DisplayStatus.CHECKING,
        "amount_minor": intent.amount_minor,
        "currency": intent.currency,
        "stripe_payment_intent_id": intent.payment_intent_id,
        "stripe_created_at": intent.created_at,
        "product_name": PRODUCT_NAME,
        "order_reference": reference,
        "search_reference": order_claim(reference),
        "taken_by": TAKEN_BY,
        "taken_at_desk": False,
        "created_at": intent.created_at,
        "updated_at": desk.now(),
    }


def payment_id(payment_intent_id: str) -> str:
    """The id of a payment taken elsewhere: every process makes the same."""
    return str(uuid5(NAMESPACE_URL, f"stripe:{payment_intent_id}"))


def order_reference(intent: PaymentIntentSnapshot) -> str:
    """The order reference in the metadata, if there is one; else the PaymentIntent's id."""
    given = mask_card_numbers(intent.metadata.get("order_reference", "")).strip()
    return given[:_LONGEST_REFERENCE] or intent.payment_intent_id
