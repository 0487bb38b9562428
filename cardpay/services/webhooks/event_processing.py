"""Receiving events, and trying again what could not be applied.

An event is stored once and committed before it is answered; applying it is another transaction,
later, by whichever worker claims it. Nothing is lost by a kill at any point: what was not
committed was not answered, so Stripe sends it again; what was not handled is claimed again.

Two workers in each process: one applies at once what an event says by itself, and leaves to the
other what Stripe has to be asked about. So a slow Stripe holds up no news that is here already.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Any, Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_facts.events import WAITING, EventState, subject_of
from cardpay.domain.stripe_facts.settlement_snapshots import EventSnapshot
from cardpay.gateway import event_allow_list, webhook_verification
from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.gateway.stripe_gateway import API_VERSION
from cardpay.logs.logger import bound, failure, get_logger
from cardpay.services.audit.record import record
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import PeriodicTask, ShouldContinue
from cardpay.services.webhooks.applying import BelongsToNoPayment, apply_told, handle
from cardpay.storage.schema.tables import StripeEvent
from cardpay.storage.webhooks import events

_log = get_logger(__name__)

GiveWay = Callable[[], None]

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
# A worker that was killed holds its events this long. It is longer than a batch takes; should a
# very slow one be overtaken, then applying twice does no harm.
CLAIM: Final = timedelta(minutes=5)
# An event that Stripe is asked about may wait for several answers, so that one is claimed alone.
BATCH: Final = 20
BATCH_TO_ASK: Final = 1
LOOK_EVERY: Final = timedelta(seconds=2)


class EventNotFound(CardpayError):
    """No event has this number."""

    def __init__(self) -> None:
        super().__init__("Event not found.", "Reload the page.")


def receive(desk: Desk, secret: str, body: bytes, signature: str | None) -> bool:
    """Check, store and commit one event; whether it was new. SignatureRefused, MalformedEvent."""
    return store_event(desk, webhook_verification.verified_event(body, signature, secret))


def store_event(desk: Desk, event: EventSnapshot) -> bool:
    """Store an event, however it came; whether it was new."""
    return store_events(desk, [event]) == 1


def store_events(desk: Desk, received: Sequence[EventSnapshot], *, listed: bool = False) -> int:
    """Store events in one transaction; how many were new. `listed`: no webhook brought them."""
    rows = [event_row(desk, event, listed=listed) for event in received]
    with desk.store.transaction() as session:
        return events.insert_new(session, rows)


def event_workers(desk: Desk, give_way: GiveWay) -> tuple[PeriodicTask, PeriodicTask]:
    """What applies events in this process, beside the other processes' workers.

    What arrives here wakes the first, and that the second. Their pause is how soon they look
    for what failed, or was left.
    """
    asking = PeriodicTask(
        "events to ask about", LOOK_EVERY, lambda go_on: handle_to_ask(desk, go_on, give_way)
    )

    def work(go_on: ShouldContinue) -> None:
        if handle_told(desk, go_on, give_way):
            asking.wake()

    return PeriodicTask("events", LOOK_EVERY, work), asking


def handle_all_due(
    desk: Desk, go_on: ShouldContinue = lambda: True, give_way: GiveWay = lambda: None
) -> int:
    """Claim and try events until none is due; how many tries that were.

    `give_way` is called before each step and may hold it up for a moment.
    """
    return handle_told(desk, go_on, give_way) + handle_to_ask(desk, go_on, give_way)


def handle_told(
    desk: Desk, go_on: ShouldContinue = lambda: True, give_way: GiveWay = lambda: None
) -> int:
    """Try what has arrived, as far as nothing need be asked; as `handle_all_due`."""
    states = (EventState.RECEIVED,)
    return _handle_due(desk, states, BATCH, apply_told, go_on, give_way)


def handle_to_ask(
    desk: Desk, go_on: ShouldContinue = lambda: True, give_way: GiveWay = lambda: None
) -> int:
    """Try what Stripe has to be asked about, and what failed; as `handle_all_due`."""
    states = (EventState.TO_ASK, EventState.FAILED)
    return _handle_due(desk, states, BATCH_TO_ASK, handle, go_on, give_way)


def _handle_due(
    desk: Desk,
    states: Collection[EventState],
    batch: int,
    how: Callable[[Desk, StripeEvent], None],
    go_on: ShouldContinue,
    give_way: GiveWay,
) -> int:
    tried = 0
    while go_on():
        give_way()
        now = desk.now()
        with desk.store.transaction() as session:
            claimed = events.claim_due(session, states, now, now + CLAIM, batch)
        for event in claimed:
            if not go_on():
                break  # the others are due again after their claim
            give_way()
            _try(desk, event, how)
            tried += 1
        if len(claimed) < batch:
            break
    return tried


def retry(desk: Desk, actor: Actor, event_row_id: int) -> EventState:
    """Try an event that waits right now, and say how far it is then.

    Errors: NotAllowed, EventNotFound. Twice at once does no harm: applying is idempotent.
    """
    actor.require(Permission.USE_OPERATIONS)
    with desk.store.transaction() as session:
        event = events.locked(session, event_row_id)
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
        _try(desk, event, handle)
    with desk.store.reading() as session:
        found = session.get(StripeEvent, event_row_id)
        assert found is not None
        return found.state


def event_row(desk: Desk, event: EventSnapshot, *, listed: bool = False) -> dict[str, Any]:
    """What of an event is kept. Of one in another API version or book: type and ids alone."""
    account = desk.account
    now = desk.now()
    why_ignored = _why_ignored(desk, event)
    readable = why_ignored is None and event.api_version == API_VERSION
    return {
        "stripe_account_id": event.account_id or account.stripe_account_id,
        "livemode": event.livemode,
        "stripe_event_id": event.event_id,
        "type": event.type,
        "api_version": event.api_version,
        "object_id": _object_id(event),
        "stripe_payment_intent_id": webhook_verification.payment_intent_id(event),
        "fields": event_allow_list.allowed_fields(event.object) if readable else {},
        "state": (EventState.IGNORED if why_ignored else EventState.RECEIVED),
        "tries": 0,
        "problem": why_ignored,
        "created_at": event.created_at,
        "received_at": now,
        "next_try_at": None if why_ignored else now,
        "handled_at": None,
        "listed": listed,
    }


def _object_id(event: EventSnapshot) -> str | None:
    """Stripe makes the ids of what is applied; others, such as a product's, people may choose."""
    if event.object_id is None or subject_of(event.type) is not None:
        return event.object_id
    return mask_card_numbers(event.object_id)


