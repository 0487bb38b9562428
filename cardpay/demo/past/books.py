"""The desk's books of what has happened at the simulated Stripe since they were last kept."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from cardpay.demo.past.desk_rows import add_acts
from cardpay.demo.past.planned_acts import Act, SimulatedPast
from cardpay.demo.past.simulated_stripe import Json
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.stripe_facts.events import EventState
from cardpay.gateway import snapshot_parsing
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import Fact, apply_facts
from cardpay.services.webhooks.receive_event import event_row
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payouts_to_itemise
from cardpay.storage.webhooks import event_queue

# In an order in which each finds what it belongs to.
_PARSERS: Final[dict[str, Callable[[Json], Any]]] = {
    "payment_intent": snapshot_parsing.payment_intent,
    "charge": snapshot_parsing.charge,
    "refund": snapshot_parsing.refund,
    "dispute": snapshot_parsing.dispute,
    "balance_transaction": snapshot_parsing.balance_transaction,
    "payout": snapshot_parsing.payout,
}
_PLACES: Final = {kind: place for place, kind in enumerate(_PARSERS)}


def keep_books(
    session: Session,
    desk: Desk,
    at_stripe: SimulatedPast,
    acts: Sequence[Act],
    between: tuple[datetime, datetime],
) -> None:
    """Store what was done `between` two times, `acts` among it; the caller commits.

    The same again stores nothing twice.
    """
    since, until = between
    add_acts(session, at_stripe, acts)
    changed = at_stripe.past.take_changed()
    older = [(one, at) for one, at in changed if _is_before(one, since)]
    new = [one for kind in _PARSERS for one in at_stripe.past.created(kind, since, until)]
    _apply(session, desk, new, until)
    older.sort(key=lambda found: found[1])
    for at, found in groupby(older, key=lambda found: found[1]):
        _apply(session, desk, [one for one, _ in found], at)
    _itemise(session, desk, at_stripe, [one for one, _ in changed if one["object"] == "payout"])
    _store_events(session, desk, at_stripe, since, until)


def _is_before(thing: Json, since: datetime) -> bool:
    return bool(thing["object"] in _PARSERS and thing["created"] < since.timestamp())


def _apply(session: Session, desk: Desk, things: Iterable[Json], now: datetime) -> None:
    """Take what Stripe states of some objects, as if it had been asked then."""
    ordered = sorted(things, key=lambda one: (_PLACES[one["object"]], one["created"]))
    then = replace(desk, now=lambda: now)
    facts = [Fact(_PARSERS[one["object"]](_now(one, desk)), now) for one in ordered]
    if facts:
        apply_facts(session, then, SYSTEM, facts)


def _now(thing: Json, desk: Desk) -> Json:
    """The object as Stripe would answer: a balance transaction's status follows from the time."""
    if thing["object"] != "balance_transaction":
        return thing
    available = thing["available_on"] <= desk.now().timestamp()
    return {**thing, "status": "available" if available else "pending"}


def _itemise(
    session: Session, desk: Desk, at_stripe: SimulatedPast, payouts: Iterable[Json]
) -> None:
    """Note what is in each payout of which Stripe has completed the list."""
    for payout in payouts:
        if payout["reconciliation_status"] != payouts_to_itemise.COMPLETED:
            continue
        paid_out = at_stripe.past.paid_out(payout["id"])
        facts = [
            Fact(snapshot_parsing.balance_transaction(_now(one, desk)), desk.now(), payout["id"])
            for one in paid_out
        ]
        apply_facts(session, desk, SYSTEM, facts)
        payouts_to_itemise.mark_itemised(session, desk.account.key, payout["id"])


def _store_events(
    session: Session, desk: Desk, at_stripe: SimulatedPast, since: datetime, until: datetime
) -> None:
    """Store the events as handled, since what they say is applied."""
    rows = []
    for one in at_stripe.past.created("event", since, until + timedelta(seconds=1)):
        event = snapshot_parsing.event(one)
        row = event_row(desk, event, listed=True)
        if row["state"] == EventState.RECEIVED:
            row.update(
                state=EventState.HANDLED,
                next_try_at=None,
                handled_at=event.created_at,
            )
        rows.append({**row, "received_at": event.created_at})
    if rows:
        event_queue.insert_new(session, rows)
