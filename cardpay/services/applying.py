"""The one way in: every fact that Stripe states, whoever brings it, is applied here.

Applying is idempotent and happens under the payment's row lock. A PaymentIntent has no
version, so truth about order is this: `succeeded` and `canceled` are final; any other status
is taken only from a request that began after the stored one was applied. Of two requests that
overlap, the one that began first may have been carried out last.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from cardpay.domain.actor import Actor
from cardpay.domain.payment import (
    SETTLED_ATTEMPTS,
    TERMINAL,
    AttemptOutcome,
    CancellationCause,
    DisplayStatus,
    PaymentStatus,
    display_status,
    may_follow,
)
from cardpay.domain.snapshots import (
    CardSnapshot,
    ChargeSnapshot,
    PaymentErrorSnapshot,
    PaymentIntentSnapshot,
)
from cardpay.services import audit
from cardpay.services.desk import Desk
from cardpay.services.operations import Kind, State
from cardpay.storage import payments
from cardpay.storage.engine import Session
from cardpay.storage.tables import Payment, PaymentAttempt

AUTHENTICATION_FAILURE = "payment_intent_authentication_failure"
_WITHOUT_MONEY = frozenset({DisplayStatus.CANCELLED, DisplayStatus.NOT_CHARGED})


class Applied(StrEnum):
    """What became of a snapshot."""

    TAKEN = "taken"
    STALE = "stale"  # its order is not known: ask Stripe again
    UNKNOWN_PAYMENT = "unknown_payment"


def apply_intent(
    session: Session,
    desk: Desk,
    actor: Actor,
    intent: PaymentIntentSnapshot,
    *,
    asked_at: datetime,
) -> Applied:
    """Take what a request that began at `asked_at` said about a PaymentIntent."""
    payment = _payment_of(session, desk, intent)
    if payment is None:
        return Applied.UNKNOWN_PAYMENT
    old = PaymentStatus(payment.status) if payment.status else None
    newer = payment.status_as_of is None or asked_at > payment.status_as_of
    if old in TERMINAL and intent.status is not old:
        return Applied.TAKEN  # an older view of a payment that has ended
    if not newer and intent.status not in TERMINAL and intent.status is not old:
        return Applied.STALE
    if not may_follow(old, intent.status):
        return Applied.STALE
    payment.status = intent.status.value
    if newer:
        payment.status_as_of = desk.now()
    payment.stripe_payment_intent_id = intent.payment_intent_id
    payment.stripe_created_at = intent.created_at
    payment.amount_received_minor = intent.amount_received_minor
    payment.amount_capturable_minor = intent.amount_capturable_minor
    payment.latest_charge_id = intent.latest_charge_id or payment.latest_charge_id
    if intent.status is PaymentStatus.CANCELED and old is not PaymentStatus.CANCELED:
        payment.canceled_at = intent.canceled_at or desk.now()
        payment.cancellation_cause = _cancellation_cause(session, payment).value
    if intent.status is PaymentStatus.SUCCEEDED and old is not PaymentStatus.SUCCEEDED:
        charge = intent.latest_charge
        payment.succeeded_at = charge.created_at if charge else desk.now()
    _apply_to_attempts(session, desk, payment, intent)
    if old is not intent.status:
        audit.record(
            session,
            actor,
            "payment.status",
            ("payment", payment.id),
            at=desk.now(),
            before={"status": old.value if old else None},
            after={"status": intent.status.value},
        )
    restate(session, desk, payment)
    return Applied.TAKEN


def apply_charge(
    session: Session, desk: Desk, payment: Payment, charge: ChargeSnapshot
) -> PaymentAttempt:
    """Take a Charge of the (locked) payment: its attempt, made now if no row has it yet."""
    attempt = payments.attempt_by_charge(
        session, payment.stripe_account_id, payment.livemode, charge.charge_id
    ) or _attempt_of_method(session, payment, charge.payment_method_id)
    if attempt is None or attempt.stripe_charge_id not in {None, charge.charge_id}:
        attempt = PaymentAttempt(
            id=f"charge-{charge.charge_id}",
            stripe_account_id=payment.stripe_account_id,
            livemode=payment.livemode,
            payment_id=payment.id,
            outcome=AttemptOutcome.PENDING.value,
            stripe_payment_method_id=charge.payment_method_id,
            currency=charge.currency,
            created_at=charge.created_at,
        )
        session.add(attempt)
    attempt.stripe_charge_id = charge.charge_id
    attempt.amount_minor = charge.amount_minor
    attempt.capture_before_at = charge.capture_before_at
    take_card(attempt, charge.card)
    if charge.status == "failed":
        attempt.failure_code = charge.failure_code or attempt.failure_code
        attempt.decline_code = attempt.decline_code or charge.decline_code
        attempt.network_decline_code = charge.network_decline_code or attempt.network_decline_code
        attempt.advice_code = charge.advice_code or attempt.advice_code
        _settle(attempt, AttemptOutcome.DECLINED, desk.now())
    elif charge.status == "pending":
        _settle(attempt, AttemptOutcome.PROCESSING, desk.now())
    else:
        captured = AttemptOutcome.SUCCEEDED if charge.captured else AttemptOutcome.AUTHORISED
        _settle(attempt, captured, desk.now())
    return attempt


def apply_decline(
    session: Session, desk: Desk, payment: Payment, error: PaymentErrorSnapshot
) -> None:
    """Take why a confirm of the (locked) payment failed."""
    attempt = _attempt_of_method(session, payment, error.payment_method_id)
    if attempt is None:
        return
    attempt.failure_code = error.code
    attempt.decline_code = error.decline_code
    attempt.network_decline_code = error.network_decline_code
    attempt.advice_code = error.advice_code
    attempt.stripe_charge_id = error.charge_id or attempt.stripe_charge_id
    take_card(attempt, error.card)
    failed = (
        AttemptOutcome.AUTHENTICATION_FAILED
        if error.code == AUTHENTICATION_FAILURE
        else AttemptOutcome.DECLINED
    )
    _settle(attempt, failed, desk.now())


def restate(session: Session, desk: Desk, payment: Payment) -> None:
    """Derive what is derived: the word that staff see, the shown card, the order's claim.

    Call it last in every transaction that touches a payment, its operations or its attempts.
    """
    session.flush()
    attempt = payments.last_attempt(session, payment.id)
    word = display_status(
        PaymentStatus(payment.status) if payment.status else None,
        has_open_operation=payments.open_operation(session, payment.id) is not None,
        last_attempt=AttemptOutcome(attempt.outcome) if attempt else None,
        cancellation_cause=(
            CancellationCause(payment.cancellation_cause) if payment.cancellation_cause else None
        ),
    )
    payment.display_status = word.value
    if attempt is not None and attempt.card_last4:
        payment.card_brand = attempt.card_brand
        payment.card_last4 = attempt.card_last4
    if word in _WITHOUT_MONEY:
        payment.order_claim = None  # the order may be paid by another payment now
    payment.updated_at = desk.now()
    session.add(payment)


def _payment_of(session: Session, desk: Desk, intent: PaymentIntentSnapshot) -> Payment | None:
    """The payment of a PaymentIntent, locked.

    Before our row knows the PaymentIntent's id (a create without an answer), the metadata
    names the payment; amount and currency must agree, since metadata can be edited.
    """
    books = desk.books
    known = payments.locked_by_intent(
        session, books.stripe_account_id, books.livemode, intent.payment_intent_id
    )
    named = intent.metadata.get("payment_id")
    if known is not None or named is None:
        return known
    payment = payments.locked(session, named)
    if (
        payment is None
        or payment.stripe_payment_intent_id is not None
        or payment.amount_minor != intent.amount_minor
        or payment.currency != intent.currency
    ):
        return None
    return payment


def _cancellation_cause(session: Session, payment: Payment) -> CancellationCause:
    """Ours, if the desk has asked for it; otherwise it was cancelled elsewhere."""
    asked = payments.last_operation(session, payment.id, Kind.CANCEL.value)
    if asked is None or asked.state == State.REFUSED.value:
        return CancellationCause.STRIPE
    return CancellationCause(asked.request["cause"])


def _apply_to_attempts(
    session: Session, desk: Desk, payment: Payment, intent: PaymentIntentSnapshot
) -> None:
    """Every confirm has a PaymentMethod of its own, so that is what ties facts to attempts."""
    if intent.last_error is not None:
        apply_decline(session, desk, payment, intent.last_error)
    if intent.latest_charge is not None:
        apply_charge(session, desk, payment, intent.latest_charge)
    if intent.status is PaymentStatus.REQUIRES_ACTION:
        attempt = _attempt_of_method(session, payment, intent.payment_method_id)
        if attempt is not None:
            _settle(attempt, AttemptOutcome.REQUIRES_ACTION, desk.now())
    if intent.status is PaymentStatus.CANCELED:
        for attempt in payments.attempts(session, payment.id):
            if AttemptOutcome(attempt.outcome) not in SETTLED_ATTEMPTS:
                attempt.outcome = AttemptOutcome.NOT_CHARGED.value
                attempt.settled_at = desk.now()
                session.add(attempt)


def _attempt_of_method(
    session: Session, payment: Payment, payment_method_id: str | None
) -> PaymentAttempt | None:
    """The newest attempt with this PaymentMethod."""
    if payment_method_id is None:
        return None
    of_method = [
        attempt
        for attempt in payments.attempts(session, payment.id)
        if attempt.stripe_payment_method_id == payment_method_id
    ]
    return of_method[-1] if of_method else None


def take_card(attempt: PaymentAttempt, card: CardSnapshot | None) -> None:
    """Keep what is storable about the card of an attempt; what Stripe left out stays."""
    if card is None:
        return
    facts: dict[str, Any] = {
        "card_brand": card.brand,
        "card_last4": card.last4,
        "card_exp_month": card.exp_month,
        "card_exp_year": card.exp_year,
        "card_country": card.country,
        "card_funding": card.funding,
        "card_fingerprint": card.fingerprint,
    }
    for column, value in facts.items():
        if value is not None:
            setattr(attempt, column, value)


def _settle(attempt: PaymentAttempt, outcome: AttemptOutcome, now: datetime) -> None:
    """Move an attempt on; one that has settled stays as it is."""
    if AttemptOutcome(attempt.outcome) in SETTLED_ATTEMPTS:
        return
    attempt.outcome = outcome.value
    if outcome in SETTLED_ATTEMPTS:
        attempt.settled_at = now
