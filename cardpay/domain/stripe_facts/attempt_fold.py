"""What Stripe says about one confirm or Charge of a payment, folded into its attempts.

Each statement fills what it knows and leaves the rest, so that the attempts are the same whichever
came first. How far a Charge is only ever moves on, so that its order needs no asking; what else an
event would change of a known Charge has to be asked about.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from cardpay.domain.payment.attempt import FAILED_ATTEMPTS, SETTLED_ATTEMPTS, AttemptOutcome
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.stripe_facts.field_rules import ATTEMPT, follow
from cardpay.domain.stripe_facts.known import AttemptFields, KnownPayment, with_changes
from cardpay.domain.stripe_facts.precedence import Verdict
from cardpay.domain.stripe_facts.snapshots import (
    ChargeSnapshot,
    ChargeStatus,
    MethodSnapshot,
    PaymentErrorSnapshot,
)

_AUTHENTICATION_FAILURE = "payment_intent_authentication_failure"


def outcome_of_charge(charge: ChargeSnapshot) -> AttemptOutcome:
    """How the attempt ended, or how far it is, that became this Charge."""
    if charge.status == ChargeStatus.FAILED:
        return AttemptOutcome.DECLINED
    if charge.status == ChargeStatus.SUCCEEDED:
        return AttemptOutcome.SUCCEEDED if charge.captured else AttemptOutcome.AUTHORISED
    return AttemptOutcome.PROCESSING


def outcome_of_error(error: PaymentErrorSnapshot) -> AttemptOutcome:
    """How the attempt ended that Stripe reports as a PaymentIntent's last error."""
    if error.code == _AUTHENTICATION_FAILURE:
        return AttemptOutcome.AUTHENTICATION_FAILED
    return AttemptOutcome.DECLINED


def fold_charge(
    known: KnownPayment, charge: ChargeSnapshot, asked_at: datetime | None, now: datetime
) -> tuple[KnownPayment, Verdict]:
    """Take a Charge of the payment: its attempt, made now if there is none for it yet.

    With the verdict ASK nothing is taken.
    """
    attempt = _attempt_of(known, charge.charge_id, charge.payment_method_id) or _made_elsewhere(
        known, charge.charge_id, charge.payment_method_id, charge.created_at
    )
    outcome = outcome_of_charge(charge)
    stated = {
        "stripe_charge_id": charge.charge_id,
        "stripe_transfer_id": charge.transfer_id,
        "amount_minor": charge.amount_minor,
        "currency": charge.currency,
        "capture_before_at": charge.capture_before_at,
        **method_fields(charge.method),
        **check_fields(charge),
    }
    if outcome is AttemptOutcome.DECLINED:
        stated["failure_code"] = charge.failure_code
        stated["decline_code"] = charge.decline_code
        stated["network_decline_code"] = charge.network_decline_code
        stated["advice_code"] = charge.advice_code
    changed, overwrites = follow(attempt, stated, ATTEMPT)
    if overwrites and asked_at is None and attempt in known.attempts:
        return known, Verdict.ASK
    if attempt.operation_id is None:
        changed["created_at"] = charge.created_at
    attempt = _settled(with_changes(attempt, changed), outcome, now)
    if attempt.outcome is not AttemptOutcome.SUCCEEDED:
        return _with(known, attempt), Verdict.TAKE
    known = _with(known, with_changes(attempt, {"capture_before_at": None}))
    if known.is_hold:
        return known, Verdict.TAKE  # the Charge is as old as the hold: see `concluded`
    payment = with_changes(known.payment, {"succeeded_at": charge.created_at})
    return with_changes(known, {"payment": payment}), Verdict.TAKE


def fold_decline(known: KnownPayment, error: PaymentErrorSnapshot, now: datetime) -> KnownPayment:
    """Take why a confirm of the payment failed."""
    attempt = _attempt_of(known, error.charge_id, error.payment_method_id)
    if attempt is None and error.charge_id is not None:
        attempt = _made_elsewhere(known, error.charge_id, error.payment_method_id, now)
    if attempt is None or attempt.outcome is AttemptOutcome.SUCCEEDED:
        return known
    attempt = replace(
        attempt,
        failure_code=error.code,
        decline_code=error.decline_code,
        network_decline_code=error.network_decline_code or attempt.network_decline_code,
        advice_code=error.advice_code or attempt.advice_code,
        stripe_charge_id=error.charge_id or attempt.stripe_charge_id,
        **follow(attempt, method_fields(error.method), ATTEMPT)[0],
    )
    return _with(known, _settled(attempt, outcome_of_error(error), now))


