"""One story told to several desks, each by another way in: they end with the same rows."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from cardpay.domain.access.actor import SYSTEM
from cardpay.services.desk import Desk
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.database.engine import Store, connect
from tests.faults.events.event_orders import Lived
from tests.support.databases.databases import Databases
from tests.support.databases.migrated_sqlite import copy_rows
from tests.support.databases.rows import Facts, said_of_objects
from tests.support.desks.given_stripe import Happening
from tests.support.desks.told_desks import Way, told_desk
from tests.support.desks.worlds import AUDIT_KEYS

LONGEST = timedelta(days=60)  # of a story
Told = dict[str, Facts]


@dataclass(frozen=True)
class Tables:
    """Databases of one kind, and the name of one with this version's tables."""

    databases: Databases
    template: str

    def new(self) -> AbstractContextManager[str]:
        """The URL of a database without rows, for a while."""
        return self.databases.copy(self.template)


def by_every_way(made: Lived, tables: Tables, orders: int) -> Told:
    """A story that was lived in the sandbox, told to desks that know what the desk knew."""
    told = {}
    chance = Random(0)
    for number in range(orders):
        order = list(made.events) if number == 0 else list(reversed(made.events))
        if number > 1:
            chance.shuffle(order)
        with _desk_as_before(made, tables) as desk:
            for event in order:
                assert store_event(desk, event)
                process_all_due(desk)
            told[f"webhooks, order {number}"] = said(desk)
    made.world.clock.advance(minutes=5)
    with _desk_as_before(made, tables) as desk:
        reconcile(desk, SYSTEM, since=desk.now() - LONGEST)
        told["reconcile"] = said(desk)
    with _desk_as_before(made, tables) as desk:
        import_history(desk, SYSTEM, requests_per_second=10_000)
        told["backfill"] = said(desk)
    return told


@contextmanager
def _desk_as_before(made: Lived, tables: Tables) -> Iterator[Desk]:
    """A desk with the rows that the desk of the story had before any event."""
    with tables.new() as url:
        engine = connect(url)
        copy_rows(made.before, engine)
        desk = replace(made.world.desk, store=Store(engine, AUDIT_KEYS))
        try:
            yield desk
        finally:
            desk.store.close()


def given_by_every_way(story: Sequence[Happening], tables: Tables, orders: int) -> Told:
    """A story of objects that a test gives, told to empty desks."""
    told = {}
    for way in Way:
        with tables.new() as url, told_desk(url) as desk:
            desk.tell(story, way)
            told[str(way)] = said(desk.desk)
    chance = Random(0)
    for number in range(orders):
        with tables.new() as url, told_desk(url) as desk:
            events = [desk.stripe.happen(one) for one in story]
            if number == 0:
                events.reverse()
            else:
                chance.shuffle(events)
            for event in events:
                desk.arrive(event)
            told[f"webhooks, order {number}"] = said(desk.desk)
    return told


def said(desk: Desk) -> Facts:
    """What a desk's rows say of Stripe's objects."""
    with desk.store.reading() as session:
        return said_of_objects(session)
