"""Resolving an operation whose outcome is unknown, without charging behind anyone's back.

A confirm may be sent again with its key only while its page is watched, and only within
`REPLAY_WINDOW` of its row. After that Stripe is asked: if it confirmed, that is applied; if it
did not, the PaymentIntent is cancelled, which fences off a confirm that is still on its way,
and the payment shows "Not charged". A capture or a refund has no such fence and is sent by
people alone: what Stripe shows is applied, and otherwise it waits for a person.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.payment.operation import SENT_BY_PEOPLE, OperationKind, OperationState
from cardpay.domain.payment.status import CANCELLABLE, TERMINAL, CancellationCause, PaymentStatus
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.logs.log import bound, get_logger
from cardpay.services.after_payment.captures import look_up_capture
from cardpay.services.after_payment.refunds import look_up_refund
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.payment_facts import apply_intent, restate
from cardpay.services.stripe_writes import operations, sending
from cardpay.services.stripe_writes.escalation import call_a_person, note_refused_look, still_open
from cardpay.services.taking import checkout
from cardpay.services.taking.payment_view import PaymentView, view
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import Operation

_log = get_logger(__name__)

REPLAY_WINDOW = timedelta(minutes=2)
PAUSE = timedelta(seconds=3)  # between two looks at one operation, so that polling is gentle
WAITING_PAUSE = timedelta(minutes=1)  # the same for what waits for a person, perhaps for days
LOOKUP_MARGIN = timedelta(minutes=5)  # our clock and Stripe's may differ by less than this
# Stripe may forget a key after 24 hours, and the same key then makes a new request (Stripe
# docs: "Idempotent requests"). An hour of safety.
KEY_LIFETIME = timedelta(hours=23)
# After an error at Stripe it may still turn out either way, and its events may tell: this long
# (Stripe docs: "Advanced error handling", "Server errors").
INDETERMINATE = timedelta(minutes=10)


def resolve(desk: Desk, payment_id: str, *, page_is_watched: bool) -> PaymentView:
    """Try once to bring the payment's open operation to an end, and say what it is now.

    Cheap when nothing is open, or when the request may still be on its way.
    """
    due = _due(desk, payment_id, page_is_watched=page_is_watched)
    if due is None:
        return view(desk, payment_id)
    operation, replay = due
    with bound(payment_id=payment_id, operation_id=operation.id, kind=operation.kind):
        try:
            _try(desk, operation, replay=replay, page_is_watched=page_is_watched)
        except RequestRefused as refused:  # a refused send has ended the operation already
            note_refused_look(desk, operation, refused)
            call_a_person(desk, operation, since=_sent_at(operation), after=_patience(operation))
        now_is = view(desk, payment_id)
        if now_is.open_operation is None:
            _log.info("operation resolved", replayed=replay, status=now_is.display)
    return now_is


def _try(desk: Desk, operation: Operation, *, replay: bool, page_is_watched: bool) -> None:
    """Send it again, or look how it ended."""
    match operation.kind:
        case OperationKind.CREATE if replay:
            checkout.send_create(desk, SYSTEM, operation)
        case OperationKind.CONFIRM if replay:
            checkout.send_confirm(desk, SYSTEM, operation)
        case OperationKind.CANCEL if replay:
            checkout.send_cancel(desk, SYSTEM, operation)
        case OperationKind.CREATE:
            _look_up_create(desk, operation, page_is_watched=page_is_watched)
        case OperationKind.CONFIRM:
            _look_up_confirm(desk, operation)
        case OperationKind.CANCEL:
            _look_up_cancel(desk, operation)
        case OperationKind.CAPTURE:
            _look_up_or_wait(desk, operation, look_up_capture)
        case OperationKind.REFUND:
            _look_up_or_wait(desk, operation, look_up_refund)
    if not operation.replayable and operation.kind not in SENT_BY_PEOPLE:
        call_a_person(desk, operation, since=_sent_at(operation), after=INDETERMINATE)


def _due(desk: Desk, payment_id: str, *, page_is_watched: bool) -> tuple[Operation, bool] | None:
    """The open operation, claimed for one try, and whether that is to send it again.

    None if there is none, or if it is too early.
    """
    now = desk.now()
    with desk.store.reading() as session:
        operation = payments.open_operation(session, payment_id)
        if operation is None or not _ripe(operation, now):
            return None
    with desk.store.transaction() as session:
        payment = payments.locked(session, payment_id)
        operation = payments.open_operation(session, payment_id)
        if payment is None or operation is None or not _ripe(operation, now):
            return None
        replay = _may_replay(operation, now, page_is_watched=page_is_watched)
        if replay:
            operations.note_replay(operation, now)
        else:
            waits = operation.needs_person and operation.kind in SENT_BY_PEOPLE
            operation.in_flight_until_at = now + (WAITING_PAUSE if waits else PAUSE)
        session.add(operation)
        return operation, replay


def _ripe(operation: Operation, now: datetime) -> bool:
    flight = operation.in_flight_until_at
    last = operation.last_sent_at
    return (flight is None or now >= flight) and (last is None or now >= last + PAUSE)


def _may_replay(operation: Operation, now: datetime, *, page_is_watched: bool) -> bool:
    """Whether to send the same request with the same key again.

    A cancel moves no money, so it may be repeated for as long as Stripe keeps its key.
    """
    if not operation.replayable:
        return False
    if operation.kind == OperationKind.CANCEL:
        return now - operation.created_at < KEY_LIFETIME
    fresh = now - operation.created_at < REPLAY_WINDOW
    return (
        operation.kind in {OperationKind.CREATE, OperationKind.CONFIRM}
        and page_is_watched
        and fresh
    )


def _look_up_create(desk: Desk, operation: Operation, *, page_is_watched: bool) -> None:
    """Find what an unanswered create made: a PaymentIntent says whose it is in its metadata."""
    sent = [operation.first_sent_at, operation.last_sent_at]
    times = [at for at in sent if at is not None]
    asked_at = desk.now()
    try:
        found = [
            intent
            for intent in desk.gateway.list_payment_intents(
                min(times) - LOOKUP_MARGIN, max(times) + LOOKUP_MARGIN
            )
            if intent.metadata.get("payment_id") == operation.payment_id
        ]
    except StripeUnavailable:
        return
    fresh = desk.now() - operation.created_at < REPLAY_WINDOW
    if fresh and not (found and page_is_watched):
        return  # it may still be made, or somebody may wait for it on its page: look again
    _end_create(desk, operation, found, asked_at, adopt=fresh)


def _end_create(
    desk: Desk,
    operation: Operation,
    found: list[PaymentIntentSnapshot],
    asked_at: datetime,
    *,
    adopt: bool,
) -> None:
    """Adopt what was made while somebody waits for it; cancel an orphan that nobody does."""
    fence = None
    with desk.store.transaction() as session:
        payment, current = still_open(session, operation)
        if payment is None or current is None:
            return
        state = OperationState.DONE if found else OperationState.ABANDONED
        operations.end(current, state, desk.now())
        session.add(current)
        session.flush()
        if found:
            apply_intent(session, desk, SYSTEM, found[0], asked_at=asked_at)
        status = payment.status
        if not adopt and status in CANCELLABLE:
            fence = checkout.begin_cancel(
                session, desk, SYSTEM, payment, CancellationCause.RECOVERY
            )
        restate(session, desk, payment)
    if fence is not None:
        checkout.send_cancel(desk, SYSTEM, fence)


def _look_up_confirm(desk: Desk, operation: Operation) -> None:
    asked_at = desk.now()
    try:
        intent = desk.gateway.retrieve_payment_intent(operation.request["payment_intent_id"])
    except StripeUnavailable:
        return
    if was_confirmed(intent, operation.request["payment_method_id"]):
        sending.store_answer(desk, SYSTEM, operation.id, intent, asked_at)
        return
    if desk.now() - operation.created_at < REPLAY_WINDOW:
        return  # it may still be executed: look again before fencing it off
    _cancel_instead(desk, operation, CancellationCause.RECOVERY)  # the fence


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


def _cancel_instead(
    desk: Desk, operation: Operation, cause: CancellationCause
) -> Operation | None:
    """Give the operation up and cancel the PaymentIntent, so that it can never charge.

    The cancel, sent; None if somebody has ended the operation meanwhile.
    """
    with desk.store.transaction() as session:
        payment, current = still_open(session, operation)
        if payment is None or current is None:
            return None
        operations.end(current, OperationState.ABANDONED, desk.now())
        session.add(current)
        session.flush()  # frees the payment's only slot for the cancel
        cancel = checkout.begin_cancel(session, desk, SYSTEM, payment, cause)
        restate(session, desk, payment)
    checkout.send_cancel(desk, SYSTEM, cancel)
    return cancel


def _look_up_cancel(desk: Desk, operation: Operation) -> None:
    intent_id = operation.request["payment_intent_id"]
    asked_at = desk.now()
    try:
        intent = desk.gateway.retrieve_payment_intent(intent_id)
    except StripeUnavailable:
        return
    if intent.status in TERMINAL:
        sending.store_answer(desk, SYSTEM, operation.id, intent, asked_at)
        return
    # Stripe answered with an error that it repeats for this key. A second cancel with a key
    # of its own is harmless: it moves no money, and twice cancelled is cancelled. Should that
    # fail as well, each further one has its time, and a person sees the last of them.
    with desk.store.reading() as session:
        first = payments.first_cancel(session, operation)
    latest: Operation | None = operation
    if first.id == operation.id or desk.now() - operation.created_at >= INDETERMINATE:
        cause = CancellationCause(operation.request["cause"])
        latest = _cancel_instead(desk, operation, cause)
    if latest is not None:
        call_a_person(desk, latest, since=first.created_at, after=INDETERMINATE)


def _look_up_or_wait(
    desk: Desk, operation: Operation, look_up: Callable[[Desk, Actor, Operation], bool]
) -> None:
    """Apply what Stripe shows; what it does not show is a person's to decide."""
    try:
        found = look_up(desk, SYSTEM, operation)
    except StripeUnavailable:
        return
    if not found:
        call_a_person(desk, operation, since=_sent_at(operation), after=_patience(operation))


def _patience(operation: Operation) -> timedelta:
    return REPLAY_WINDOW if operation.replayable else INDETERMINATE


def _sent_at(operation: Operation) -> datetime:
    return operation.last_sent_at or operation.created_at
