"""Which other objects of Stripe's a statement names: its payment, and what moved the balance."""

from collections.abc import Mapping
from typing import Final

from cardpay.domain.stripe_facts.events import Subject
from cardpay.domain.stripe_facts.snapshots import (
    ChargeSnapshot,
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
    raise TypeError(f"no object with an id: {type(stated).__name__}")


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
        case ChargeSnapshot() | RefundSnapshot() | PayoutSnapshot():
            named = (stated.balance_transaction_id, stated.failure_balance_transaction_id)
            return [one for one in named if one is not None]
        case DisputeSnapshot():
            return list(stated.balance_transaction_ids)
    return []


def transfer_of(stated: object) -> str | None:
    """The id of the transfer to a connected account that a Charge brought about (Connect)."""
    if isinstance(stated, PaymentIntentSnapshot):
        return transfer_of(stated.latest_charge)
    return stated.transfer_id if isinstance(stated, ChargeSnapshot) else None
