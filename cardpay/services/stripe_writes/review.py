"""What a person decides about an operation whose outcome the desk could not find out.

Both ways begin with another look at Stripe: what has happened meanwhile is applied, and nothing
is decided any more.
"""

from collections.abc import Callable
from typing import Final

from cardpay.domain.access.actor import Actor, Permission
from cardpay.domain.errors import NothingWaits, PaymentBusy
from cardpay.domain.payment.operation import (
    PERMISSIONS,
    SENT_BY_PEOPLE,
    OperationKind,
    OperationState,
)
from cardpay.domain.payment.status import TERMINAL
from cardpay.services.after_payment.captures import begin_capture, look_up_capture, send_capture
from cardpay.services.after_payment.refunds import begin_refund, look_up_refund, send_refund
from cardpay.services.audit.record import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.payment_facts import restate
from cardpay.services.stripe_writes import operations, recovery, sending
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


def try_again(desk: Desk, actor: Actor, operation_id: str) -> PaymentView:
    """Look at Stripe; if a capture or refund did not happen, send it again.

    With the same key while that brings the first answer, and as a new operation where Stripe
    would only repeat its error or may have forgotten the key. The other kinds are looked at:
    they end by themselves as soon as Stripe answers. Errors: NotAllowed, NothingWaits,
    PaymentBusy, StripeUnavailable; RequestRefused and those of the use case. No answer again
    is no error: it waits on.
    """
    operation = _open(desk, actor, operation_id)
    kind = operation.kind
    if kind not in _SENDS:
        with desk.store.transaction() as session:
            _record(session, desk, actor, operation, "operation.look")
        recovery.resolve(desk, operation.payment_id, page_is_watched=False)
    elif not _LOOK_UPS[kind](desk, actor, operation):
        _SENDS[kind](desk, actor, _to_send(desk, actor, operation))
    return view(desk, operation.payment_id)


def give_up(desk: Desk, actor: Actor, operation_id: str) -> PaymentView:
    """Look at Stripe; if a capture or refund did not happen, stop asking for it.

    Should it happen after all, events and reconciliation tell, and the books follow. Errors:
    NotAllowed, NothingWaits, PaymentBusy while the request may still run, StripeUnavailable.
    """
    operation = _open(desk, actor, operation_id)
    if operation.kind not in SENT_BY_PEOPLE:
        raise NothingWaits
    if not _LOOK_UPS[operation.kind](desk, actor, operation):
        with desk.store.transaction() as session:
            payment = _abandon(session, desk, actor, operation, "operation.give_up")
            restate(session, desk, payment)
    return view(desk, operation.payment_id)


def _open(desk: Desk, actor: Actor, operation_id: str) -> Operation:
    """The open operation, if it is a person's to decide about.

    A capture or refund is not before it waits for one: its request may still run.
    """
    actor.require(Permission.USE_OPERATIONS)
    with desk.store.reading() as session:
        known = session.get(Operation, operation_id)
    if known is None:
        raise NothingWaits
    actor.require(PERMISSIONS[known.kind])
    with desk.store.transaction() as session:
        _, operation = sending.locked(session, operation_id)
        if operation.state != OperationState.OPEN:
            raise NothingWaits
        if operation.kind in SENT_BY_PEOPLE and not operation.needs_person:
            raise PaymentBusy(operation.payment_id)
        return operation


def _to_send(desk: Desk, actor: Actor, operation: Operation) -> Operation:
    """The operation to send: the same with its key, or a new one in its place."""
    now = desk.now()
    key_is_good = operation.replayable and now - operation.created_at < recovery.KEY_LIFETIME
    with desk.store.transaction() as session:
        if key_is_good:
            payment, current = _still_as(session, operation)
            _record(session, desk, actor, current, "operation.try_again")
            operations.note_replay(current, now)
            session.add(current)
        else:
            payment = _abandon(session, desk, actor, operation, "operation.try_again")
            session.flush()  # frees the payment's only slot for the new one
            current = _anew(session, desk, actor, payment, operation)
        restate(session, desk, payment)
    return current


def _anew(
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
    payment, current = _still_as(session, operation)
    _record(session, desk, actor, current, act, OperationState.ABANDONED)
    operations.end(current, OperationState.ABANDONED, desk.now())
    refunds.withdraw(session, current.id)
    session.add(current)
    return payment


def _still_as(session: Session, operation: Operation) -> tuple[Payment, Operation]:
    """Payment and operation, locked, if nothing has changed since the look.

    Somebody may have decided or sent it, and an event may have told that it happened.
    """
    payment, current = sending.locked(session, operation.id)
    if current.state != OperationState.OPEN:
        raise NothingWaits
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
    becomes: OperationState = OperationState.OPEN,
) -> None:
    """What somebody decided about an operation, as it is before that."""
    record(
        session,
        actor,
        act,
        ("payment", operation.payment_id),
        at=desk.now(),
        before={"state": operation.state, "sends": operation.sends},
        after={"state": becomes, "operation_id": operation.id, "kind": operation.kind},
    )
