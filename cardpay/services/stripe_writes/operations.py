"""The life of one write to Stripe: committed, sent, ended. A crash between leaves it open.

`OperationState` says how it may end.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import PaymentBusy, PaymentNotFound, WrongState
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import TERMINAL, PaymentStatus, money_moved
from cardpay.gateway.errors import OutcomeUnknown, RequestRefused
from cardpay.gateway.stripe_gateway import WRITE_SECONDS
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import Operation, Payment

# A request may still be on its way this long after it was sent; nobody replays it before.
IN_FLIGHT = timedelta(seconds=WRITE_SECONDS + 5)


# The final status that each of these brings about. The other kinds may end either way.
_ASKED_FOR: Final = {
    OperationKind.CAPTURE: PaymentStatus.SUCCEEDED,
    OperationKind.CANCEL: PaymentStatus.CANCELED,
}


def idempotency_key(kind: OperationKind, operation_id: str) -> str:
    """The key of an operation: made once, with its row, and never again."""
    return f"cardpay-{kind}-{operation_id}"


def begin(
    session: Session,
    desk: Desk,
    actor: Actor,
    payment: Payment,
    kind: OperationKind,
    request: dict[str, Any],
    *,
    operation_id: str | None = None,
) -> Operation:
    """Add an open operation that takes the payment's only slot; its key is its own id.

    The caller commits before it calls Stripe. A second open operation on one payment is
    refused by the unique `open_slot`, and a second one of the same `operation_id` as well.
    """
    now = desk.now()
    operation_id = operation_id or str(uuid4())
    operation = Operation(
        id=operation_id,
        stripe_account_id=payment.stripe_account_id,
        livemode=payment.livemode,
        payment_id=payment.id,
        kind=kind,
        idempotency_key=idempotency_key(kind, operation_id),
        request=request,
        state=OperationState.OPEN,
        open_slot=payment.id,
        in_flight_until_at=now + IN_FLIGHT,
        first_sent_at=now,
        last_sent_at=now,
        sends=1,
        actor_id=actor.actor_id,
        created_at=now,
    )
    session.add(operation)
    return operation


def steady(session: Session, payment_id: str) -> Payment:
    """The payment, locked, with nothing in the open; PaymentNotFound, PaymentBusy."""
    payment = payments.locked(session, payment_id)
    if payment is None:
        raise PaymentNotFound(payment_id)
    if payments.open_operation(session, payment_id) is not None:
        raise PaymentBusy(payment_id)
    return payment


def wrong_state(payment: Payment, step: str) -> WrongState:
    """The error for a `step` ("paid", "captured") that the payment's status does not allow."""
    status = payment.status
    return WrongState(step, payment.display_status, money_moved(status))


def has_begun(desk: Desk, operation_id: str) -> bool:
    """Whether a submission has become an operation, whatever came of it: one row by its key."""
    with desk.store.reading() as session:
        return session.get(Operation, operation_id) is not None


def is_known(session: Session, payment: Payment, kind: OperationKind, operation_id: str) -> bool:
    """Whether this press of a button is an operation of the (locked) payment already."""
    earlier = session.get(Operation, operation_id)
    return earlier is not None and earlier.payment_id == payment.id and earlier.kind == kind


def note_replay(operation: Operation, now: datetime) -> None:
    """The same request is about to be sent again, with the same key."""
    operation.last_sent_at = now
    operation.in_flight_until_at = now + IN_FLIGHT
    operation.sends += 1
    operation.needs_person = False


def note_unknown(operation: Operation, unknown: OutcomeUnknown) -> None:
    """No clear answer: the operation stays open, and says why."""
    operation.in_flight_until_at = None
    operation.replayable = operation.replayable and unknown.replayable
    operation.problem = unknown.reason
    operation.stripe_request_id = unknown.request_id or operation.stripe_request_id


def end(operation: Operation, state: OperationState, now: datetime) -> None:
    """The outcome is known: free the payment's slot."""
    operation.state = state
    operation.open_slot = None
    operation.needs_person = False
    operation.in_flight_until_at = None
    operation.finished_at = now


def state_after(operation: Operation, status: PaymentStatus) -> OperationState:
    """How the operation ends when Stripe says the PaymentIntent is `status`.

    A cancel that finds it paid, and a capture that finds it cancelled, did not happen.
    """
    asked_for = _ASKED_FOR.get(operation.kind, status)
    other_end = status in TERMINAL and status is not asked_for
    return OperationState.ABANDONED if other_end else OperationState.DONE


def note_refusal(operation: Operation, refused: RequestRefused, now: datetime) -> None:
    """Stripe did not accept the request."""
    operation.problem = refused.message
    operation.stripe_request_id = refused.request_id
    end(operation, OperationState.REFUSED, now)
