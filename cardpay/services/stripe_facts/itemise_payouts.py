"""Which balance transactions are in which payout: listed once Stripe says that it knows.

Only what is in an automatic payout can be listed, and only once its `reconciliation_status` is
completed (Stripe docs: "Payout reconciliation").
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from cardpay.domain.access.actor import Actor
from cardpay.gateway.pagination import BALANCE_TRANSACTIONS, ListPage, ListQuery
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import Fact, apply_facts
from cardpay.services.stripe_facts.set_aside import set_aside
from cardpay.storage.payments import payouts_to_itemise

Ask = Callable[[Callable[[], ListPage[Any]]], ListPage[Any]]


def itemise_payouts(desk: Desk, actor: Actor, ask: Ask) -> None:
    """List what is in each payout that can be itemised and is not yet.

    `ask` makes a request in its turn.
    """
    with desk.store.reading() as session:
        waiting = payouts_to_itemise.to_itemise(session, desk.account.key)
    for payout_id in waiting:
        itemise(desk, actor, payout_id, ask)


def itemise(desk: Desk, actor: Actor, payout_id: str, ask: Ask) -> None:
    """List what is in a payout. One that was cut off is listed anew."""
    query = ListQuery(desk.now(), desk.now(), payout=payout_id)
    more = True
    while more:
        page = ask(partial(desk.gateway.list_page, BALANCE_TRANSACTIONS, query))
        more = page.has_more
        with desk.store.transaction() as session:
            facts = [Fact(one, desk.now(), payout_id) for one in page.found]
            apply_facts(session, desk, actor, facts)
            set_aside(session, desk, page.unreadable)
            if not more:
                payouts_to_itemise.mark_itemised(session, desk.account.key, payout_id)
        query = replace(query, after=page.last_id)
