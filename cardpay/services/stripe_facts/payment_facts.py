"""Applying what Stripe says about a payment: PaymentIntents and Charges, whoever brings them.

Applying is idempotent and happens under the payment's row lock. `precedence` tells which of two
statements is the newer one. `settlement_facts` does the same for refunds, disputes and fees.
"""

from datetime import datetime
from enum import StrEnum

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.display_status import DisplayStatus, display_status
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import TERMINAL, CancellationCause, PaymentStatus, may_follow
from cardpay.domain.stripe_facts.precedence import Verdict, is_newer, judge
from cardpay.domain.stripe_facts.snapshots import ChargeSnapshot, PaymentIntentSnapshot
from cardpay.logs.logger import get_logger
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts import attempt_facts
from cardpay.services.stripe_facts.taken_elsewhere import payment_taken_elsewhere
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payment_attempts, payment_operations, payments
from cardpay.storage.schema.tables import Payment

_log = get_logger(__name__)

_WITHOUT_MONEY = frozenset({DisplayStatus.CANCELLED, DisplayStatus.NOT_CHARGED})


class Applied(StrEnum):
    """What became of a snapshot."""

    TAKEN = "taken"
    STALE = "stale"  # its order is not known: ask Stripe again
    UNKNOWN_PAYMENT = "unknown_payment"  # apply its PaymentIntent first


def apply_intent(
    session: Session,
    desk: Desk,
    actor: Actor,
    intent: PaymentIntentSnapshot,
    *,
    asked_at: datetime | None,
) -> Applied:
    """Take what a request that began at `asked_at` said about a PaymentIntent.

    `asked_at` is None for an event, which nobody asked for. A PaymentIntent that no payment
    knows is one that was taken elsewhere, and becomes a payment.
    """
    payment = _payment_of(session, desk, intent) or payment_taken_elsewhere(session, desk, intent)
    verdict = _judge(payment, intent, asked_at)
    if verdict is Verdict.ASK:
        return Applied.STALE
    if verdict is Verdict.TAKE:
        _take(session, desk, actor, payment, intent, asked_at)
    if intent.last_error is not None:
        attempt_facts.take_decline(session, desk, payment, intent.last_error)
    if intent.latest_charge is not None:
        attempt_facts.take_charge(session, desk, payment, intent.latest_charge)
    if verdict is Verdict.TAKE and intent.status is PaymentStatus.REQUIRES_ACTION:
        attempt_facts.take_challenge(session, desk, payment, intent)
    attempt_facts.close_attempts(session, desk, payment)
    update_derived_fields(session, desk, payment)
    return Applied.TAKEN


def apply_charge(session: Session, desk: Desk, charge: ChargeSnapshot) -> Applied:
    """Take a Charge. It only ever moves on, so that its order needs no asking.

    A Charge without a PaymentIntent (from before there were any) belongs to no payment.
    """
    payment = _payment_with(session, desk, charge.payment_intent_id)
    if payment is None:
        return Applied.UNKNOWN_PAYMENT
    attempt_facts.take_charge(session, desk, payment, charge)
    attempt_facts.close_attempts(session, desk, payment)
    update_derived_fields(session, desk, payment)
    return Applied.TAKEN


def update_derived_fields(session: Session, desk: Desk, payment: Payment) -> None:
    """Update what is derived: the status that staff see, the shown card, the order's claim.

    Call it last in every transaction that touches a payment, its operations or its attempts.
    """
    session.flush()
    attempt = payment_attempts.last_attempt(session, payment.id)
    word = display_status(
        payment.status,
        has_open_operation=payment_operations.open_operation(session, payment.id) is not None,
        last_attempt=attempt.outcome if attempt else None,
        cancellation_cause=payment.cancellation_cause,
    )
    payment.display_status = word
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
    known = _payment_with(session, desk, intent.payment_intent_id)
    named = intent.metadata.get("payment_id")
    if known is not None or named is None:
        return known
    payment = payments.locked(session, named)
    if payment is not None and payment.stripe_payment_intent_id == intent.payment_intent_id:
        return payment  # the create's answer was stored while this waited for the lock
    if (
        payment is None
        or payment.stripe_payment_intent_id is not None
        or payment.amount_minor != intent.amount_minor
        or payment.currency != intent.currency
    ):
        return None
    return payment


def _payment_with(session: Session, desk: Desk, payment_intent_id: str | None) -> Payment | None:
    if payment_intent_id is None:
        return None
    account = desk.account
    return payments.locked_by_intent(
        session, account.stripe_account_id, account.livemode, payment_intent_id
    )


def _judge(payment: Payment, intent: PaymentIntentSnapshot, asked_at: datetime | None) -> Verdict:
    """Whether to take it, to keep what is stored, or to ask."""
    newer = is_newer(payment.status_as_of, asked_at)
    verdict = judge(payment.status, intent.status, final=TERMINAL, newer=newer)
    if verdict is not Verdict.TAKE or intent.status in TERMINAL:
        return verdict
    old = payment.status
    # The same status may come back with another card's news in it.
    another = old is not None and (
        intent.latest_charge_id != payment.latest_charge_id
        or intent.amount_capturable_minor != payment.amount_capturable_minor
    )
    if not may_follow(old, intent.status) or (another and not newer):
        return Verdict.ASK
    return Verdict.TAKE


def _take(
    session: Session,
    desk: Desk,
    actor: Actor,
    payment: Payment,
    intent: PaymentIntentSnapshot,
    asked_at: datetime | None,
) -> None:
    """The payment's own row."""
    old = payment.status
    payment.status = intent.status
    if is_newer(payment.status_as_of, asked_at):
        payment.status_as_of = desk.now()
    payment.stripe_payment_intent_id = intent.payment_intent_id
    payment.stripe_created_at = intent.created_at
    payment.amount_received_minor = intent.amount_received_minor
    payment.amount_capturable_minor = intent.amount_capturable_minor
    payment.capture_method = "manual" if intent.capture_method == "manual" else "automatic"
    payment.latest_charge_id = intent.latest_charge_id or payment.latest_charge_id
    if not payment.taken_at_desk:
        payment.amount_minor = intent.amount_minor  # its maker may change it until it is paid
    if intent.status is PaymentStatus.CANCELED and old is not PaymentStatus.CANCELED:
        payment.canceled_at = intent.canceled_at or desk.now()
        payment.cancellation_cause = _cancellation_cause(session, payment)
    if intent.status is PaymentStatus.SUCCEEDED and old is not PaymentStatus.SUCCEEDED:
        # The Charge tells when, and may have done so already.
        payment.succeeded_at = payment.succeeded_at or desk.now()
    if old is not intent.status:
        record(
            session,
            actor,
            "payment.status",
            ("payment", payment.id),
            at=desk.now(),
            before={"status": old},
            after={"status": intent.status},
        )
        _log.info(
            "payment status",
            payment_id=payment.id,
            payment_intent_id=intent.payment_intent_id,
            old=old,
            new=intent.status,
            by=actor.actor_id,
        )


def _cancellation_cause(session: Session, payment: Payment) -> CancellationCause:
    """Ours, if the desk has asked for it; otherwise it was cancelled elsewhere."""
    asked = payment_operations.last_operation(session, payment.id, OperationKind.CANCEL)
    if asked is None or asked.state == OperationState.REFUSED:
        return CancellationCause.STRIPE
    return CancellationCause(asked.request["cause"])
