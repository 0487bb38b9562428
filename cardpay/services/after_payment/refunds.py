"""Refunding a payment, in full or in part, to the card that paid.

Three short phases, as in `create_payment`. The refund's row is committed with its operation, and
its id is sent as metadata, so that a refund whose answer is missing can be found at Stripe. A
person sends it, once, and it is never sent again without a person's decision.
"""

from datetime import datetime
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.errors import InvalidInput
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.refund import REFUND_REASONS, RefundReason
from cardpay.domain.payment_acts.refund_rules import amount_to_refund, refund_refusal
from cardpay.domain.stripe_facts.snapshots import RefundSnapshot
from cardpay.gateway.errors import ObjectUnreadable, StripeUnavailable
from cardpay.gateway.stripe_gateway import NewRefund
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import Applied, apply_fact, update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.send_operation import send_and_store
from cardpay.services.taking.payment_view import PaymentView, view
from cardpay.storage.database.engine import Session
from cardpay.storage.payments.facts_for_acts import act_facts
from cardpay.storage.schema.tables import Operation, Payment, Refund


def refund_payment(
    desk: Desk,
    actor: Actor,
    payment_id: str,
    amount_minor: int,
    reason: RefundReason,
    submission_id: str,
) -> PaymentView:
    """Refund `amount_minor`, once for each `submission_id` (one press of the button).

    A payment may be refunded in several parts, one after the other. Errors:
    NotAllowed, PaymentNotFound, PaymentBusy, WrongState, NotRefundable, InvalidInput;
    RequestRefused when Stripe does not accept it. An unknown outcome is no error: the
    operation stays open.
    """
    actor.require(Permission.REFUND_PAYMENT)
    refuse_card_data_as_id("Refund", submission_id)
    operation = operation_lifecycle.begin_once(
        desk,
        payment_id,
        OperationKind.REFUND,
        submission_id,
        lambda session, payment: begin_refund(
            session, desk, actor, payment, (amount_minor, reason), submission_id
        ),
    )
    if operation is not None:
        send_refund(desk, actor, operation)
    return view(desk, payment_id)


def begin_refund(
    session: Session,
    desk: Desk,
    actor: Actor,
    payment: Payment,
    wanted: tuple[int, RefundReason],
    submission_id: str | None = None,
) -> Operation:
    """Phase one, on a payment without open operation; the caller commits.

    `wanted` is the amount, in the minor unit, and the reason. Errors: WrongState,
    NotRefundable, InvalidInput.
    """
    amount_minor, reason = wanted
    facts = act_facts(session, payment)
    if (refusal := refund_refusal(facts)) is not None:
        raise refusal
    amount_to_refund(facts.left, amount_minor)
    if reason not in REFUND_REASONS:
        raise InvalidInput("Reason", f"Reason must be one of {', '.join(REFUND_REASONS)}")
    refund_id = str(uuid4())
    operation = operation_lifecycle.begin(
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
    update_derived_fields(session, desk, payment)
    return operation


def send_refund(desk: Desk, actor: Actor, operation: Operation) -> None:
    """Phases two and three, also when a person retries it."""
    request = operation.request
    new = NewRefund(
        payment_intent_id=request["payment_intent_id"],
        amount_minor=request["amount_minor"],
        reason=request["reason"],
        metadata={"refund_id": request["refund_id"], "payment_id": operation.payment_id},
    )
    key = operation.idempotency_key
    send_and_store(
        _store_answer, desk, actor, operation, lambda: desk.gateway.create_refund(new, key)
    )


def look_up_refund(desk: Desk, actor: Actor, operation: Operation) -> bool:
    """Whether Stripe has the refund, which is then stored.

    Raises StripeUnavailable, and ObjectUnreadable if this version cannot read it.
    """
    asked_at = desk.now()
    request = operation.request
    refund = desk.gateway.find_refund(request["payment_intent_id"], request["refund_id"])
    if refund is None:
        return False
    _store_answer(desk, actor, operation.id, refund, asked_at)
    return True


def _store_answer(
    desk: Desk, actor: Actor, operation_id: str, refund: RefundSnapshot, asked_at: datetime
) -> None:
    """Apply the Refund that Stripe made and end the operation."""
    with desk.store.transaction() as session:
        payment, operation = operation_lifecycle.lock_operation(session, operation_id)
        applied = apply_fact(session, desk, actor, refund, asked_at=asked_at)
        if operation.state == OperationState.OPEN:
            operation_lifecycle.end(operation, OperationState.DONE, desk.now())
        update_derived_fields(session, desk, payment)
    if applied is Applied.STALE:
        _retrieve_and_apply(desk, actor, refund.refund_id)


def _retrieve_and_apply(desk: Desk, actor: Actor, stripe_refund_id: str) -> None:
    """Retrieve the Refund, since an event about it was applied meanwhile, perhaps a newer one."""
    asked_at = desk.now()
    try:
        refund = desk.gateway.retrieve_refund(stripe_refund_id)
    except (StripeUnavailable, ObjectUnreadable):
        return
    with desk.store.transaction() as session:
        apply_fact(session, desk, actor, refund, asked_at=asked_at)
