"""Balance transactions of many events at once: a page of the list for a hundred single reads.

A balance transaction, which states the fee, is made in the second of its charge or soon after, so
that those of a backlog of events stand close together in Stripe's list.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from cardpay.domain.stripe_facts.events import EventState
from cardpay.gateway.pagination import BALANCE_TRANSACTIONS, ListQuery
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import Fact, apply_facts
from cardpay.services.webhooks.apply_event import STRIPE, apply_payloads
from cardpay.storage.schema.tables import StripeEvent
from cardpay.storage.webhooks import event_queue

# So many events have to wait for each page that is listed: it may hold others' transactions.
EVENTS_A_PAGE: Final = 10
MOST_EVENTS: Final = 1_000
BATCH: Final = 30
_AROUND: Final = timedelta(minutes=2)
_STATES: Final = (EventState.NEEDS_RETRIEVE,)


def apply_listed_fees(desk: Desk) -> int:
    """List the balance transactions around the oldest events that wait, and apply both.

    Returns how many events were handled so; 0 if too few wait. Raises StripeUnavailable and
    RequestRefused.
    """
    with desk.store.reading() as session:
        waiting = event_queue.due(session, _STATES, desk.now(), MOST_EVENTS)
    if len(waiting) < EVENTS_A_PAGE:
        return 0
    _list_around(desk, waiting)
    handled = 0
    for _ in range(0, len(waiting), BATCH):
        with desk.store.transaction() as session:
            events = event_queue.lock_due(session, _STATES, desk.now(), BATCH)
            handled += apply_payloads(session, desk, events)
    return handled


def _list_around(desk: Desk, waiting: Sequence[StripeEvent]) -> None:
    times = [event.created_at for event in waiting]
    query = ListQuery(min(times) - _AROUND, max(times) + _AROUND)
    for _ in range(len(waiting) // EVENTS_A_PAGE):
        page = desk.gateway.list_page(BALANCE_TRANSACTIONS, query)
        with desk.store.transaction() as session:
            apply_facts(session, desk, STRIPE, [Fact(one) for one in page.found])
        if not page.has_more:
            return
        query = query.following(page)
