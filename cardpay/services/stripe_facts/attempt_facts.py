"""What Stripe says about one confirm, put into its attempt. The payment's row is locked.

Each fact fills what it knows and leaves the rest, so that the attempts are the same whichever
fact came first. `payment_facts` calls these.
"""

from datetime import datetime

from cardpay.domain.payment.attempt import SETTLED_ATTEMPTS, AttemptOutcome
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.stripe_facts.snapshots import (
    CardSnapshot,
    ChargeSnapshot,
    ChargeStatus,
    PaymentErrorSnapshot,
    PaymentIntentSnapshot,
)
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payment_attempts
from cardpay.storage.schema.tables import Payment, PaymentAttempt

_AUTHENTICATION_FAILURE = "payment_intent_authentication_failure"
_FAILURES = frozenset({AttemptOutcome.DECLINED, AttemptOutcome.AUTHENTICATION_FAILED})


def outcome_of_charge(charge: ChargeSnapshot) -> AttemptOutcome:
    """How the attempt ended, or how far it is, that became this Charge."""
    match charge.status:
        case ChargeStatus.FAILED:
            return AttemptOutcome.DECLINED
        case ChargeStatus.PENDING:
            return AttemptOutcome.PROCESSING
        case _:
            return AttemptOutcome.SUCCEEDED if charge.captured else AttemptOutcome.AUTHORISED


def outcome_of_error(error: PaymentErrorSnapshot) -> AttemptOutcome:
    """How the attempt ended that Stripe reports as a PaymentIntent's last error."""
    if error.code == _AUTHENTICATION_FAILURE:
        return AttemptOutcome.AUTHENTICATION_FAILED
    return AttemptOutcome.DECLINED


def take_charge(
    session: Session, desk: Desk, payment: Payment, charge: ChargeSnapshot
) -> PaymentAttempt:
    """Take a Charge of the payment: its attempt, made now if no row has it yet."""
    attempt = _attempt_of_charge(
        session, payment, charge.charge_id, charge.payment_method_id
    ) or _attempt_made_elsewhere(
        session, payment, charge.charge_id, charge.payment_method_id, charge.created_at
    )
    if attempt.operation_id is None:
        attempt.created_at = charge.created_at
    attempt.stripe_charge_id = charge.charge_id
    attempt.amount_minor = charge.amount_minor
    take_card(attempt, charge.card)
    outcome = outcome_of_charge(charge)
    if outcome is AttemptOutcome.DECLINED:
        attempt.failure_code = charge.failure_code or attempt.failure_code
        attempt.decline_code = attempt.decline_code or charge.decline_code
        attempt.network_decline_code = charge.network_decline_code or attempt.network_decline_code
        attempt.advice_code = charge.advice_code or attempt.advice_code
    _settle(attempt, outcome, desk.now())
    taken = attempt.outcome == AttemptOutcome.SUCCEEDED
    attempt.capture_before_at = (
        None if taken else charge.capture_before_at or attempt.capture_before_at
    )
    if taken:
        payment.succeeded_at = charge.created_at
    return attempt


def take_decline(
    session: Session, desk: Desk, payment: Payment, error: PaymentErrorSnapshot
) -> None:
    """Take why a confirm of the payment failed."""
    attempt = _attempt_of_charge(session, payment, error.charge_id, error.payment_method_id)
    if attempt is None and error.charge_id is not None:
        attempt = _attempt_made_elsewhere(
            session, payment, error.charge_id, error.payment_method_id, desk.now()
        )
    if attempt is None or attempt.outcome == AttemptOutcome.SUCCEEDED:
        return
    attempt.failure_code = error.code
    attempt.decline_code = error.decline_code
    attempt.network_decline_code = error.network_decline_code or attempt.network_decline_code
    attempt.advice_code = error.advice_code or attempt.advice_code
    attempt.stripe_charge_id = error.charge_id or attempt.stripe_charge_id
    take_card(attempt, error.card)
    _settle(attempt, outcome_of_error(error), desk.now())


