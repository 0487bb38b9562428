"""Applying one stored event: from its own fields where they suffice, else by asking Stripe.

Stripe renders an event in the API version that its endpoint or account had at the time. If that is
not ours, only its type and ids are used, and the object is retrieved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_facts.events import EventState, Subject, subject_of
from cardpay.domain.stripe_facts.snapshots import (
    ChargeSnapshot,
    DisputeSnapshot,
    PaymentIntentSnapshot,
    RefundSnapshot,
)
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.stripe_gateway import API_VERSION, StripeGateway
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.payment_facts import Applied, apply_charge, apply_intent
from cardpay.services.stripe_facts.settlement_facts import (
    apply_balance_transaction,
    apply_dispute,
    apply_refund,
)
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import settlements
from cardpay.storage.schema.tables import StripeEvent
from cardpay.storage.webhooks import event_queue

# The actor of what an event brings about: nobody at the desk.
STRIPE: Final = Actor("stripe", frozenset(), "webhook")
# Another answer may be applied between ours and its applying: then Stripe is asked again.
MAX_RETRIEVES: Final = 4

Snapshot = TypeVar("Snapshot")


class BelongsToNoPayment(CardpayError):
    """The object belongs to no PaymentIntent, so it is not the desk's."""

    def __init__(self) -> None:
        super().__init__("This event doesn't belong to a PaymentIntent.")


class StillChanging(CardpayError):
    """The object changed each time while Stripe was asked about it."""

    def __init__(self) -> None:
        super().__init__("The payment kept changing while we asked Stripe about it.")


@dataclass(frozen=True)
class _Source(Generic[Snapshot]):
    """How one kind of object is read from an event, retrieved and applied."""

    read: Callable[[Mapping[str, Any]], Snapshot]
    retrieve: Callable[[StripeGateway, str], Snapshot]
    apply: Callable[[Session, Desk, Snapshot, datetime | None], Applied]
    payment_intent_id: Callable[[Snapshot], str | None]
    balance_transaction_ids: Callable[[Snapshot], tuple[str | None, ...]]


def apply_payload(desk: Desk, event: StripeEvent) -> None:
    """Apply what an event's own fields say; if they do not suffice, mark it NEEDS_RETRIEVE.

    Asks Stripe nothing. Raises BelongsToNoPayment.
    """
    source, _, stated = _read(event)
    with desk.store.transaction() as session:
        if stated is not None:
            applied = source.apply(session, desk, stated, None)
            missing = _missing_fees(session, desk, source.balance_transaction_ids(stated))
            if applied is Applied.TAKEN and not missing:
                _mark_handled(session, desk, event)
                return
            if applied is Applied.UNKNOWN_PAYMENT and source.payment_intent_id(stated) is None:
                raise BelongsToNoPayment
        event_queue.leave_to_retrieve(session, event.id, EventState.NEEDS_RETRIEVE, desk.now())


def apply_with_retrieve(desk: Desk, event: StripeEvent) -> None:
    """Apply an event, asking Stripe where needed, and mark it handled in the same transaction.

    Raises BelongsToNoPayment, StillChanging, StripeUnavailable, RequestRefused: then it is not
    handled, and can be tried again any number of times.
    """
    source, object_id, stated = _read(event)
    _apply(desk, source, object_id, stated, event)


def retrieve_and_apply(desk: Desk, subject: Subject, object_id: str) -> None:
    """Retrieve an object from Stripe and apply it, with its payment and its fees.

    Raises what `apply_with_retrieve` raises.
    """
    _apply(desk, _SOURCES[subject], object_id, None, None)


def _read(event: StripeEvent) -> tuple[_Source[Any], str, Any]:
    """How the event's object is applied, its id, and its snapshot if the fields can be read."""
    subject = subject_of(event.type)
    assert subject is not None
    assert event.object_id is not None
    source = _SOURCES[subject]
    readable = event.api_version == API_VERSION
    return source, event.object_id, source.read(event.fields) if readable else None


