"""The life of one write to Stripe: committed, sent, ended. A crash between leaves it open.

open ── sent ──► done        Stripe did it, or answered definitely (a decline is an answer)
             └─► refused     Stripe did not accept the request: nothing ran
             └─► abandoned   given up: by recovery, after a fence made it harmless, by a person,
                             after Stripe showed that it had not happened, or since the payment
                             has ended the other way (paid before its cancel ran)
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import PaymentBusy, PaymentNotFound
from cardpay.domain.payment.status import (
    TERMINAL,
    DisplayStatus,
    PaymentStatus,
    WrongState,
    money_moved,
)
from cardpay.gateway.errors import OutcomeUnknown, RequestRefused
from cardpay.gateway.stripe_gateway import WRITE_SECONDS
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import Operation, Payment

# A request may still be on its way this long after it was sent; nobody replays it before.
IN_FLIGHT = timedelta(seconds=WRITE_SECONDS + 5)


class Kind(StrEnum):
    """What is asked of Stripe."""

    CREATE = "create"
    CONFIRM = "confirm"
    CAPTURE = "capture"
    REFUND = "refund"
    CANCEL = "cancel"


class State(StrEnum):
    """How far an operation is."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"


# The final status that each of these brings about. The other kinds may end either way.
_ASKED_FOR: Final = {
    Kind.CAPTURE: PaymentStatus.SUCCEEDED,
    Kind.CANCEL: PaymentStatus.CANCELED,
}


def idempotency_key(kind: Kind, operation_id: str) -> str:
    """The key of an operation: made once, with its row, and never again."""
    return f"cardpay-{kind.value}-{operation_id}"


def begin(
    session: Session,
    desk: Desk,
    actor: Actor,
    payment: Payment,
    kind: Kind,
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
        kind=kind.value,
        idempotency_key=idempotency_key(kind, operation_id),
        request=request,
        state=State.OPEN.value,
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


def wrong_state(payment: Payment, action: str) -> WrongState:
    """The error for an `action` ("paid", "captured") that the payment's status does not allow."""
    status = PaymentStatus(payment.status) if payment.status else None
    return WrongState(action, DisplayStatus(payment.display_status), money_moved(status))


def has_begun(desk: Desk, operation_id: str) -> bool:
    """Whether a submission has become an operation, whatever came of it: one row by its key."""
    with desk.store.reading() as session:
        return session.get(Operation, operation_id) is not None


def is_known(session: Session, payment: Payment, kind: Kind, operation_id: str) -> bool:
    """Whether this press of a button is an operation of the (locked) payment already."""
    earlier = session.get(Operation, operation_id)
    return earlier is not None and earlier.payment_id == payment.id and earlier.kind == kind.value


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


def end(operation: Operation, state: State, now: datetime) -> None:
    """The outcome is known: free the payment's slot."""
    operation.state = state.value
    operation.open_slot = None
    operation.needs_person = False
    operation.in_flight_until_at = None
    operation.finished_at = now


def state_after(operation: Operation, status: PaymentStatus) -> State:
    """How the operation ends when Stripe says the PaymentIntent is `status`.

    A cancel that finds it paid, and a capture that finds it cancelled, did not happen.
    """
    asked_for = _ASKED_FOR.get(Kind(operation.kind), status)
    other_end = status in TERMINAL and status is not asked_for
    return State.ABANDONED if other_end else State.DONE


def note_refusal(operation: Operation, refused: RequestRefused, now: datetime) -> None:
    """Stripe did not accept the request."""
    operation.problem_code = refused.code
    operation.problem = refused.message
    operation.stripe_request_id = refused.request_id
    end(operation, State.REFUSED, now)