def take_challenge(
    session: Session, desk: Desk, payment: Payment, intent: PaymentIntentSnapshot
) -> None:
    """The confirm with the PaymentIntent's PaymentMethod waits for the cardholder."""
    attempt = _attempt_of_charge(session, payment, None, intent.payment_method_id)
    if attempt is not None:
        _settle(attempt, AttemptOutcome.REQUIRES_ACTION, desk.now())


def close_attempts(session: Session, desk: Desk, payment: Payment) -> None:
    """Once a payment has ended, an attempt without an outcome of its own did not charge.

    Of a payment that succeeded, the one that did may still wait for its Charge to be known.
    """
    if payment.status not in {PaymentStatus.CANCELED, PaymentStatus.SUCCEEDED}:
        return
    session.flush()
    found = payment_attempts.of_payment(session, payment.id)
    succeeded = any(attempt.outcome == AttemptOutcome.SUCCEEDED for attempt in found)
    if payment.status == PaymentStatus.SUCCEEDED and not succeeded:
        return
    for attempt in found:
        if attempt.outcome not in SETTLED_ATTEMPTS:
            attempt.outcome = AttemptOutcome.NOT_CHARGED
            attempt.settled_at = desk.now()
            session.add(attempt)


def take_card(attempt: PaymentAttempt, card: CardSnapshot | None) -> None:
    """Keep what is storable about the card of an attempt; what Stripe left out stays."""
    if card is None:
        return
    facts = {
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


def _attempt_of_charge(
    session: Session, payment: Payment, charge_id: str | None, payment_method_id: str | None
) -> PaymentAttempt | None:
    """The attempt that became the Charge, else the newest one with its PaymentMethod.

    Every confirm of the desk's has a PaymentMethod of its own. Elsewhere a saved one may be
    charged again and again: then an attempt that has another Charge is another attempt.
    """
    if charge_id is not None:
        known = payment_attempts.by_charge(
            session, payment.stripe_account_id, payment.livemode, charge_id
        )
        if known is not None:
            return known
    if payment_method_id is None:
        return None
    of_method = [
        attempt
        for attempt in payment_attempts.of_payment(session, payment.id)
        if attempt.stripe_payment_method_id == payment_method_id
        and (charge_id is None or attempt.stripe_charge_id is None)
    ]
    return of_method[-1] if of_method else None


def _attempt_made_elsewhere(
    session: Session,
    payment: Payment,
    charge_id: str,
    payment_method_id: str | None,
    created_at: datetime,
) -> PaymentAttempt:
    """A new attempt for a Charge that the desk did not ask for."""
    attempt = PaymentAttempt(
        id=f"charge-{charge_id}",
        stripe_account_id=payment.stripe_account_id,
        livemode=payment.livemode,
        payment_id=payment.id,
        outcome=AttemptOutcome.PENDING,
        stripe_payment_method_id=payment_method_id,
        stripe_charge_id=charge_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        created_at=created_at,
    )
    session.add(attempt)
    return attempt


def _settle(attempt: PaymentAttempt, outcome: AttemptOutcome, now: datetime) -> None:
    """Move an attempt on; one that has settled stays as it is.

    `NOT_CHARGED` did not come from Stripe but was concluded from the payment's end, so what Stripe
    says about the attempt itself replaces it. `REFUSED` was the answer to one request; anything
    else that Stripe says of the attempt shows that another request with its card was carried out.
    """
    old = attempt.outcome
    refused = old is AttemptOutcome.REFUSED
    concluded = old is AttemptOutcome.NOT_CHARGED and outcome in SETTLED_ATTEMPTS
    if old in SETTLED_ATTEMPTS and not (refused or concluded):
        return
    attempt.outcome = outcome
    if refused and outcome not in _FAILURES:
        attempt.failure_code = None  # why the request was refused
    attempt.settled_at = now if outcome in SETTLED_ATTEMPTS else None
