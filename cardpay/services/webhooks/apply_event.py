"""Applying stored events: from their own fields where they suffice, else by asking Stripe."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_facts.events import EventState, Subject, fields_are_read, subject_of
from cardpay.domain.stripe_facts.named_objects import (
    balance_transactions_of,
    moves_the_balance,
    payment_intent_of,
    unnamed_sources_of,
)
from cardpay.domain.stripe_facts.snapshots import PayoutSnapshot
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.errors import ObjectUnreadable
from cardpay.gateway.stripe_gateway import API_VERSION, StripeGateway
from cardpay.logs.logger import failure, get_logger
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import (
    OF_ANOTHER,
    Applied,
    Fact,
    Stated,
    apply_facts,
)
from cardpay.services.stripe_facts.itemise_payouts import itemise_each
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payouts_to_itemise, settlements
from cardpay.storage.schema.tables import StripeEvent
from cardpay.storage.webhooks import event_queue

_log = get_logger(__name__)

# The actor of what an event brings about: nobody at the desk.
STRIPE: Final = Actor("stripe", frozenset(), "webhook")
# Another answer may be applied between ours and its applying: then Stripe is asked again.
MAX_RETRIEVES: Final = 4


class BelongsToNoPayment(CardpayError):
    """The object belongs to no PaymentIntent and moved no money, so it is not the desk's."""

    def __init__(self) -> None:
        super().__init__("This event doesn't belong to a PaymentIntent.")


class LinkOfOthers(BelongsToNoPayment):
    """A Checkout Session of another system's."""

    def __init__(self) -> None:
        CardpayError.__init__(self, "This Checkout Session isn't a payment link of the desk.")


class StillChanging(CardpayError):
    """The object changed each time while Stripe was asked about it."""

    def __init__(self) -> None:
        super().__init__("The payment kept changing while we asked Stripe about it.")


@dataclass(frozen=True)
class _Source:
    """How one kind of object is read from an event, and retrieved."""

    read: Callable[[Mapping[str, Any]], Stated]
    retrieve: Callable[[StripeGateway, str], Stated]


_SOURCES: Final[Mapping[Subject, _Source]] = {
    Subject.PAYMENT_INTENT: _Source(
        snapshot_parsing.payment_intent, StripeGateway.retrieve_payment_intent
    ),
    Subject.CHARGE: _Source(snapshot_parsing.charge, StripeGateway.retrieve_charge),
    Subject.REFUND: _Source(snapshot_parsing.refund, StripeGateway.retrieve_refund),
    Subject.DISPUTE: _Source(snapshot_parsing.dispute, StripeGateway.retrieve_dispute),
    Subject.PAYOUT: _Source(snapshot_parsing.payout, StripeGateway.retrieve_payout),
    Subject.CHECKOUT_SESSION: _Source(
        snapshot_parsing.checkout_session, StripeGateway.retrieve_checkout_session
    ),
}


def apply_payloads(
    session: Session, desk: Desk, events: Sequence[StripeEvent], *, claimed: bool = False
) -> int:
    """Apply what events say by themselves, and mark each as handled, ignored or to be retrieved.

    Asks Stripe nothing; `claimed` tells that this try is counted already. Returns how many are
    handled or ignored.
    """
    stated = [(event, said) for event in events if (said := _own_fields(event)) is not None]
    applied = apply_facts(session, desk, STRIPE, [Fact(said) for _, said in stated])
    missing = _Missing.of(session, desk, [said for _, said in stated])
    handled, ignored, of_others = set(), set(), set()
    for (event, said), outcome in zip(stated, applied, strict=True):
        if outcome is Applied.NOT_OURS:
            of_others.add(event.id)
        elif not _is_settled(said, outcome) or missing.is_named_by(said):
            continue
        elif outcome is Applied.TAKEN or moves_the_balance(said):
            handled.add(event.id)
        else:
            ignored.add(event.id)
    now = desk.now()
    event_queue.end_many(session, handled, EventState.HANDLED, now, claimed=claimed)
    event_queue.end_many(
        session, ignored, EventState.IGNORED, now, BelongsToNoPayment().what, claimed=claimed
    )
    event_queue.end_many(
        session, of_others, EventState.IGNORED, now, LinkOfOthers().what, claimed=claimed
    )
    others = {event.id for event in events} - handled - ignored - of_others
    event_queue.leave_to_retrieve(session, others, EventState.NEEDS_RETRIEVE, now)
    return len(handled) + len(ignored) + len(of_others)


def _is_settled(stated: Stated, outcome: Applied) -> bool:
    """Whether no row but those of the balance can follow from it any more.

    What belongs to no PaymentIntent, such as a Charge of an older version of the API or an account
    debit, is no payment's; but its money is in the books, whoever took it.
    """
    belongs_to_none = payment_intent_of(stated) is None
    return outcome is Applied.TAKEN or (outcome is Applied.UNKNOWN_PAYMENT and belongs_to_none)


