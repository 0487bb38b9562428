"""Recovery: ending an operation whose outcome is unknown. It never charges unattended.

A confirm may be sent again with its key only while its page is watched, and only within
`REPLAY_WINDOW` of its row. After that the PaymentIntent is retrieved: if Stripe confirmed it,
that is applied; if not, it is cancelled, which fences off a confirm that is still on its way,
and the payment shows "Not charged". A capture or a refund has no such fence and is never sent
again here: what Stripe shows is applied, and otherwise the operation needs review.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.payment.operation import SENT_BY_PEOPLE, OperationKind
from cardpay.domain.payment.status import TERMINAL, CancellationCause, PaymentStatus
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.gateway.errors import ObjectUnreadable, RequestRefused, StripeUnavailable
from cardpay.logs.logger import bound, get_logger
from cardpay.services.after_payment.captures import look_up_capture
from cardpay.services.after_payment.refunds import look_up_refund
from cardpay.services.desk import Desk
from cardpay.services.recovery.cancel_lookups import abandon_and_cancel, look_up_cancel
from cardpay.services.recovery.create_lookups import look_up_create
from cardpay.services.recovery.escalation import (
    escalate_when_due,
    record_failed_lookup,
)
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.idempotent_replay import (
    is_in_replay_window,
    may_replay,
)
from cardpay.services.stripe_writes.store_outcome import store_answer
from cardpay.services.taking.cancel_at_stripe import send_cancel
from cardpay.services.taking.confirm_payment import send_confirm
from cardpay.services.taking.create_payment import send_create
from cardpay.services.taking.payment_links.create_link import send_create_link
from cardpay.services.taking.payment_view import PaymentView, view
from cardpay.storage.payments import payment_operations, payments
from cardpay.storage.schema.tables import Operation

_log = get_logger(__name__)

# The least time between two lookups of one operation, so that a page that polls asks gently.
LOOKUP_INTERVAL: Final = timedelta(seconds=3)
# The same for an operation that needs review, perhaps for days.
REVIEW_LOOKUP_INTERVAL: Final = timedelta(minutes=1)

# What may be sent again by recovery; `may_replay` says when.
_REPLAYS: Final[Mapping[OperationKind, Callable[[Desk, Actor, Operation], object]]] = {
    OperationKind.CREATE: send_create,
    OperationKind.CONFIRM: send_confirm,
    OperationKind.CANCEL: send_cancel,
    OperationKind.CREATE_LINK: send_create_link,
    OperationKind.EXPIRE_LINK: send_cancel,
}


def recover_payment(desk: Desk, payment_id: str, *, page_is_watched: bool) -> PaymentView:
    """Try once to end the payment's open operation, and return the payment as it is then.

    Cheap when nothing is open, or when the request may still be running.
    """
    due = _claim_due_operation(desk, payment_id, page_is_watched=page_is_watched)
    if due is None:
        return view(desk, payment_id)
    operation, replay = due
    with bound(payment_id=payment_id, operation_id=operation.id, kind=operation.kind):
        try:
            _replay_or_look_up(desk, operation, replay=replay, page_is_watched=page_is_watched)
        # A refused replay has ended the operation already.
        except (RequestRefused, ObjectUnreadable) as failed:
            record_failed_lookup(desk, operation, failed)
            escalate_when_due(desk, operation)
        payment = view(desk, payment_id)
        if payment.open_operation is None:
            _log.info("operation resolved", replayed=replay, status=payment.display)
    return payment


def _replay_or_look_up(
    desk: Desk, operation: Operation, *, replay: bool, page_is_watched: bool
) -> None:
    if replay and operation.kind in _REPLAYS:
        _REPLAYS[operation.kind](desk, SYSTEM, operation)
    else:
        _look_up(desk, operation, page_is_watched=page_is_watched)
    if not operation.replayable and operation.kind not in SENT_BY_PEOPLE:
        escalate_when_due(desk, operation)


def _look_up(desk: Desk, operation: Operation, *, page_is_watched: bool) -> None:
    match operation.kind:
        case OperationKind.CREATE | OperationKind.CREATE_LINK:
            look_up_create(desk, operation, page_is_watched=page_is_watched)
        case OperationKind.CONFIRM:
            _look_up_confirm(desk, operation)
        case OperationKind.CANCEL | OperationKind.EXPIRE_LINK:
            look_up_cancel(desk, operation)
        case OperationKind.CAPTURE:
            _look_up_or_escalate(desk, operation, look_up_capture)
        case OperationKind.REFUND:
            _look_up_or_escalate(desk, operation, look_up_refund)


def _claim_due_operation(
    desk: Desk, payment_id: str, *, page_is_watched: bool
) -> tuple[Operation, bool] | None:
    """The open operation, claimed for one try, and whether to send it again.

    None if there is none, or if it is too early.
    """
    now = desk.now()
    with desk.store.reading() as session:
        operation = payment_operations.open_operation(session, payment_id)
        if operation is None or not _is_due(operation, now):
            return None
    with desk.store.transaction() as session:
        payment = payments.locked(session, payment_id)
        operation = payment_operations.open_operation(session, payment_id)
        if payment is None or operation is None or not _is_due(operation, now):
            return None
        replay = may_replay(operation, now, page_is_watched=page_is_watched)
        if replay:
            operation_lifecycle.record_replay(operation, now)
        else:
            in_review = operation.needs_review and operation.kind in SENT_BY_PEOPLE
            interval = REVIEW_LOOKUP_INTERVAL if in_review else LOOKUP_INTERVAL
            operation.in_flight_until_at = now + interval
        session.add(operation)
        return operation, replay


def _is_due(operation: Operation, now: datetime) -> bool:
    flight = operation.in_flight_until_at
    last = operation.last_sent_at
    return (flight is None or now >= flight) and (last is None or now >= last + LOOKUP_INTERVAL)


def _look_up_confirm(desk: Desk, operation: Operation) -> None:
    asked_at = desk.now()
    try:
        intent = desk.gateway.retrieve_payment_intent(operation.request["payment_intent_id"])
    except StripeUnavailable:
        return
    if was_confirmed(intent, operation.request["payment_method_id"]):
        store_answer(desk, SYSTEM, operation.id, intent, asked_at)
        return
    if is_in_replay_window(operation, desk.now()):
        return  # it may still be executed: look again before fencing it off
    cause = CancellationCause.RECOVERY
    abandon_and_cancel(desk, operation, OperationKind.CANCEL, cause)  # the fence


def was_confirmed(intent: PaymentIntentSnapshot, payment_method_id: str) -> bool:
    """Whether the PaymentIntent shows that a confirm with this PaymentMethod was executed."""
    if intent.status in TERMINAL:
        return True
    if intent.latest_charge and intent.latest_charge.payment_method_id == payment_method_id:
        return True
    if intent.last_error and intent.last_error.payment_method_id == payment_method_id:
        return True
    waiting = {
        PaymentStatus.REQUIRES_ACTION,
        PaymentStatus.PROCESSING,
        PaymentStatus.REQUIRES_CAPTURE,
    }
    return intent.status in waiting and intent.payment_method_id == payment_method_id


def _look_up_or_escalate(
    desk: Desk, operation: Operation, look_up: Callable[[Desk, Actor, Operation], bool]
) -> None:
    """Apply the outcome that Stripe shows; without one the operation needs review in time."""
    try:
        found = look_up(desk, SYSTEM, operation)
    except StripeUnavailable:
        return
    if not found:
        escalate_when_due(desk, operation)
