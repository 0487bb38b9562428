"""The rows of a new attempt: what was pressed, what stands against it, what is to be sent.

It is phase one of a confirm: one transaction, and nothing written at Stripe yet.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.card_number_guard import CardDataRefused, refuse_card_data
from cardpay.domain.errors import CardpayError, OrderLetGo
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import (
    CONFIRMABLE,
    SETTLED_ATTEMPTS,
    AttemptOutcome,
)
from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.services.audit.record import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.payment_facts import restate
from cardpay.services.stripe_writes import operations
from cardpay.services.taking import limits
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import limits as counting
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import Operation, Payment, PaymentAttempt

_PAYMENT_METHOD_ID: Final = re.compile(r"pm_[A-Za-z0-9_]{1,250}")
_SUBMISSION_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Pressed:
    """One press of the pay button: which card for which payment."""

    payment_id: str
    payment_method_id: str
    submission_id: str


class PressRefused(CardpayError):
    """Nothing that our card form sends. `reason` is for the audit log, and repeats none of it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            "The desk did not accept what the card form sent.",
            "Reload the page and enter the card again.",
        )


@dataclass(frozen=True)
class CardLook:
    """Which card it is, as Stripe said, and what was tried last when it was asked."""

    fingerprint: str | None
    last_attempt_id: str | None


class MeanwhileChanged(CardpayError):
    """Something else was tried on the payment while Stripe was asked about this card."""

    def __init__(self) -> None:
        super().__init__(
            "Another card was tried on this payment meanwhile, so this one was not.",
            "Look at how that ended, then enter the card again if it is still wanted.",
        )


class CardUnknown(CardpayError):
    """Stripe did not say which card it is, and that has to be known before it is tried."""

    def __init__(self) -> None:
        super().__init__(
            "Stripe did not answer when the desk asked which card this is, so the card was not "
            "tried.",
            "Enter the card again in a minute.",
        )


@contextmanager
def forgeries_audited(desk: Desk, actor: Actor, pressed: Pressed) -> Iterator[None]:
    """Write down a refused press after the transaction that it ended; it goes on."""
    try:
        yield
    except PressRefused as refused:
        with desk.store.transaction() as session:
            known = session.get(Payment, pressed.payment_id) is not None
            record(
                session,
                actor,
                "payment.attempt.refused",
                ("payment", pressed.payment_id if known else "unknown"),
                at=desk.now(),
                after={"reason": refused.reason},
            )
        raise


def refuse_malformed(pressed: Pressed) -> None:
    """PressRefused for ids that are none: whatever is sent on or stored is an id."""
    if not _PAYMENT_METHOD_ID.fullmatch(pressed.payment_method_id):
        raise PressRefused("no PaymentMethod's id")
    if not _SUBMISSION_ID.fullmatch(pressed.submission_id):
        raise PressRefused("no submission's id")
    try:
        refuse_card_data("", pressed.payment_method_id)
    except CardDataRefused:
        raise PressRefused("a card number for a PaymentMethod's id") from None


def look_at_card(desk: Desk, actor: Actor, pressed: Pressed) -> CardLook | None:
    """Which card it is, where that must be known before it is tried; None for most.

    Only Stripe knows it, and asking costs a call. So it is asked where the person or this
    payment has had a decline of late, and never about an attempt that has begun. Errors:
    CardUnknown; PressRefused when Stripe knows no such PaymentMethod.
    """
    if not desk.limits.declines_per_card:
        return None
    since_at = desk.now() - desk.limits.decline_window
    payment_id = pressed.payment_id
    with desk.store.reading() as session:
        payment = session.get(Payment, payment_id)
        if (
            payment is None
            or payment.status not in CONFIRMABLE
            or payments.open_operation(session, payment_id) is not None
            or payments.attempt_by_submission(session, pressed.submission_id) is not None
            or not counting.has_declines(session, since_at, actor.actor_id, payment_id)
        ):
            return None
        last_attempt_id = _last_attempt_id(session, payment_id)
    try:
        card = desk.gateway.retrieve_payment_method(pressed.payment_method_id).card
    except StripeUnavailable:
        with desk.store.reading() as session:
            if payments.attempt_by_submission(session, pressed.submission_id) is not None:
                return None  # another click of the same press was answered
        raise CardUnknown from None
    except RequestRefused as refused:
        if refused.http_status == 404:
            raise PressRefused("a PaymentMethod that Stripe does not know") from None
        raise
    return CardLook(card.fingerprint if card else None, last_attempt_id)


def begin_confirm(
    session: Session, desk: Desk, actor: Actor, pressed: Pressed, look: CardLook | None
) -> Operation | None:
    """Add the attempt with its open confirm operation; the caller commits.

    None when this submission is an attempt already. `look` is there where the card had to be
    looked at first: that takes time, in which the screen may have been reloaded and have said
    how another card ended. Errors: PaymentNotFound, PaymentBusy, WrongState, OrderLetGo,
    PressRefused, MeanwhileChanged, LimitReached.
    """
    payment_id = pressed.payment_id
    row = payments.locked(session, payment_id)
    earlier = payments.attempt_by_submission(session, pressed.submission_id)
    if row is not None and earlier is not None:
        if earlier.payment_id != payment_id:
            raise PressRefused("another payment's submission")
        if earlier.outcome in SETTLED_ATTEMPTS:  # no double click, but a replay
            subject = ("payment", payment_id)
            record(session, actor, "payment.attempt.replayed", subject, at=desk.now())
        return None
    payment = operations.steady(session, payment_id)
    status = payment.status
    if status not in CONFIRMABLE:
        raise operations.wrong_state(payment, "paid")
    if payment.order_claim is None:
        raise OrderLetGo  # another payment may have taken the order since
    if payments.was_tried(session, pressed.payment_method_id):
        raise PressRefused("a PaymentMethod that was tried before")
    if look is not None and _last_attempt_id(session, payment_id) != look.last_attempt_id:
        raise MeanwhileChanged
    limits.refuse_beyond(session, desk, actor, look.fingerprint if look else None)
    return _begin(session, desk, actor, payment, pressed)


def _last_attempt_id(session: Session, payment_id: str) -> str | None:
    attempt = payments.last_attempt(session, payment_id)
    return attempt.id if attempt else None


def _begin(
    session: Session, desk: Desk, actor: Actor, payment: Payment, pressed: Pressed
) -> Operation:
    operation = operations.begin(
        session,
        desk,
        actor,
        payment,
        OperationKind.CONFIRM,
        {
            "payment_intent_id": payment.stripe_payment_intent_id,
            "payment_method_id": pressed.payment_method_id,
            "moto": desk.moto,
        },
    )
    session.flush()
    attempt_id = str(uuid4())
    session.add(
        PaymentAttempt(
            id=attempt_id,
            stripe_account_id=payment.stripe_account_id,
            livemode=payment.livemode,
            payment_id=payment.id,
            operation_id=operation.id,
            actor_id=actor.actor_id,
            submission_id=pressed.submission_id,
            outcome=AttemptOutcome.PENDING,
            stripe_payment_method_id=pressed.payment_method_id,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            created_at=desk.now(),
        )
    )
    record(
        session,
        actor,
        "payment.attempt",
        ("payment", payment.id),
        at=desk.now(),
        after={"attempt_id": attempt_id, "moto": desk.moto},
    )
    restate(session, desk, payment)
    return operation
