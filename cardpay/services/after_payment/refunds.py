"""Refunding: giving back what was taken, to the card that paid.

Three short phases, as in `checkout`. The refund's row is committed with its operation, and its
id goes along as metadata, so that a refund whose answer is missing can be found at Stripe. It
is sent once, by a person, and never again unless a person says so.
"""

from datetime import datetime
from typing import Final, Literal, get_args
from uuid import uuid4

from cardpay.domain.access.actor import Actor, Permission
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.errors import InvalidInput, PaymentBusy
from cardpay.domain.money import Money, validate_for_charge
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.stripe_facts.settlement_snapshots import RefundSnapshot
from cardpay.gateway.errors import StripeUnavailable
from cardpay.gateway.stripe_gateway import NewRefund
from cardpay.services.audit.record import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.payment_facts import Applied, restate
from cardpay.services.stripe_facts.settlement_facts import apply_refund
from cardpay.services.stripe_writes import operations, sending
from cardpay.services.taking.payment_view import PaymentView, view
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.payments import payments, refunds
from cardpay.storage.schema.tables import Operation, Payment, Refund

Reason = Literal["duplicate", "fraudulent", "requested_by_customer"]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
"""Why money is given back, in Stripe's words (Stripe docs: "Create a refund", `reason`)."""


def refund_payment(
    desk: Desk,
    actor: Actor,
    payment_id: str,
    amount_minor: int,
    reason: Reason,
    submission_id: str,
) -> PaymentView:
    """Give `amount_minor` back, once for each `submission_id` (one press of the button).

    Several parts are possible, one after the other, until all is given back. Errors:
    NotAllowed, PaymentNotFound, PaymentBusy, WrongState, InvalidInput; RequestRefused when
    Stripe does not accept it. An unknown outcome is no error: the operation stays open.
    """
    actor.require(Permission.REFUND_PAYMENT)
    refuse_card_data_as_id("Refund", submission_id)
    try:
        with desk.store.transaction() as session:
            payment = payments.locked(session, payment_id)
            if payment and operations.is_known(
                session, payment, OperationKind.REFUND, submission_id
            ):
                operation = None
            else:
                payment = operations.steady(session, payment_id)
                operation = begin_refund(
                    session, desk, actor, payment, (amount_minor, reason), submission_id
                )
    except Duplicate:
        raise PaymentBusy(payment_id) from None
    if operation is not None:
        send_refund(desk, actor, operation)
    return view(desk, payment_id)


def begin_refund(
    session: Session,
    desk: Desk,
    actor: Actor,
    payment: Payment,
    wanted: tuple[int, Reason],
    submission_id: str | None = None,
) -> Operation:
    """Phase one, on a steady payment; the caller commits. Errors as in `refund_payment`."""
    amount_minor, reason = wanted
    if payment.status != PaymentStatus.SUCCEEDED:
        raise operations.wrong_state(payment, "refunded")
    _check_amount(session, payment, amount_minor)
    if reason not in REASONS:
        raise InvalidInput("Reason", f"choose one of {', '.join(REASONS)}.")
    refund_id = str(uuid4())
    operation = operations.begin(
        session,
        desk,
        actor,
        payment,
        OperationKind.REFUND,
        {
            "payment_intent_id": payment.stripe_payment_intent_id,
            "amount_minor": amount_minor,
            "reason": reason,
            "refund_id": refund_id,
        },
        operation_id=submission_id,
    )
    session.flush()
    session.add(
        Refund(
            id=refund_id,
            stripe_account_id=payment.stripe_account_id,
            livemode=payment.livemode,
            payment_id=payment.id,
            operation_id=operation.id,
            amount_minor=amount_minor,
            currency=payment.currency,
            reason=reason,
            created_at=desk.now(),
            updated_at=desk.now(),
        )
    )
    record(
        session,
        actor,
        "payment.refund",
        ("payment", payment.id),
        at=desk.now(),
        before={
            "amount_refunded_minor": payment.amount_refunded_minor,
            "currency": payment.currency,
        },
        after={
            "refund_id": refund_id,
            "amount_minor": amount_minor,
            "currency": payment.currency,
            "reason": reason,
        },
    )
    restate(session, desk, payment)
    return operation


def send_refund(desk: Desk, actor: Actor, operation: Operation) -> None:
    """Phases two and three; also when a person tries again."""
    request = operation.request
    new = NewRefund(
        payment_intent_id=request["payment_intent_id"],
        amount_minor=request["amount_minor"],
        reason=request["reason"],
        metadata={"refund_id": request["refund_id"], "payment_id": operation.payment_id},
    )
    key = operation.idempotency_key
    sending.carry_out_and(
        _store_answer, desk, actor, operation, lambda: desk.gateway.create_refund(new, key)
    )


def look_up_refund(desk: Desk, actor: Actor, operation: Operation) -> bool:
    """Whether Stripe has the refund; what it says is stored then. StripeUnavailable."""
    asked_at = desk.now()
    for refund in desk.gateway.list_refunds(operation.request["payment_intent_id"]):
        if refund.metadata.get("refund_id") == operation.request["refund_id"]:
            _store_answer(desk, actor, operation.id, refund, asked_at)
            return True
    return False


def _check_amount(session: Session, payment: Payment, amount_minor: int) -> None:
    left = refunds.refundable(session, payment)
    if left.amount_minor == 0:
        raise InvalidInput("Amount", "all of this payment has been given back already.")
    validate_for_charge(Money(amount_minor, payment.currency))
    if amount_minor > left.amount_minor:
        raise InvalidInput("Amount", f"at most {format_money(left)} can still be given back.")


def _store_answer(
    desk: Desk, actor: Actor, operation_id: str, refund: RefundSnapshot, asked_at: datetime
) -> None:
    """Stripe made it: apply the Refund and end the operation."""
    with desk.store.transaction() as session:
        payment, operation = sending.locked(session, operation_id)
        applied = apply_refund(session, desk, actor, refund, asked_at=asked_at)
        if operation.state == OperationState.OPEN:
            operations.end(operation, OperationState.DONE, desk.now())
        restate(session, desk, payment)
    if applied is Applied.STALE:
        _look_again(desk, actor, refund.refund_id)


def _look_again(desk: Desk, actor: Actor, stripe_refund_id: str) -> None:
    """An event told of it in between: ask which of the two was later."""
    asked_at = desk.now()
    try:
        refund = desk.gateway.retrieve_refund(stripe_refund_id)
    except StripeUnavailable:
        return
    with desk.store.transaction() as session:
        apply_refund(session, desk, actor, refund, asked_at=asked_at)
