"""The life of an operation, one write to Stripe: begun, sent, ended. A crash leaves it open.

`OperationState` says how it may end.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import PaymentBusy, PaymentNotFound
from cardpay.domain.payment.display_status import WrongState
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import TERMINAL, PaymentStatus, money_moved
from cardpay.domain.payment_link.link_rules import ENDED_LINK_STATUSES, LinkStatus
from cardpay.gateway.errors import OutcomeUnknown, RequestRefused
from cardpay.gateway.stripe_gateway import WRITE_SECONDS
from cardpay.services.desk import Desk
from cardpay.services.stripe_writes.idempotent_replay import idempotency_key
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.payments import payment_operations, payments
from cardpay.storage.schema.tables import Operation, Payment

# A request may still be running this long after it was sent, and is not replayed before.
IN_FLIGHT: Final = timedelta(seconds=WRITE_SECONDS + 5)


# The final status that each of these brings about. The other kinds may end either way.
_EXPECTED_STATUS: Final = {
    OperationKind.CAPTURE: PaymentStatus.SUCCEEDED,
    OperationKind.CANCEL: PaymentStatus.CANCELED,
    OperationKind.EXPIRE_LINK: LinkStatus.EXPIRED,
}
ENDED: Final = TERMINAL | ENDED_LINK_STATUSES
"""What Stripe calls a PaymentIntent or a Checkout Session to which nothing more can happen."""


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
    """Add an open operation with its idempotency key; the caller commits before calling Stripe.

    Unique keys refuse a second open operation of one payment (`open_slot`), and a second
    operation with the same id.
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


def begin_once(
    desk: Desk,
    payment_id: str,
    kind: OperationKind,
    submission_id: str,
    begin_on: Callable[[Session, Payment], Operation],
) -> Operation | None:
    """Phase one of what one press of a button asks for, whose submission is the operation's id.

    None if the press is an operation already. Otherwise `begin_on` is called with the payment,
    locked, and its operation is committed. Errors: PaymentNotFound, PaymentBusy and those of
    `begin_on`.
    """
    try:
        with desk.store.transaction() as session:
            payments.locked(session, payment_id)
            earlier = session.get(Operation, submission_id)
            if earlier and (earlier.payment_id, earlier.kind) == (payment_id, kind):
                return None
            return begin_on(session, lock_without_open_operation(session, payment_id))
    except Duplicate:
        raise PaymentBusy(payment_id) from None


def operation_exists(desk: Desk, operation_id: str) -> bool:
    """Whether a submission has become an operation, whatever its outcome."""
    with desk.store.reading() as session:
        return session.get(Operation, operation_id) is not None


def lock_without_open_operation(session: Session, payment_id: str) -> Payment:
    """The payment, locked. Raises PaymentNotFound, and PaymentBusy if an operation is open."""
    payment = payments.locked(session, payment_id)
    if payment is None:
        raise PaymentNotFound(payment_id)
    if payment_operations.open_operation(session, payment_id) is not None:
        raise PaymentBusy(payment_id)
    return payment


def lock_operation(session: Session, operation_id: str) -> tuple[Payment, Operation]:
    """The payment and its operation, locked in the order in which everything locks them."""
    operation = session.get(Operation, operation_id)
    assert operation is not None
    payment = payments.locked(session, operation.payment_id)
    assert payment is not None
    session.refresh(operation)
    return payment, operation


def wrong_state_error(payment: Payment, action: str) -> WrongState:
    """The error for an `action` ("paid", "captured") that the payment's status does not allow."""
    return WrongState(action, payment.display_status, money_moved(payment.status))


def record_replay(operation: Operation, now: datetime) -> None:
    """Record that the same request is about to be sent again, with the same key."""
    operation.last_sent_at = now
    operation.in_flight_until_at = now + IN_FLIGHT
    operation.sends += 1
    operation.needs_review = False


def record_unknown(operation: Operation, unknown: OutcomeUnknown) -> None:
    """Record why the outcome is unknown. The operation stays open."""
    operation.in_flight_until_at = None
    operation.replayable = operation.replayable and unknown.replayable
    operation.problem = unknown.reason
    operation.stripe_request_id = unknown.request_id or operation.stripe_request_id


def record_refusal(operation: Operation, refused: RequestRefused, now: datetime) -> None:
    """End the operation, since Stripe did not accept the request."""
    operation.problem = refused.message
    operation.stripe_request_id = refused.request_id
    end(operation, OperationState.REFUSED, now)


def end(operation: Operation, state: OperationState, now: datetime) -> None:
    """End the operation, so that the payment may have another one."""
    operation.state = state
    operation.open_slot = None
    operation.needs_review = False
    operation.in_flight_until_at = None
    operation.finished_at = now


def state_after(operation: Operation, status: PaymentStatus | LinkStatus | str) -> OperationState:
    """How the operation ends when Stripe says that what it was sent to has this status.

    A cancel of a payment that was paid, the expiry of a link that was, and a capture of a payment
    that was cancelled, did not happen.
    """
    expected = _EXPECTED_STATUS.get(operation.kind, status)
    ended_otherwise = status in ENDED and status is not expected
    return OperationState.ABANDONED if ended_otherwise else OperationState.DONE
