"""The demo's history: products and about 300 payments of the last months.

Each is made at the sandbox through the gateway, on a clock that runs through those days, and
what Stripe answered is what is stored, so that both agree. All of it is one transaction: the
use cases would commit some 2,000 times while somebody waits for the first page. The `desk`
row is written last, by the caller: a seeding that is cut off starts over.
"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cardpay.demo.example_orders import DAYS, STORIES, DemoHistory, add_order, order_times
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.domain.stripe_facts.events import EventState
from cardpay.gateway import pagination
from cardpay.gateway.pagination import ListQuery
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.sandbox import Sandbox
from cardpay.services import catalogue, database_account
from cardpay.services.desk import Desk
from cardpay.services.history.begin_import import import_history
from cardpay.services.webhooks.receive_event import store_events
from cardpay.storage.audit import append_entries
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import (
    AuditEntry,
    CustomerDetail,
    Operation,
    Payment,
    PaymentAttempt,
)
from cardpay.storage.webhooks import event_queue

_SEED = 20_240_229  # any number: the same history in every demo


def is_new(store: Store) -> bool:
    """Whether the database belongs to no account yet: only then is it filled."""
    return database_account.recorded(store) is None


def seed(store: Store, sandbox: Sandbox) -> StripeAccount:
    """Empty the desk and the sandbox and fill both; return the books that the desk now holds."""
    migrate.remove_tables(store.engine)
    migrate.upgrade(store.engine)
    sandbox.reset()
    history = DemoHistory(
        sandbox=sandbox,
        gateway=StripeGateway(sandbox.secret_key, send=sandbox.handle),
        chance=random.Random(_SEED),  # noqa: S311 - a repeatable past, not a secret
        now=datetime.now(UTC),
    )
    try:
        with sandbox.batch():
            _make_payments(history)
    finally:
        sandbox.clock.release()
    with store.transaction() as session:
        catalogue.add_examples(session, history.now)
        for kind in (Payment, CustomerDetail, Operation, PaymentAttempt):
            session.add_all([row for row in history.rows if isinstance(row, kind)])
            session.flush()
        for row in history.rows:
            if isinstance(row, AuditEntry):
                append_entries.add(session, row)
    return StripeAccount(Mode.DEMO, sandbox.account_id, livemode=False)


def _make_payments(history: DemoHistory) -> None:
    """One story a payment, oldest first."""
    stories = [story for story, count in STORIES for _ in range(count)]
    history.chance.shuffle(stories)
    times = order_times(history, len(stories))
    for number, (moment, story) in enumerate(zip(times, stories, strict=True), start=1):
        history.at(moment)
        add_order(history, number, story)


def import_aftermath(desk: Desk) -> None:
    """Import what followed the payments at Stripe: fees, refunds, disputes.

    The events of that time are stored as handled, since what they say is imported.
    """
    import_history(desk, SYSTEM)
    query = ListQuery(desk.now() - timedelta(days=DAYS + 2), desk.now())
    while True:
        page = desk.gateway.list_page(pagination.EVENTS, query)
        store_events(desk, page.found, listed=True)
        if not page.has_more:
            break
        query = replace(query, after=page.last_id)
    with desk.store.transaction() as session:
        event_queue.end_all(session, EventState.HANDLED, desk.now())