def _why_ignored(desk: Desk, event: EventSnapshot) -> str | None:
    """Why an event is stored and never applied; None when it is to be applied."""
    if event.account_id not in {None, desk.account.stripe_account_id}:
        return "It is of another account."
    if event.livemode is not desk.account.livemode:
        return "It is of the other mode."
    if subject_of(event.type) is None or event.object_id is None:
        return "The desk takes no events of this type."
    return None


def _try(desk: Desk, event: StripeEvent, how: Callable[[Desk, StripeEvent], None]) -> None:
    """Apply a claimed event, or keep why that failed."""
    with bound(event_id=event.stripe_event_id, payment_intent_id=event.stripe_payment_intent_id):
        _apply(desk, event, how)


def _apply(desk: Desk, event: StripeEvent, how: Callable[[Desk, StripeEvent], None]) -> None:
    try:
        how(desk, event)
        _log.debug("event applied", type=event.type)
    except BelongsToNoPayment as why:
        _log.debug("event belongs to no payment", type=event.type)
        with desk.store.transaction() as session:
            events.end(session, event.id, EventState.IGNORED, desk.now(), problem=why.what)
    except Exception as error:  # noqa: BLE001 - one event must not stop the others
        problem = _problem(error)
        _log.warning("event not applied", type=event.type, problem=problem, **failure(error))
        pause = PAUSES[min(event.tries, len(PAUSES)) - 1]
        with desk.store.transaction() as session:
            events.note_failure(session, event.id, EventState.FAILED, problem, desk.now() + pause)


def _problem(error: Exception) -> str:
    """The reason, without anything of the event itself: an error's own text may quote it."""
    match error:
        case StripeUnavailable():
            return f"Stripe could not be asked ({error.reason})."
        case RequestRefused():
            return f"Stripe refused the question ({error.code or error.http_status})."
        case CardpayError():
            return error.what
        case _:
            return f"An error in cardpay ({type(error).__name__})."
