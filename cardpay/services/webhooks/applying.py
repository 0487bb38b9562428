"""Applying one stored event: from its own fields where they suffice, else by asking Stripe.

An event is told in the API version of its endpoint or account at its making. In another version
than ours its type and ids alone are used, and the object is retrieved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_facts.events import EventState, Subject, subject_of
from cardpay.domain.stripe_facts.settlement_snapshots import DisputeSnapshot, RefundSnapshot
from cardpay.domain.stripe_facts.snapshots import ChargeSnapshot, PaymentIntentSnapshot
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
from cardpay.storage.webhooks import events

# Whoever acts on an event: nobody at the desk.
STRIPE: Final = Actor("stripe", frozenset(), "webhook")
# Between an answer and its applying others may come, which makes it one to ask for again.
LOOKS: Final = 4

Snapshot = TypeVar("Snapshot")


class BelongsToNoPayment(CardpayError):
    """The object hangs on no PaymentIntent, so it is none of the desk's."""

    def __init__(self) -> None:
        super().__init__("This event doesn't belong to a PaymentIntent.")


class OrderUnclear(CardpayError):
    """Others kept changing the object while Stripe was asked about it."""

    def __init__(self) -> None:
        super().__init__("The payment kept changing while we asked Stripe about it.")


@dataclass(frozen=True)
class _Source(Generic[Snapshot]):
    """How one kind of object is read, asked for and applied."""

    read: Callable[[Mapping[str, Any]], Snapshot]
    retrieve: Callable[[StripeGateway, str], Snapshot]
    apply: Callable[[Session, Desk, Snapshot, datetime | None], Applied]
    payment_intent_id: Callable[[Snapshot], str | None]
    balance_transaction_ids: Callable[[Snapshot], tuple[str | None, ...]]


def apply_told(desk: Desk, event: StripeEvent) -> None:
    """Apply what an event says by itself, or leave it to whoever asks Stripe. It asks nothing.

    Raises BelongsToNoPayment.
    """
    source, _, told = _read(event)
    with desk.store.transaction() as session:
        if told is not None:
            applied = source.apply(session, desk, told, None)
            fees = _unknown_fees(session, desk, source.balance_transaction_ids(told))
            if applied is Applied.TAKEN and not fees:
                _mark_handled(session, desk, event)
                return
            if applied is Applied.UNKNOWN_PAYMENT and source.payment_intent_id(told) is None:
                raise BelongsToNoPayment
        events.leave_to_ask(session, event.id, EventState.TO_ASK, desk.now())


def handle(desk: Desk, event: StripeEvent) -> None:
    """Apply an event, asking Stripe where needed, and mark it handled in the same transaction.

    Raises BelongsToNoPayment, OrderUnclear, StripeUnavailable, RequestRefused: then it is not
    handled, and may be tried again as often as one likes.
    """
    source, object_id, told = _read(event)
    _bring(desk, source, object_id, told, event)


def bring(desk: Desk, subject: Subject, object_id: str) -> None:
    """Ask Stripe about an object and apply the answer, with its payment and its fees.

    Errors: as those of `handle`.
    """
    _bring(desk, _SOURCES[subject], object_id, None, None)


def _read(event: StripeEvent) -> tuple[_Source[Any], str, Any]:
    """Of what kind its object is, the object's id, and what it says if that can be read."""
    subject = subject_of(event.type)
    assert subject is not None
    assert event.object_id is not None
    source = _SOURCES[subject]
    told = source.read(event.fields) if event.api_version == API_VERSION else None
    return source, event.object_id, told


def _bring(
    desk: Desk,
    source: _Source[Any],
    object_id: str,
    told: object | None,
    event: StripeEvent | None,
) -> None:
    """Apply what was told, or what Stripe answers; then the fees that it names."""
    asked_at = None
    for _ in range(LOOKS):
        if told is None:
            asked_at = desk.now()
            told = source.retrieve(desk.gateway, object_id)
        with desk.store.transaction() as session:
            applied = source.apply(session, desk, told, asked_at)
            fees = _unknown_fees(session, desk, source.balance_transaction_ids(told))
            if applied is Applied.TAKEN and not fees:
                _mark_handled(session, desk, event)
                return
        match applied:
            case Applied.TAKEN:
                _bring_fees(desk, fees, event)
                return
            case Applied.UNKNOWN_PAYMENT:
                payment_intent_id = source.payment_intent_id(told)
                if payment_intent_id is None:
                    raise BelongsToNoPayment
                _bring(desk, _SOURCES[Subject.PAYMENT_INTENT], payment_intent_id, None, None)
            case Applied.STALE:
                told = None
    raise OrderUnclear


def _bring_fees(desk: Desk, fees: list[str], event: StripeEvent | None) -> None:
    found = [desk.gateway.retrieve_balance_transaction(fee) for fee in fees]
    with desk.store.transaction() as session:
        for transaction in found:
            apply_balance_transaction(session, desk, transaction)
        _mark_handled(session, desk, event)


def _unknown_fees(session: Session, desk: Desk, named: tuple[str | None, ...]) -> list[str]:
    account = desk.account
    return settlements.unknown_balance_transactions(
        session, account.stripe_account_id, account.livemode, [fee for fee in named if fee]
    )


def _mark_handled(session: Session, desk: Desk, event: StripeEvent | None) -> None:
    if event is not None:
        events.end(session, event.id, EventState.HANDLED, desk.now(), problem=None)


def _fees_of_intent(intent: PaymentIntentSnapshot) -> tuple[str | None, ...]:
    return (intent.latest_charge.balance_transaction_id,) if intent.latest_charge else ()


_SOURCES: Final[Mapping[Subject, _Source[Any]]] = {
    Subject.PAYMENT_INTENT: _Source[PaymentIntentSnapshot](
        read=snapshot_parsing.payment_intent,
        retrieve=StripeGateway.retrieve_payment_intent,
        apply=lambda session, desk, told, asked_at: apply_intent(
            session, desk, STRIPE, told, asked_at=asked_at
        ),
        payment_intent_id=lambda told: told.payment_intent_id,
        balance_transaction_ids=_fees_of_intent,
    ),
    Subject.CHARGE: _Source[ChargeSnapshot](
        read=snapshot_parsing.charge,
        retrieve=StripeGateway.retrieve_charge,
        apply=lambda session, desk, told, _asked_at: apply_charge(session, desk, told),
        payment_intent_id=lambda told: told.payment_intent_id,
        balance_transaction_ids=lambda told: (told.balance_transaction_id,),
    ),
    Subject.REFUND: _Source[RefundSnapshot](
        read=snapshot_parsing.refund,
        retrieve=StripeGateway.retrieve_refund,
        apply=lambda session, desk, told, asked_at: apply_refund(
            session, desk, STRIPE, told, asked_at=asked_at
        ),
        payment_intent_id=lambda told: told.payment_intent_id,
        balance_transaction_ids=lambda told: (told.balance_transaction_id,),
    ),
    Subject.DISPUTE: _Source[DisputeSnapshot](
        read=snapshot_parsing.dispute,
        retrieve=StripeGateway.retrieve_dispute,
        apply=lambda session, desk, told, asked_at: apply_dispute(
            session, desk, STRIPE, told, asked_at=asked_at
        ),
        payment_intent_id=lambda told: told.payment_intent_id,
        balance_transaction_ids=lambda told: told.balance_transaction_ids,
    ),
}
