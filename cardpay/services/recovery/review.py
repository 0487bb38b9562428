"""Review: what a person decides about an operation that needs it, which is retry or dismiss.

Both begin with a lookup at Stripe: if that shows the outcome, it is applied, and there is nothing
left to decide.
"""

from collections.abc import Callable
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import NoReviewNeeded, PaymentBusy
from cardpay.domain.payment.operation import (
    SENT_BY_PEOPLE,
    OperationKind,
    OperationState,
)
from cardpay.domain.payment.review_rules import REVIEW_PERMISSIONS
from cardpay.domain.payment.status import TERMINAL
from cardpay.services.after_payment.captures import begin_capture, look_up_capture, send_capture
from cardpay.services.after_payment.refunds import begin_refund, look_up_refund, send_refund
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.stripe_facts.apply_facts import update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.idempotent_replay import key_is_valid
from cardpay.services.taking.payment_view import PaymentView, view
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import refunds
from cardpay.storage.schema.tables import Operation, Payment

_LOOK_UPS: Final[dict[OperationKind, Callable[[Desk, Actor, Operation], bool]]] = {
    OperationKind.CAPTURE: look_up_capture,
    OperationKind.REFUND: look_up_refund,
}
_SENDS: Final[dict[OperationKind, Callable[[Desk, Actor, Operation], None]]] = {
    OperationKind.CAPTURE: send_capture,
    OperationKind.REFUND: send_refund,
}


def retry_operation(desk: Desk, actor: Actor, operation_id: str) -> PaymentView:
    """Look at Stripe; if a capture or refund did not happen, send it again.

    It is sent with the same key while that can bring a first answer, and as a new operation where
    Stripe would only repeat its error or may have forgotten the key. The other kinds are only
    looked up, since they end by themselves as soon as Stripe answers. Errors: NotAllowed,
    NoReviewNeeded, PaymentBusy, AskedTooOften, StripeUnavailable; RequestRefused and those of the
    use case. A
    missing answer is no error: the operation still needs review.
    """
    operation = _open_operation(desk, actor, operation_id)
    kind = operation.kind
    if kind not in _SENDS:
        with desk.store.transaction() as session:
            _record(session, desk, actor, operation, "operation.look")
        recover_payment(desk, operation.payment_id, page_is_watched=False)
    elif not _LOOK_UPS[kind](desk, actor, operation):
        _SENDS[kind](desk, actor, _operation_to_send(desk, actor, operation))
    return view(desk, operation.payment_id)


def dismiss_operation(desk: Desk, actor: Actor, operation_id: str) -> PaymentView:
    """Look at Stripe; if a capture or refund did not happen, abandon it.

    If Stripe executes it after all, events and reconciliation apply that. Errors: NotAllowed,
    NoReviewNeeded, PaymentBusy while the request may still run, AskedTooOften, StripeUnavailable.
    """
    operation = _open_operation(desk, actor, operation_id)
    if operation.kind not in SENT_BY_PEOPLE:
        raise NoReviewNeeded
    if not _LOOK_UPS[operation.kind](desk, actor, operation):
        with desk.store.transaction() as session:
            payment = _abandon(session, desk, actor, operation, "operation.give_up")
            update_derived_fields(session, desk, payment)
    return view(desk, operation.payment_id)


def _open_operation(desk: Desk, actor: Actor, operation_id: str) -> Operation:
    """The operation, if the actor may decide about it. Raises NoReviewNeeded once it has ended.

    AskedTooOften, since Stripe is asked before every decision.

    PaymentBusy for a capture or refund that does not need review yet: its request may still run.
    """
    actor.require(Permission.USE_OPERATIONS)
    with desk.store.reading() as session:
        known = session.get(Operation, operation_id)
    if known is None:
        raise NoReviewNeeded
    actor.require(REVIEW_PERMISSIONS[known.kind])
    with desk.store.transaction() as session:
        _, operation = operation_lifecycle.lock_operation(session, operation_id)
        if operation.state != OperationState.OPEN:
            raise NoReviewNeeded
        if operation.kind in SENT_BY_PEOPLE and not operation.needs_review:
            raise PaymentBusy(operation.payment_id)
    desk.asks.count(actor, desk.now())
    return operation


def _operation_to_send(desk: Desk, actor: Actor, operation: Operation) -> Operation:
    """The same operation while its key is valid, else a new one that replaces it."""
    now = desk.now()
    with desk.store.transaction() as session:
        if key_is_valid(operation, now):
            payment, current = _lock_unchanged(session, operation)
            _record(session, desk, actor, current, "operation.try_again")
            operation_lifecycle.record_replay(current, now)
            session.add(current)
        else:
            payment = _abandon(session, desk, actor, operation, "operation.try_again")
            session.flush()  # frees the payment's only slot for the new one
            current = _begin_replacement(session, desk, actor, payment, operation)
        update_derived_fields(session, desk, payment)
    return current


def _begin_replacement(
    session: Session, desk: Desk, actor: Actor, payment: Payment, operation: Operation
) -> Operation:
    request = operation.request
    if operation.kind == OperationKind.CAPTURE:
        return begin_capture(session, desk, actor, payment, request["amount_minor"])
    return begin_refund(
        session, desk, actor, payment, (request["amount_minor"], request["reason"])
    )


def _abandon(
    session: Session, desk: Desk, actor: Actor, operation: Operation, act: str
) -> Payment:
    payment, current = _lock_unchanged(session, operation)
    _record(session, desk, actor, current, act, OperationState.ABANDONED)
    operation_lifecycle.end(current, OperationState.ABANDONED, desk.now())
    refunds.withdraw(session, current.id)
    session.add(current)
    return payment


def _lock_unchanged(session: Session, operation: Operation) -> tuple[Payment, Operation]:
    """The payment and the operation, locked, if nothing has changed since the lookup.

    Raises NoReviewNeeded if the operation has ended, and PaymentBusy if somebody has sent it
    again or an event has told that it happened.
    """
    payment, current = operation_lifecycle.lock_operation(session, operation.id)
    if current.state != OperationState.OPEN:
        raise NoReviewNeeded
    if current.sends != operation.sends or _has_happened(session, payment, current):
        raise PaymentBusy(payment.id)
    return payment, current


def _has_happened(session: Session, payment: Payment, operation: Operation) -> bool:
    if operation.kind == OperationKind.CAPTURE:
        return payment.status in TERMINAL
    return refunds.is_made(session, operation.id)


def _record(
    session: Session,
    desk: Desk,
    actor: Actor,
    operation: Operation,
    act: str,
    new_state: OperationState = OperationState.OPEN,
) -> None:
    """Audit a decision; to be called before the operation is changed."""
    record(
        session,
        actor,
        act,
        ("payment", operation.payment_id),
        at=desk.now(),
        before={"state": operation.state, "sends": operation.sends},
        after={"state": new_state, "operation_id": operation.id, "kind": operation.kind},
    )
