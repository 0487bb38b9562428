"""Which other objects of Stripe's a statement names: its payment, and what moved the balance."""

from collections.abc import Mapping
from typing import Final

from cardpay.domain.stripe_facts.events import Subject
from cardpay.domain.stripe_facts.snapshots import (
    BalanceTransactionSnapshot,
    ChargeSnapshot,
    CheckoutSessionSnapshot,
    DisputeSnapshot,
    PaymentIntentSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
)

_KINDS: Final[Mapping[type, Subject]] = {
    PaymentIntentSnapshot: Subject.PAYMENT_INTENT,
    ChargeSnapshot: Subject.CHARGE,
    RefundSnapshot: Subject.REFUND,
    DisputeSnapshot: Subject.DISPUTE,
    PayoutSnapshot: Subject.PAYOUT,
    CheckoutSessionSnapshot: Subject.CHECKOUT_SESSION,
}


def kind_of(stated: object) -> Subject:
    """Which kind of object it is."""
    return _KINDS[type(stated)]


def object_id_of(stated: object) -> str:
    """The object's own id."""
    match stated:
        case PaymentIntentSnapshot():
            return stated.payment_intent_id
        case ChargeSnapshot():
            return stated.charge_id
        case RefundSnapshot():
            return stated.refund_id
        case DisputeSnapshot():
            return stated.dispute_id
        case PayoutSnapshot():
            return stated.payout_id
        case BalanceTransactionSnapshot():
            return stated.balance_transaction_id
        case CheckoutSessionSnapshot():
            return stated.session_id
    raise TypeError(f"no object with an id: {type(stated).__name__}")


def ids_in(stated: object) -> list[str]:
    """The ids of the object and of the Charge that it may carry."""
    charge = stated.latest_charge if isinstance(stated, PaymentIntentSnapshot) else None
    return [object_id_of(stated), *([charge.charge_id] if charge is not None else [])]


def payment_intent_of(stated: object) -> str | None:
    """The id of the PaymentIntent that the object belongs to, or is."""
    if isinstance(
        stated, PaymentIntentSnapshot | ChargeSnapshot | RefundSnapshot | DisputeSnapshot
    ):
        return stated.payment_intent_id
    return None


def balance_transactions_of(stated: object) -> list[str]:
    """The ids of the balance transactions that the object names."""
    match stated:
        case PaymentIntentSnapshot():
            return balance_transactions_of(stated.latest_charge)
        case CheckoutSessionSnapshot():
            return balance_transactions_of(stated.payment_intent)
        case ChargeSnapshot() | RefundSnapshot() | PayoutSnapshot():
            named = (stated.balance_transaction_id, stated.failure_balance_transaction_id)
            return [one for one in named if one is not None]
        case DisputeSnapshot():
            return list(stated.balance_transaction_ids)
    return []


PARTIAL_CAPTURE_REVERSAL: Final = "partial_capture_reversal"
"""The reporting category of what a capture in part gives back of the authorised amount."""


def moves_the_balance(stated: object) -> bool:
    """Whether the object states that money came into the Stripe balance, or left it."""
    return bool(balance_transactions_of(stated) or unnamed_sources_of(stated))


def unnamed_sources_of(stated: object) -> list[tuple[str, str | None]]:
    """Objects that move the balance by a transaction which nothing names.

    Each is Stripe's id of the source, and the reporting category if that tells the transaction
    from another one of the same source: a transfer to a connected account (Connect), and what a
    capture in part gives back of the authorised amount (Stripe docs: "Reporting categories").
    """
    if isinstance(stated, CheckoutSessionSnapshot):
        return unnamed_sources_of(stated.payment_intent)
    if isinstance(stated, PaymentIntentSnapshot):
        return unnamed_sources_of(stated.latest_charge)
    if not isinstance(stated, ChargeSnapshot):
        return []
    found: list[tuple[str, str | None]] = []
    if stated.transfer_id is not None:
        found.append((stated.transfer_id, None))
    if stated.captured and stated.amount_captured_minor < stated.amount_minor:
        found.append((stated.charge_id, PARTIAL_CAPTURE_REVERSAL))
    return found