def apply_with_retrieve(desk: Desk, event: StripeEvent) -> None:
    """Apply an event, asking Stripe where needed, and mark it handled in the same transaction.

    Raises BelongsToNoPayment, StillChanging, StripeUnavailable, RequestRefused, ObjectUnreadable:
    then it is not handled, and can be tried again any number of times.
    """
    subject = subject_of(event.type)
    assert subject is not None
    assert event.object_id is not None
    _apply(desk, subject, event.object_id, _own_fields(event), event)


def retrieve_and_apply(desk: Desk, subject: Subject, object_id: str) -> None:
    """Retrieve an object from Stripe and apply it, with its payment and its fees.

    Raises what `apply_with_retrieve` raises.
    """
    _apply(desk, subject, object_id, None, None)


def _own_fields(event: StripeEvent) -> Stated | None:
    """What the event's own fields state; None if they cannot be read."""
    subject = subject_of(event.type)
    assert subject is not None
    if not fields_are_read(event.api_version, API_VERSION):
        return None
    try:
        return _SOURCES[subject].read(event.fields)
    except snapshot_parsing.PARSING_ERRORS as error:
        _log.warning("event not readable", event_id=event.stripe_event_id, **failure(error))
        return None


def _apply(
    desk: Desk,
    subject: Subject,
    object_id: str,
    stated: Stated | None,
    event: StripeEvent | None,
) -> None:
    """Apply a statement, or without one what Stripe answers; then the fees that it names."""
    asked_at, link_asked = None, False
    for _ in range(MAX_RETRIEVES):
        if stated is None:
            asked_at = desk.now()
            stated = _SOURCES[subject].retrieve(desk.gateway, object_id)
        with desk.store.transaction() as session:
            fact = Fact(stated, asked_at, link_asked=link_asked)
            applied = apply_facts(session, desk, STRIPE, [fact])[0]
            missing = _Missing.of(session, desk, [stated])
            is_settled = _is_settled(stated, applied)
            is_whole = is_settled and not missing.is_named_by(stated)
            is_ours = applied is Applied.TAKEN or moves_the_balance(stated)
            if is_whole and is_ours:
                _mark_handled(session, desk, event)
        if is_whole and not is_ours:
            raise BelongsToNoPayment
        if is_settled and not is_whole:
            _apply_missing(desk, missing, event)
        if is_settled:
            return
        match applied:
            case Applied.UNKNOWN_PAYMENT:
                payment_intent_id = payment_intent_of(stated) or ""
                retrieve_and_apply(desk, Subject.PAYMENT_INTENT, payment_intent_id)
            case Applied.ASK_LINK:
                _apply_link_of(desk, payment_intent_of(stated) or "")
                link_asked = True
            case Applied.NOT_OURS:
                raise LinkOfOthers
            case Applied.OF_ANOTHER:
                raise ObjectUnreadable(OF_ANOTHER)
            case Applied.STALE:
                stated = None
    raise StillChanging


def _apply_link_of(desk: Desk, payment_intent_id: str) -> None:
    """Apply the Checkout Session that made a PaymentIntent, if one did."""
    found = desk.gateway.checkout_session_of(payment_intent_id)
    if found is not None:
        with suppress(LinkOfOthers):  # it has what others copied
            _apply(desk, Subject.CHECKOUT_SESSION, found.session_id, None, None)


@dataclass(frozen=True)
class _Missing:
    """What no row has: balance transactions, named or of a source, and what is in payouts."""

    transactions: Sequence[str]
    sources: Sequence[tuple[str, str | None]]
    payouts: Sequence[str]

    @classmethod
    def of(cls, session: Session, desk: Desk, stated: Sequence[Stated]) -> "_Missing":
        named = [one for said in stated for one in balance_transactions_of(said)]
        sources = [one for said in stated for one in unnamed_sources_of(said)]
        payouts = [one.payout_id for one in stated if isinstance(one, PayoutSnapshot)]
        return cls(
            settlements.unknown_balance_transactions(session, *desk.account.key, named),
            settlements.unknown_sources(session, *desk.account.key, sources),
            payouts_to_itemise.to_itemise(session, desk.account.key, payouts),
        )

    def is_named_by(self, stated: Stated) -> bool:
        """Whether the statement is about any of these."""
        if isinstance(stated, PayoutSnapshot) and stated.payout_id in self.payouts:
            return True
        return any(one in self.sources for one in unnamed_sources_of(stated)) or any(
            one in self.transactions for one in balance_transactions_of(stated)
        )


def _apply_missing(desk: Desk, missing: _Missing, event: StripeEvent | None) -> None:
    """Retrieve balance transactions, which state the fees and what else was moved."""
    found = [desk.gateway.retrieve_balance_transaction(one) for one in missing.transactions]
    for source_id, _ in missing.sources:
        found += desk.gateway.list_balance_transactions_of(source_id)
    itemise_each(desk, STRIPE, missing.payouts, lambda read: read())
    with desk.store.transaction() as session:
        apply_facts(session, desk, STRIPE, [Fact(one) for one in found])
        _mark_handled(session, desk, event)


def _mark_handled(session: Session, desk: Desk, event: StripeEvent | None) -> None:
    if event is not None:
        event_queue.end_many(session, {event.id}, EventState.HANDLED, desk.now())
