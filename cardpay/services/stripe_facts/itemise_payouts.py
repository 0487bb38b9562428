"""Which balance transactions are in which payout: listed once Stripe says that it knows.

Only what is in an automatic payout can be listed, and only once its `reconciliation_status` is
completed (Stripe docs: "Payout reconciliation").
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from cardpay.domain.access.actor import Actor
from cardpay.gateway.errors import ObjectUnreadable, RequestRefused, SetupProblem
from cardpay.gateway.pagination import BALANCE_TRANSACTIONS, ListPage, ListQuery
from cardpay.logs.logger import failure, get_logger
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import Fact, apply_facts
from cardpay.services.stripe_facts.set_aside import set_aside
from cardpay.storage.payments import payouts_to_itemise

_log = get_logger(__name__)

Ask = Callable[[Callable[[], ListPage[Any]]], ListPage[Any]]


def itemise_payouts(desk: Desk, actor: Actor, ask: Ask) -> None:
    """List what is in each payout that can be itemised and is not yet.

    `ask` makes a request in its turn. Raises SetupProblem.
    """
    with desk.store.reading() as session:
        waiting = payouts_to_itemise.to_itemise(session, desk.account.key)
    itemise_each(desk, actor, waiting, ask)


def itemise_each(desk: Desk, actor: Actor, payout_ids: Iterable[str], ask: Ask) -> None:
    """List what is in these payouts.

    One that Stripe does not list, or not so that it can be read, stands in no other's way: the
    next reconciliation tries it again. Raises SetupProblem.
    """
    for payout_id in payout_ids:
        try:
            _itemise(desk, actor, payout_id, ask)
        except SetupProblem:
            raise
        except (RequestRefused, ObjectUnreadable) as failed:
            _log.warning("payout not itemised", stripe_payout_id=payout_id, **failure(failed))


def _itemise(desk: Desk, actor: Actor, payout_id: str, ask: Ask) -> None:
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
        query = query.following(page)
