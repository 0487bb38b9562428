"""Recovery: ending an operation whose outcome is unknown. It never charges unattended.

A confirm may be sent again with its key only while its page is watched, and only within
`REPLAY_WINDOW` of its row. After that the PaymentIntent is retrieved: if Stripe confirmed it,
that is applied; if not, it is cancelled, which fences off a confirm that is still on its way,
and the payment shows "Not charged". A capture or a refund has no such fence and is never sent
again here: what Stripe shows is applied, and otherwise the operation needs review.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.payment.operation import SENT_BY_PEOPLE, OperationKind, OperationState
from cardpay.domain.payment.review_rules import INDETERMINATE
from cardpay.domain.payment.status import CANCELLABLE, TERMINAL, CancellationCause, PaymentStatus
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.logs.logger import bound, get_logger
from cardpay.services.after_payment.captures import look_up_capture
from cardpay.services.after_payment.refunds import look_up_refund
from cardpay.services.desk import Desk
from cardpay.services.recovery.escalation import (
    escalate,
    escalate_when_due,
    lock_if_open,
    record_refused_lookup,
)
from cardpay.services.recovery.link_lookups import (
    LOOKUP_MARGIN,
    look_up_create_link,
    look_up_expire_link,
)
from cardpay.services.stripe_facts.apply_facts import apply_fact, update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.idempotent_replay import (
    is_in_replay_window,
    may_replay,
)
from cardpay.services.stripe_writes.store_outcome import store_answer
from cardpay.services.taking.cancel_payment import begin_cancel, send_cancel
from cardpay.services.taking.confirm_payment import send_confirm
from cardpay.services.taking.create_payment import send_create
from cardpay.services.taking.payment_links.create_link import send_create_link
from cardpay.services.taking.payment_links.expire_link import send_expire_link
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
    OperationKind.EXPIRE_LINK: send_expire_link,
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
        except RequestRefused as refused:  # a refused replay has ended the operation already
            record_refused_lookup(desk, operation, refused)
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
        case OperationKind.CREATE:
            _look_up_create(desk, operation, page_is_watched=page_is_watched)
        case OperationKind.CONFIRM:
            _look_up_confirm(desk, operation)
        case OperationKind.CANCEL:
            _look_up_cancel(desk, operation)
        case OperationKind.CREATE_LINK:
            look_up_create_link(desk, operation, page_is_watched=page_is_watched)
        case OperationKind.EXPIRE_LINK:
            look_up_expire_link(desk, operation)
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


def _look_up_create(desk: Desk, operation: Operation, *, page_is_watched: bool) -> None:
    """Find what an unanswered create made: the PaymentIntent has all that was asked for."""
    sent = [operation.first_sent_at, operation.last_sent_at]
    times = [at for at in sent if at is not None]
    asked_at = desk.now()
    try:
        found = [
            intent
            for intent in desk.gateway.list_payment_intents(
                min(times) - LOOKUP_MARGIN, max(times) + LOOKUP_MARGIN
            )
            if _is_answer(intent, operation.request)
        ]
    except StripeUnavailable:
        return
    in_time = is_in_replay_window(operation, desk.now())
    if in_time and not (found and page_is_watched):
        return  # it may still be made, or be wanted by somebody on its page: look again later
    _end_create(desk, operation, found, asked_at, adopt=in_time)


def _is_answer(intent: PaymentIntentSnapshot, request: Mapping[str, Any]) -> bool:
    """Whether the create's request made it.

    Other systems copy metadata and edit it, so that the payment's id alone says nothing.
    """
    stated = (intent.amount_minor, intent.currency)
    asked_for: Mapping[str, str] = request["metadata"]
    return (
        stated == (request["amount_minor"], request["currency"])
        and asked_for.items() <= intent.metadata.items()
    )


def _end_create(
    desk: Desk,
    operation: Operation,
    found: list[PaymentIntentSnapshot],
    asked_at: datetime,
    *,
    adopt: bool,
) -> None:
    """Apply the PaymentIntent that was found; cancel it unless somebody waits (`adopt`)."""
    cancel = None
    with desk.store.transaction() as session:
        payment, current = lock_if_open(session, operation)
        if payment is None or current is None:
            return
        state = OperationState.DONE if found else OperationState.ABANDONED
        operation_lifecycle.end(current, state, desk.now())
        session.add(current)
        session.flush()
        if found:
            apply_fact(session, desk, SYSTEM, found[0], asked_at=asked_at)
        if not adopt and payment.status in CANCELLABLE:
            cancel = begin_cancel(session, desk, SYSTEM, payment, CancellationCause.RECOVERY)
        else:
            update_derived_fields(session, desk, payment)
    if cancel is not None:
        send_cancel(desk, SYSTEM, cancel)


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
    _abandon_and_cancel(desk, operation, CancellationCause.RECOVERY)  # the fence


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


def _abandon_and_cancel(
    desk: Desk, operation: Operation, cause: CancellationCause
) -> Operation | None:
    """Abandon the operation and cancel the PaymentIntent, so that it can never charge.

    Returns the cancel, sent; None if the operation was ended meanwhile.
    """
    with desk.store.transaction() as session:
        payment, current = lock_if_open(session, operation)
        if payment is None or current is None:
            return None
        operation_lifecycle.end(current, OperationState.ABANDONED, desk.now())
        session.add(current)
        session.flush()  # frees the payment's only slot for the cancel
        cancel = begin_cancel(session, desk, SYSTEM, payment, cause)
    send_cancel(desk, SYSTEM, cancel)
    return cancel


def _look_up_cancel(desk: Desk, operation: Operation) -> None:
    intent_id = operation.request["payment_intent_id"]
    asked_at = desk.now()
    try:
        intent = desk.gateway.retrieve_payment_intent(intent_id)
    except StripeUnavailable:
        return
    if intent.status in TERMINAL:
        store_answer(desk, SYSTEM, operation.id, intent, asked_at)
        return
    # Stripe answered with an error that it repeats for this key. A second cancel with a key
    # of its own is harmless: it moves no money, and twice cancelled is cancelled. Should that
    # fail as well, each further one has its time, and the last of them is escalated.
    with desk.store.reading() as session:
        first = payment_operations.first_cancel(session, operation)
    latest: Operation | None = operation
    if first.id == operation.id or desk.now() - operation.created_at >= INDETERMINATE:
        cause = CancellationCause(operation.request["cause"])
        latest = _abandon_and_cancel(desk, operation, cause)
    if latest is not None:
        escalate(desk, latest, since=first.created_at, after=INDETERMINATE)


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
