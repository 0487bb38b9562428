"""What Stripe says about a PaymentIntent, folded into a payment."""

from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from cardpay.domain.attention_rules import attention
from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import Afterwards, DisplayStatus, display_status
from cardpay.domain.payment.order import order_claim
from cardpay.domain.payment.refund import refunded_minor
from cardpay.domain.payment.status import TERMINAL, CancellationCause, PaymentStatus, may_follow
from cardpay.domain.payment_link.link_rules import link_display
from cardpay.domain.personal_data.search_keys import reference_number
from cardpay.domain.stripe_facts.attempt_fold import (
    close_attempts,
    fold_challenge,
    fold_charge,
    fold_decline,
)
from cardpay.domain.stripe_facts.field_rules import OURS_AT_THE_DESK, PAYMENT, follow
from cardpay.domain.stripe_facts.known import (
    AskedForIntent,
    KnownPayment,
    PaymentFields,
    with_changes,
)
from cardpay.domain.stripe_facts.precedence import Verdict, is_newer, judge
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot

_LONGEST_REFERENCE: Final = 200
_WITHOUT_MONEY: Final = frozenset({DisplayStatus.CANCELLED, DisplayStatus.NOT_CHARGED})


def fold_payment_intent(
    known: KnownPayment, intent: PaymentIntentSnapshot, asked_at: datetime | None, now: datetime
) -> tuple[KnownPayment, Verdict]:
    """Take what a request that began at `asked_at` (None: an event) said about a PaymentIntent.

    With the verdict ASK nothing is taken.
    """
    before, payment = known, known.payment
    newer = is_newer(payment.status_as_of, asked_at)
    changed, overwrites = follow(payment, _stated(payment, intent), PAYMENT)
    verdict = judge(
        payment.status,
        intent.status,
        final=TERMINAL,
        newer=newer,
        overwrites=overwrites,
    )
    if verdict is Verdict.TAKE and not may_follow(payment.status, intent.status):
        verdict = Verdict.ASK
    if verdict is Verdict.ASK:
        return known, verdict
    if verdict is Verdict.TAKE:
        changed |= _status_change(known, intent, now)
        if newer:
            changed["status_as_of"] = now
        known = with_changes(known, {"payment": with_changes(payment, changed)})
    if intent.last_error is not None:
        known = fold_decline(known, intent.last_error, now)
    if intent.latest_charge is not None:
        known, on_charge = fold_charge(known, intent.latest_charge, asked_at, now)
        if on_charge is Verdict.ASK:
            return before, on_charge
    if verdict is Verdict.TAKE and intent.status == PaymentStatus.REQUIRES_ACTION:
        known = fold_challenge(known, intent.payment_method_id, now)
    return known, verdict


def _stated(payment: PaymentFields, intent: PaymentIntentSnapshot) -> dict[str, Any]:
    reference = order_reference(intent)
    stated = {
        "stripe_payment_intent_id": intent.payment_intent_id,
        "stripe_created_at": intent.created_at,
        "amount_minor": intent.amount_minor,
        "currency": intent.currency,
        "order_reference": reference,
        "search_reference": order_claim(reference),
        "search_number": reference_number(reference),
        "amount_received_minor": intent.amount_received_minor,
        "amount_capturable_minor": intent.amount_capturable_minor,
        "capture_method": "manual" if intent.capture_method == "manual" else "automatic",
        "next_action_type": intent.next_action_type,
        "latest_charge_id": intent.latest_charge_id,
    }
    if payment.taken_at_desk:
        return {name: value for name, value in stated.items() if name not in OURS_AT_THE_DESK}
    return stated


def _status_change(
    known: KnownPayment, intent: PaymentIntentSnapshot, now: datetime
) -> dict[str, Any]:
    payment = known.payment
    if intent.status == payment.status:
        return {}
    changed: dict[str, Any] = {"status": intent.status}
    if intent.status == PaymentStatus.CANCELED:
        changed["canceled_at"] = intent.canceled_at or now
        changed["cancellation_cause"] = _cause(known, intent)
    if intent.status == PaymentStatus.SUCCEEDED:
        # The Charge tells when, of a hold its balance transaction; they may have done so already.
        changed["succeeded_at"] = payment.succeeded_at or now
    return changed


def _cause(known: KnownPayment, intent: PaymentIntentSnapshot) -> CancellationCause:
    """Why a PaymentIntent was cancelled: by itself what was not captured in time.

    Source: API reference, "The PaymentIntent object", `cancellation_reason`.
    """
    ran_out = intent.capture_method == "manual" and intent.cancellation_reason == "automatic"
    return CancellationCause.HOLD_EXPIRED if ran_out else cause_of_end(known)