def _apply(
    desk: Desk,
    source: _Source[Any],
    object_id: str,
    stated: object | None,
    event: StripeEvent | None,
) -> None:
    """Apply a snapshot, or without one what Stripe answers; then the fees that it names."""
    asked_at = None
    for _ in range(MAX_RETRIEVES):
        if stated is None:
            asked_at = desk.now()
            stated = source.retrieve(desk.gateway, object_id)
        with desk.store.transaction() as session:
            applied = source.apply(session, desk, stated, asked_at)
            missing = _missing_fees(session, desk, source.balance_transaction_ids(stated))
            if applied is Applied.TAKEN and not missing:
                _mark_handled(session, desk, event)
                return
        match applied:
            case Applied.TAKEN:
                _apply_fees(desk, missing, event)
                return
            case Applied.UNKNOWN_PAYMENT:
                payment_intent_id = source.payment_intent_id(stated)
                if payment_intent_id is None:
                    raise BelongsToNoPayment
                retrieve_and_apply(desk, Subject.PAYMENT_INTENT, payment_intent_id)
            case Applied.STALE:
                stated = None
    raise StillChanging


def _apply_fees(desk: Desk, missing: list[str], event: StripeEvent | None) -> None:
    found = [desk.gateway.retrieve_balance_transaction(one) for one in missing]
    with desk.store.transaction() as session:
        for transaction in found:
            apply_balance_transaction(session, desk, transaction)
        _mark_handled(session, desk, event)


def _missing_fees(session: Session, desk: Desk, named: tuple[str | None, ...]) -> list[str]:
    """The balance transactions, which state the fees, that no row has yet."""
    account = desk.account
    return settlements.unknown_balance_transactions(
        session, account.stripe_account_id, account.livemode, [one for one in named if one]
    )


def _mark_handled(session: Session, desk: Desk, event: StripeEvent | None) -> None:
    if event is not None:
        event_queue.end(session, event.id, EventState.HANDLED, desk.now(), problem=None)


def _fees_of_intent(intent: PaymentIntentSnapshot) -> tuple[str | None, ...]:
    return (intent.latest_charge.balance_transaction_id,) if intent.latest_charge else ()


_SOURCES: Final[Mapping[Subject, _Source[Any]]] = {
    Subject.PAYMENT_INTENT: _Source[PaymentIntentSnapshot](
        read=snapshot_parsing.payment_intent,
        retrieve=StripeGateway.retrieve_payment_intent,
        apply=lambda session, desk, stated, asked_at: apply_intent(
            session, desk, STRIPE, stated, asked_at=asked_at
        ),
        payment_intent_id=lambda stated: stated.payment_intent_id,
        balance_transaction_ids=_fees_of_intent,
    ),
    Subject.CHARGE: _Source[ChargeSnapshot](
        read=snapshot_parsing.charge,
        retrieve=StripeGateway.retrieve_charge,
        apply=lambda session, desk, stated, _asked_at: apply_charge(session, desk, stated),
        payment_intent_id=lambda stated: stated.payment_intent_id,
        balance_transaction_ids=lambda stated: (stated.balance_transaction_id,),
    ),
    Subject.REFUND: _Source[RefundSnapshot](
        read=snapshot_parsing.refund,
        retrieve=StripeGateway.retrieve_refund,
        apply=lambda session, desk, stated, asked_at: apply_refund(
            session, desk, STRIPE, stated, asked_at=asked_at
        ),
        payment_intent_id=lambda stated: stated.payment_intent_id,
        balance_transaction_ids=lambda stated: (stated.balance_transaction_id,),
    ),
    Subject.DISPUTE: _Source[DisputeSnapshot](
        read=snapshot_parsing.dispute,
        retrieve=StripeGateway.retrieve_dispute,
        apply=lambda session, desk, stated, asked_at: apply_dispute(
            session, desk, STRIPE, stated, asked_at=asked_at
        ),
        payment_intent_id=lambda stated: stated.payment_intent_id,
        balance_transaction_ids=lambda stated: stated.balance_transaction_ids,
    ),
}
