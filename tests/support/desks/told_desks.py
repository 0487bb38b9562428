"""Desks that are told the same, each by another way in."""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.sandbox.webhook_sender import signature
from cardpay.services.desk import Desk
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.services.webhooks.receive_event import receive_event
from cardpay.storage.database.engine import Store, connect
from tests.support.desks.given_stripe import (
    ACCOUNT_ID,
    BEGUN_AT,
    GivenStripe,
    Happening,
    Json,
)
from tests.support.desks.worlds import AUDIT_KEYS, add_products
from tests.support.processes.servers import SECRET_KEY, WEBHOOK_SECRET


class Way(StrEnum):
    """How a desk gets to know a story."""

    WEBHOOKS = "webhooks"  # each event as it comes
    RECONCILE = "reconcile"  # nothing but lists, at the end
    BACKFILL = "backfill"
    WEBHOOK_THEN_RECONCILE = "first webhook, then reconcile"  # the others are lost
    WEBHOOK_THEN_BACKFILL = "first webhook, then backfill"


@dataclass
class ToldDesk:
    """A desk at a Stripe that holds what it was given. Its time moves a little at each look."""

    desk: Desk
    stripe: GivenStripe
    _now: list[datetime] = field(default_factory=list)

    def tell(self, story: Sequence[Happening], way: Way) -> None:
        """Let all of it happen, and the desk know."""
        for number, happening in enumerate(story):
            event = self.stripe.happen(happening)
            if way is Way.WEBHOOKS or (number == 0 and "webhook" in way):
                self.arrive(event)
        self.advance(days=1)
        if "reconcile" in way:
            self.reconcile()
        if "backfill" in way:
            import_history(self.desk, SYSTEM, requests_per_second=10_000)

    def arrive(self, event: Json) -> None:
        """One signed event, stored and applied."""
        self.arrive_together([event])

    def arrive_together(self, events: Iterable[Json]) -> None:
        """Signed events, which are applied once all are stored."""
        for event in events:
            body = json.dumps(event).encode()
            header = signature(body, WEBHOOK_SECRET, int(time.time()))
            assert receive_event(self.desk, WEBHOOK_SECRET, body, header)
        process_all_due(self.desk)

    def reconcile(self, *, days: int | None = None) -> None:
        """Compare all that happened, or only what did in the last days."""
        begun_at = datetime.fromtimestamp(BEGUN_AT, UTC)
        since = self.desk.now() - timedelta(days=days) if days else begun_at
        reconcile(self.desk, SYSTEM, since=since)

    def advance(self, **duration: float) -> None:
        """Let time pass."""
        self._now[0] += timedelta(**duration)


@contextmanager
def told_desk(database_url: str, stripe: GivenStripe | None = None) -> Iterator[ToldDesk]:
    """A desk with products and no payments, in a migrated database."""
    holding = stripe or GivenStripe()
    clock = [datetime.fromtimestamp(BEGUN_AT, UTC) + timedelta(minutes=1)]

    def now() -> datetime:
        clock[0] += timedelta(milliseconds=1)
        return clock[0]

    store = Store(connect(database_url), AUDIT_KEYS)
    add_products(store, now())
    desk = Desk(
        store=store,
        gateway=StripeGateway(SECRET_KEY, send=holding.send),
        account=StripeAccount(Mode.TEST, ACCOUNT_ID, livemode=False),
        moto=False,
        now=now,
    )
    try:
        yield ToldDesk(desk, holding, clock)
    finally:
        store.close()