def cause_of_end(known: KnownPayment) -> CancellationCause:
    """Why a payment was cancelled: the desk's reason, if it has asked for it.

    Otherwise a link was not paid in time; anything else was cancelled elsewhere.
    """
    if known.operations.cancelling is not None:
        return known.operations.cancelling
    held = known.payment.status == PaymentStatus.REQUIRES_CAPTURE
    of_link = known.link is not None and not held
    return CancellationCause.EXPIRED if of_link else CancellationCause.STRIPE


def concluded(known: KnownPayment, now: datetime) -> KnownPayment:
    """The payment with all that follows from what is known: to be called after every fold.

    The status that staff see, what a person has to do until when, what was paid with, what was
    refunded, and the order's claim.
    """
    known = close_attempts(known, now)
    payment, attempt = known.payment, known.attempts[-1] if known.attempts else None
    refunded = refunded_minor(known.refunds, payment.amount_minor, payment.amount_received_minor)
    afterwards = Afterwards(
        payment.amount_received_minor,
        refunded,
        [dispute.status for dispute in known.disputes],
    )
    word = _display(known, attempt.outcome if attempt else None, afterwards)
    what, act_by_at = attention(
        word, known.disputes, attempt.capture_before_at if attempt else None
    )
    changed: dict[str, Any] = {
        "display_status": word,
        "attention": what,
        "act_by_at": act_by_at,
        "amount_refunded_minor": refunded,
    }
    if attempt is not None and (attempt.card_last4 or attempt.method_type):
        changed["payment_method_type"] = attempt.method_type
        changed["card_brand"] = attempt.card_brand
        changed["card_last4"] = attempt.card_last4
    if known.captured_at:
        # A hold is paid on the day of its (first) capture, as it stands in the balance.
        changed["succeeded_at"] = min(known.captured_at.values())
    if word in _WITHOUT_MONEY:
        changed["order_claim"] = None  # the order may be paid by another payment now
    return with_changes(known, {"payment": with_changes(payment, changed)})


def _display(
    known: KnownPayment, last_attempt: AttemptOutcome | None, afterwards: Afterwards
) -> DisplayStatus:
    payment = known.payment
    if known.link is not None:
        return link_display(
            known.link.status,
            payment.status,
            has_open_operation=known.operations.is_open,
            last_attempt=last_attempt,
            cancellation_cause=payment.cancellation_cause,
            afterwards=afterwards,
        )
    return display_status(
        payment.status,
        has_open_operation=known.operations.is_open,
        last_attempt=last_attempt,
        cancellation_cause=payment.cancellation_cause,
        waits_for=payment.next_action_type,
        taken_at_desk=payment.taken_at_desk,
        afterwards=afterwards,
    )


def taken_elsewhere(intent: PaymentIntentSnapshot) -> KnownPayment:
    """A payment for a PaymentIntent that the desk did not ask for, before anything is folded.

    It claims no order, so that it never stands in the way of one that the desk has begun; whether
    a reference was paid elsewhere is asked when the next payment for it begins. The
    PaymentIntent's description is left out, since other systems put names into it.
    """
    reference = order_reference(intent)
    return KnownPayment(
        PaymentFields(
            id=payment_id(intent.payment_intent_id),
            taken_at_desk=False,
            created_at=intent.created_at,
            amount_minor=intent.amount_minor,
            currency=intent.currency,
            order_reference=reference,
            search_reference=order_claim(reference),
            search_number=reference_number(reference),
            stripe_payment_intent_id=intent.payment_intent_id,
            stripe_created_at=intent.created_at,
        )
    )


def asked_for(known: KnownPayment, intent: PaymentIntentSnapshot) -> tuple[AskedForIntent, ...]:
    """What the desk asked for that this PaymentIntent may be, going by amount and currency.

    A create that is done made the PaymentIntent that the payment has, and no other one.
    """
    is_answered = known.payment.stripe_payment_intent_id is not None
    wanted = (intent.amount_minor, intent.currency)
    return tuple(
        asked
        for asked in known.operations.creates
        if (asked.amount_minor, asked.currency) == wanted and not (asked.is_done and is_answered)
    )


def payment_id(payment_intent_id: str) -> str:
    """The id of a payment taken elsewhere: every process makes the same."""
    return str(uuid5(NAMESPACE_URL, f"stripe:{payment_intent_id}"))


def order_reference(intent: PaymentIntentSnapshot) -> str:
    """The order reference in the metadata, if there is one; else the PaymentIntent's id."""
    given = mask_card_numbers(intent.metadata.get("order_reference", "")).strip()
    return given[:_LONGEST_REFERENCE] or intent.payment_intent_id