def fold_challenge(
    known: KnownPayment, payment_method_id: str | None, now: datetime
) -> KnownPayment:
    """The confirm with this PaymentMethod waits for the customer."""
    attempt = _attempt_of(known, None, payment_method_id)
    if attempt is None:
        return known
    return _with(known, _settled(attempt, AttemptOutcome.REQUIRES_ACTION, now))


def close_attempts(known: KnownPayment, now: datetime) -> KnownPayment:
    """Once a payment has ended, an attempt without an outcome of its own did not charge.

    Of a payment that succeeded, the one that did may still wait for its Charge to be known.
    """
    status = known.payment.status
    if status not in {PaymentStatus.CANCELED, PaymentStatus.SUCCEEDED}:
        return known
    succeeded = any(one.outcome is AttemptOutcome.SUCCEEDED for one in known.attempts)
    if status == PaymentStatus.SUCCEEDED and not succeeded:
        return known
    return replace(known, attempts=tuple(_closed(one, now) for one in known.attempts))


def method_fields(method: MethodSnapshot | None) -> dict[str, Any]:
    """What was paid with, by the attempt's fields."""
    if method is None:
        return {}
    return {
        "method_type": method.type,
        "card_brand": method.brand,
        "card_last4": method.last4,
        "card_exp_month": method.exp_month,
        "card_exp_year": method.exp_year,
        "card_country": method.country,
        "card_funding": method.funding,
        "card_fingerprint": method.fingerprint,
    }


def check_fields(charge: ChargeSnapshot) -> dict[str, Any]:
    """What was checked of the card, and how risky Stripe found it, by the attempt's fields."""
    method = charge.method
    return {
        "cvc_check": method.cvc_check if method else None,
        "postal_code_check": method.postal_code_check if method else None,
        "address_check": method.address_check if method else None,
        "risk_level": charge.risk_level,
        "risk_score": charge.risk_score,
        "moto": charge.moto,
    }


def _attempt_of(
    known: KnownPayment, charge_id: str | None, payment_method_id: str | None
) -> AttemptFields | None:
    """The attempt that became the Charge, else the newest one with its PaymentMethod.

    Every confirm of the desk's has a PaymentMethod of its own. Elsewhere a saved one may be
    charged again and again: then an attempt that has another Charge is another attempt.
    """
    if charge_id is not None:
        for attempt in known.attempts:
            if attempt.stripe_charge_id == charge_id:
                return attempt
    if payment_method_id is None:
        return None
    of_method = [
        attempt
        for attempt in known.attempts
        if attempt.stripe_payment_method_id == payment_method_id
        and (charge_id is None or attempt.stripe_charge_id is None)
    ]
    return of_method[-1] if of_method else None


def _made_elsewhere(
    known: KnownPayment, charge_id: str, payment_method_id: str | None, created_at: datetime
) -> AttemptFields:
    """A new attempt for a Charge that the desk did not ask for."""
    return AttemptFields(
        id=f"charge-{charge_id}",
        payment_id=known.payment.id,
        outcome=AttemptOutcome.PENDING,
        amount_minor=known.payment.amount_minor,
        currency=known.payment.currency,
        created_at=created_at,
        stripe_payment_method_id=payment_method_id,
        stripe_charge_id=charge_id,
    )


def _with(known: KnownPayment, attempt: AttemptFields) -> KnownPayment:
    """The payment with this attempt in place of the one with its id; in order of time."""
    others = [one for one in known.attempts if one.id != attempt.id]
    ordered = sorted([*others, attempt], key=lambda one: (one.created_at, one.id))
    return replace(known, attempts=tuple(ordered))


def _settled(attempt: AttemptFields, outcome: AttemptOutcome, now: datetime) -> AttemptFields:
    """Move an attempt on; one that has settled stays as it is.

    `NOT_CHARGED` did not come from Stripe but was concluded from the payment's end, so what Stripe
    says about the attempt itself replaces it. `REFUSED` was the answer to one request; anything
    else that Stripe says of the attempt shows that another request with its card was carried out.
    """
    old = attempt.outcome
    refused = old is AttemptOutcome.REFUSED
    concluded = old is AttemptOutcome.NOT_CHARGED and outcome in SETTLED_ATTEMPTS
    if old == outcome or (old in SETTLED_ATTEMPTS and not (refused or concluded)):
        return attempt
    changed: dict[str, Any] = {"outcome": outcome}
    if refused and outcome not in FAILED_ATTEMPTS:
        changed["failure_code"] = None  # why the request was refused
    changed["settled_at"] = now if outcome in SETTLED_ATTEMPTS else None
    return replace(attempt, **changed)


def _closed(attempt: AttemptFields, now: datetime) -> AttemptFields:
    if attempt.outcome in SETTLED_ATTEMPTS:
        return attempt
    return replace(attempt, outcome=AttemptOutcome.NOT_CHARGED, settled_at=now)
