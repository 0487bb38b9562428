"""Receiving Stripe's events: each is verified, stored once and committed before it is answered.

Applying it is another transaction, later, by whichever worker claims it (`event_worker`). An event
that was not committed was not answered either, so Stripe sends it again: a kill loses none.
"""

from collections.abc import Sequence
from typing import Any

from cardpay.domain.stripe_facts.events import EventState, fields_are_read, subject_of
from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.gateway import event_allow_list, webhook_verification
from cardpay.gateway.stripe_gateway import API_VERSION
from cardpay.services.desk import Desk
from cardpay.storage.webhooks import event_queue


def receive_event(desk: Desk, secret: str, body: bytes, signature: str | None) -> bool:
    """Verify, store and commit one event; return whether it was new.

    Raises SignatureRefused, MalformedEvent.
    """
    return store_event(desk, webhook_verification.verified_event(body, signature, secret))


def store_event(desk: Desk, event: EventSnapshot) -> bool:
    """Store a verified event; return whether it was new."""
    return store_events(desk, [event]) == 1


def store_events(desk: Desk, received: Sequence[EventSnapshot], *, listed: bool = False) -> int:
    """Store events in one transaction; return how many were new.

    `listed` is true of events that Stripe's Events list brought, not a webhook.
    """
    rows = [event_row(desk, event, listed=listed) for event in received]
    with desk.store.transaction() as session:
        return event_queue.insert_new(session, rows)


def event_row(desk: Desk, event: EventSnapshot, *, listed: bool = False) -> dict[str, Any]:
    """The row of an event, by column: its type, ids and an allow-list of its object's fields.

    The fields are left out when the event is ignored, or is in another API version than ours.
    """
    account = desk.account
    now = desk.now()
    why_ignored = _why_ignored(desk, event)
    readable = why_ignored is None and fields_are_read(event.api_version, API_VERSION)
    return {
        "stripe_account_id": event.account_id or account.stripe_account_id,
        "livemode": event.livemode,
        "stripe_event_id": event.event_id,
        "type": event.type,
        "api_version": event.api_version,
        "object_id": event.object_id,
        "stripe_payment_intent_id": webhook_verification.payment_intent_id(event),
        "fields": event_allow_list.allowed_fields(event.object) if readable else {},
        "state": EventState.IGNORED if why_ignored else EventState.RECEIVED,
        "tries": 0,
        "problem": why_ignored,
        "created_at": event.created_at,
        "received_at": now,
        "next_try_at": None if why_ignored else now,
        "handled_at": None,
        "listed": listed,
    }


def _why_ignored(desk: Desk, event: EventSnapshot) -> str | None:
    """Why an event is stored and never applied; None when it is to be applied."""
    if event.account_id not in {None, desk.account.stripe_account_id}:
        return "It is of another account."
    if event.livemode is not desk.account.livemode:
        return "It is of the other mode."
    if subject_of(event.type) is None or event.object_id is None:
        return "The desk takes no events of this type."
    return None
