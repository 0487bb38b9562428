"""One story told to several desks, each by another way in: they end with the same rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from cardpay.domain.access.actor import SYSTEM
from cardpay.services.desk import Desk
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.storage.database.engine import Store, connect
from tests.faults.events.event_orders import Lived
from tests.support.databases import migrated_sqlite
from tests.support.databases.rows import Facts, said_of_objects
from tests.support.desks.given_stripe import Happening
from tests.support.desks.told_desks import Way, told_desk
from tests.support.desks.worlds import AUDIT_KEYS

LONGEST = timedelta(days=60)  # of a story
Told = dict[str, Facts]


def by_every_way(made: Lived, folder: Path, orders: int) -> Told:
    """A story that was lived in the sandbox, told to desks that know what the desk knew."""
    told = {}
    chance = Random(0)
    for number in range(orders):
        order = list(made.events) if number == 0 else list(reversed(made.events))
        if number > 1:
            chance.shuffle(order)
        made.arrive_in(order)
        told[f"webhooks, order {number}"] = said(made.world.desk)
    made.world.clock.advance(minutes=5)
    with _desk_as_before(made, folder / "reconcile.db") as desk:
        reconcile(desk, SYSTEM, since=desk.now() - LONGEST)
        told["reconcile"] = said(desk)
    with _desk_as_before(made, folder / "backfill.db") as desk:
        import_history(desk, SYSTEM, requests_per_second=10_000)
        told["backfill"] = said(desk)
    return told


@contextmanager
def _desk_as_before(made: Lived, file: Path) -> Iterator[Desk]:
    """A desk with the rows that the desk of the story had before any event."""
    file.write_bytes(made.before)
    desk = replace(made.world.desk, store=Store(connect(f"sqlite:///{file}"), AUDIT_KEYS))
    yield desk
    desk.store.close()


def given_by_every_way(story: Sequence[Happening], folder: Path, orders: int) -> Told:
    """A story of objects that a test gives, told to empty desks."""
    told = {}
    for way in Way:
        with told_desk(migrated_sqlite.file(folder / f"{way.name}.db")) as desk:
            desk.tell(story, way)
            told[str(way)] = said(desk.desk)
    chance = Random(0)
    for number in range(orders):
        with told_desk(migrated_sqlite.file(folder / f"order{number}.db")) as desk:
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
