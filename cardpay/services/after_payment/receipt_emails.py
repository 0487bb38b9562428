"""Having Stripe e-mail its receipt of a payment: setting `receipt_email` after success sends it.

Three short phases, as in `create_payment`. No money moves, and nothing waits for the answer: the
operation takes no slot, so that a refund is never kept waiting by a letter. The address goes to
Stripe and into no operation, since operations are never erased; so it is sent once, and a send
whose answer is missing is abandoned and said to be unknown: at once, or by recovery after a crash.
"""

from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.errors import InvalidInput, PaymentNotFound
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.order import checked_email
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.receipt import NoReceipt
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import apply_fact
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.send_operation import send_and_store
from cardpay.services.taking.payment_view import require_visible
from cardpay.storage.database.engine import Duplicate
from cardpay.storage.payments import payment_operations, payments
from cardpay.storage.schema.tables import Operation


def email_receipt(
    desk: Desk, actor: Actor, payment_id: str, address: str, submission_id: str
) -> bool:
    """Have Stripe send its receipt to `address`, once for each `submission_id`.

    True once Stripe has taken the address; False while nobody knows. Errors: NotAllowed,
    PaymentNotFound, NoReceipt, InvalidInput, CardDataRefused; RequestRefused when Stripe does not
    accept it.
    """
    actor = actor.require(Permission.EMAIL_RECEIPT)
    refuse_card_data_as_id("Receipt", submission_id)
    require_visible(desk, actor, payment_id)
    email = checked_email("Email", address)
    if not email:
        raise InvalidInput("Email", "Enter an email address like name@example.com")
    try:
        operation, is_new = _begin(desk, actor, payment_id, submission_id)
    except Duplicate:  # the same press, twice at once: the other one sends
        return False
    if not is_new:
        return operation.state == OperationState.DONE
    intent_id, key = operation.request["payment_intent_id"], operation.idempotency_key
    answer = send_and_store(
        _store_answer,
        desk,
        actor,
        operation,
        lambda: desk.gateway.email_receipt(intent_id, email, key),
    )
    if answer is None:
        _abandon(desk, operation.id)
    return answer is not None


def abandon_left_receipts(desk: Desk) -> None:
    """Abandon what a crash has left open, once its request can't run any more."""
    with desk.store.reading() as session:
        left = payment_operations.left_without_slot(session, desk.now())
    for operation_id in left:
        _abandon(desk, operation_id)


def _begin(
    desk: Desk, actor: Actor, payment_id: str, submission_id: str
) -> tuple[Operation, bool]:
    """Phase one: the operation, and whether it was begun now."""
    with desk.store.transaction() as session:
        payment = payments.locked(session, payment_id)
        if payment is None:
            raise PaymentNotFound(payment_id)
        earlier = session.get(Operation, submission_id)
        if earlier is not None:
            return earlier, False
        if payment.status != PaymentStatus.SUCCEEDED or not payment.stripe_payment_intent_id:
            raise NoReceipt
        operation = operation_lifecycle.begin(
            session,
            desk,
            actor,
            payment,
            OperationKind.RECEIPT,
            {"payment_intent_id": payment.stripe_payment_intent_id},
            operation_id=submission_id,
        )
        operation.open_slot = None
        record(session, actor, "payment.receipt_email", ("payment", payment.id), at=desk.now())
        return operation, True


def _store_answer(
    desk: Desk, actor: Actor, operation_id: str, intent: PaymentIntentSnapshot, asked_at: datetime
) -> None:
    """End the operation. What else the answer says may be out of date, and is not needed."""
    with desk.store.transaction() as session:
        _, operation = operation_lifecycle.lock_operation(session, operation_id)
        apply_fact(session, desk, actor, intent, asked_at=asked_at)
        if operation.state == OperationState.OPEN:
            operation_lifecycle.end(operation, OperationState.DONE, desk.now())


def _abandon(desk: Desk, operation_id: str) -> None:
    with desk.store.transaction() as session:
        _, operation = operation_lifecycle.lock_operation(session, operation_id)
        if operation.state == OperationState.OPEN:
            operation_lifecycle.end(operation, OperationState.ABANDONED, desk.now())
