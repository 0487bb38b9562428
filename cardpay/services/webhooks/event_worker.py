"""Applying stored events in the background, and trying again what could not be applied.

Two workers run in each process. One applies at once what events say by themselves, many in one
transaction, and leaves to the other what Stripe has to be asked about: so a slow Stripe holds up
no news that is here already. The other claims an event for a while and applies it; if it is
killed, the claim runs out and the event is due again.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_facts.events import WAITING, EventState
from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.logs.logger import bound, failure, get_logger
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import PeriodicTask, ShouldContinue
from cardpay.services.webhooks.apply_event import (
    BelongsToNoPayment,
    apply_payloads,
    apply_with_retrieve,
)
from cardpay.services.webhooks.listed_fees import apply_listed_fees
from cardpay.storage.schema.tables import StripeEvent
from cardpay.storage.webhooks import event_queue

_log = get_logger(__name__)

BeforeEach = Callable[[], None]
Apply = Callable[[Desk, StripeEvent], None]

# After the n-th failure; the last one repeats. Stripe being down for a minute delays an event
# by a minute, and one that will never work does not fill the log.
PAUSES: Final = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
# How long a killed worker's events stay claimed. It is longer than one takes; if a very slow
# worker is overtaken all the same, applying an event twice does no harm.
CLAIM: Final = timedelta(minutes=5)
# So many are applied together. More are faster, and make people at the desk wait for longer.
BATCH: Final = 30
_NEW: Final = (EventState.RECEIVED,)
_TO_ASK: Final = (EventState.NEEDS_RETRIEVE, EventState.FAILED)
LOOK_EVERY: Final = timedelta(seconds=2)


class EventNotFound(CardpayError):
    """No event has this number."""

    def __init__(self) -> None:
        super().__init__("Event not found.", "Reload the page.")


def event_workers(desk: Desk, before_each: BeforeEach) -> tuple[PeriodicTask, PeriodicTask]:
    """The two tasks that apply events in this process: from their own fields, and by retrieving.

    Whoever receives an event wakes the first, and that one the second. Their pause is how soon
    they look for events that failed or that another process left. `before_each` is called before
    each step and may hold it up for a moment.
    """
    retrieving = PeriodicTask(
        "event retrievals", LOOK_EVERY, lambda go_on: process_retrievals(desk, go_on, before_each)
    )

    def work(go_on: ShouldContinue) -> None:
        if process_received(desk, go_on, before_each):
            retrieving.wake()

    return PeriodicTask("events", LOOK_EVERY, work), retrieving


def process_all_due(
    desk: Desk, go_on: ShouldContinue = lambda: True, before_each: BeforeEach = lambda: None
) -> int:
    """Claim and try events until none is due; return the number of tries.

    `go_on` and `before_each` are called before each step: the first says whether to take it, the
    second may hold it up, or raise.
    """
    received = process_received(desk, go_on, before_each)
    return received + process_retrievals(desk, go_on, before_each)


def process_received(
    desk: Desk, go_on: ShouldContinue = lambda: True, before_each: BeforeEach = lambda: None
) -> int:
    """Apply new events from their own fields, without asking Stripe; as `process_all_due`.

    Many in one transaction, and one by one where that failed, so that one that cannot be applied
    stops no other.
    """
    tried = 0
    while go_on():
        before_each()
        try:
            with desk.store.transaction() as session:
                events = event_queue.lock_due(session, _NEW, desk.now(), BATCH)
                apply_payloads(session, desk, events)
        except Exception:  # noqa: BLE001 - it is found and told one by one
            events = _process_one_by_one(desk, go_on)
        tried += len(events)
        if len(events) < BATCH:
            break
    return tried


def _process_one_by_one(desk: Desk, go_on: ShouldContinue) -> Sequence[StripeEvent]:
    now = desk.now()
    with desk.store.transaction() as session:
        claimed = event_queue.claim_due(session, _NEW, now, now + CLAIM, BATCH)
    for event in claimed:
        if not go_on():
            break  # the others are due again after their claim
        _try(desk, event, _apply_payload)
    return claimed


def _apply_payload(desk: Desk, event: StripeEvent) -> None:
    with desk.store.transaction() as session:
        apply_payloads(session, desk, [event], claimed=True)


def process_retrievals(
    desk: Desk, go_on: ShouldContinue = lambda: True, before_each: BeforeEach = lambda: None
) -> int:
    """Apply events for which Stripe has to be asked, or that failed; as `process_all_due`.

    Where many wait for nothing but their fees, these are listed. All others come one at a time:
    such an event may need several answers from Stripe, each of them slow.
    """
    tried = 0
    may_list = True
    while go_on():
        before_each()
        if may_list:
            handled = _list_fees(desk)
            tried += handled
            may_list = handled > 0  # what a page has not brought, another page does not either
            continue
        now = desk.now()
        with desk.store.transaction() as session:
            claimed = event_queue.claim_due(session, _TO_ASK, now, now + CLAIM, 1)
        for event in claimed:
            _try(desk, event, apply_with_retrieve)
            tried += 1
        if not claimed:
            break
    return tried


def _list_fees(desk: Desk) -> int:
    try:
        return apply_listed_fees(desk)
    except Exception as error:  # noqa: BLE001 - each event tells by itself what is wrong
        _log.warning("fees not listed", **failure(error))
        return 0


def retry(desk: Desk, actor: Actor, event_row_id: int) -> EventState:
    """Try an unfinished event now, and return its state afterwards.

    Applying is idempotent, so two retries at once do no harm. Raises NotAllowed, EventNotFound,
    AskedTooOften.
    """
    actor.require(Permission.USE_OPERATIONS)
    desk.asks.count(actor, desk.now())
    with desk.store.transaction() as session:
        event = event_queue.locked(session, event_row_id)
        if event is None:
            raise EventNotFound
        if event.state in WAITING:
            tries = event.tries
            event.next_try_at = desk.now() + CLAIM
            event.tries += 1
            session.add(event)
            record(
                session,
                actor,
                "event.retry",
                ("stripe_event", event.stripe_event_id),
                at=desk.now(),
                before={"state": event.state, "tries": tries},
                after={"tries": event.tries},
            )
    if event.state in WAITING:
        _try(desk, event, apply_with_retrieve)
    with desk.store.reading() as session:
        found = session.get(StripeEvent, event_row_id)
        assert found is not None
        return found.state


def _try(desk: Desk, event: StripeEvent, apply: Apply) -> None:
    """Apply a claimed event, or keep why that failed and when to try again."""
    with bound(event_id=event.stripe_event_id, payment_intent_id=event.stripe_payment_intent_id):
        try:
            apply(desk, event)
            _log.debug("event applied", type=event.type)
        except BelongsToNoPayment as why:
            _log.debug("event belongs to no payment", type=event.type)
            with desk.store.transaction() as session:
                event_queue.end_many(
                    session, {event.id}, EventState.IGNORED, desk.now(), problem=why.what
                )
        except Exception as error:  # noqa: BLE001 - one event must not stop the others
            problem = _problem(error)
            _log.warning("event not applied", type=event.type, problem=problem, **failure(error))
            next_try_at = desk.now() + PAUSES[min(event.tries, len(PAUSES)) - 1]
            with desk.store.transaction() as session:
                event_queue.note_failure(
                    session, event.id, EventState.FAILED, problem, next_try_at
                )


def _problem(error: Exception) -> str:
    """The reason in a sentence; not the error's own text, which may quote the event."""
    match error:
        case StripeUnavailable():
            return f"Stripe could not be asked ({error.reason})."
        case RequestRefused():
            return f"Stripe refused the question ({error.code or error.http_status})."
        case CardpayError():
            return error.what
        case _:
            return f"An error in cardpay ({type(error).__name__})."
