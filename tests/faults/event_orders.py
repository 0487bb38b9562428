"""Every order in which the events of one payment can arrive, without trying each of them.

What is still to come depends only on which events have been and on the rows that they left. So
the orders are walked as a graph: from each state that a set of events can leave, each further
event is tried once. N events have N! orders, but only 2^N sets, and few states for each.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from sqlite3 import Connection

from cardpay.domain.settlement_snapshots import EventSnapshot
from cardpay.services.event_handling import handle
from cardpay.services.webhooks import handle_all_due, store_event
from cardpay.storage.tables import StripeEvent
from sqlmodel import select
from tests.faults.event_stories import Story, Telling, told
from tests.support import worlds
from tests.support.rows import facts
from tests.support.worlds import World

OLD_VERSION = "2019-02-11"
_FOLDER = Path()  # unused: the database is in memory

Facts = dict[str, list[str]]


@dataclass
class Lived:
    """A story that is over, the events that it left, and the desk's rows before any of them."""

    world: World
    events: list[EventSnapshot]
    before: bytes
    tries: int = field(default=0)

    def arrive(self, state: bytes, event: EventSnapshot) -> tuple[bytes, str]:
        """The state after one more event, told twice, and what it says."""
        self.restore(state)
        assert store_event(self.world.desk, event)
        handle_all_due(self.world.desk)
        assert not store_event(self.world.desk, event)
        self.tries += 1
        return self._database().serialize(), str(self._key())

    def arrive_in(self, order: Sequence[EventSnapshot]) -> Facts:
        """What the rows say after one whole order."""
        self.restore(self.before)
        for event in order:
            store_event(self.world.desk, event)
            handle_all_due(self.world.desk)
        return self.facts()

    def walk(self) -> list[Facts]:
        """What the rows can say once all events have arrived: one, if the order is nothing."""
        ends: dict[str, bytes] = {"": self.before}
        level: dict[frozenset[int], dict[str, bytes]] = {frozenset(): ends}
        for _ in self.events:
            following: dict[frozenset[int], dict[str, bytes]] = {}
            for arrived, states in level.items():
                for state in states.values():
                    for number in set(range(len(self.events))) - arrived:
                        after, key = self.arrive(state, self.events[number])
                        following.setdefault(arrived | {number}, {}).setdefault(key, after)
            level = following
        (ends,) = level.values()
        return [self._facts_of(state) for state in ends.values()]

    def handle_all_again(self) -> Facts:
        """What the rows say after each event was applied a second time, as after a kill."""
        with self.world.desk.store.reading() as session:
            events = session.exec(select(StripeEvent)).all()
        for event in events:
            handle(self.world.desk, event)
        return self.facts()

    def restore(self, state: bytes) -> None:
        """Go back to a state of the desk's rows. Stripe stays where the story ended."""
        self._database().deserialize(state)

    def facts(self) -> Facts:
        """What the rows say now."""
        with self.world.desk.store.reading() as session:
            return facts(session)

    def _facts_of(self, state: bytes) -> Facts:
        self.restore(state)
        return self.facts()

    def _key(self) -> list[object]:
        """What tells two states apart: also whether a status has a time to be compared with."""
        with self.world.desk.store.engine.connect() as connection:
            timed = [
                connection.exec_driver_sql(f"SELECT count(status_as_of) FROM {table}").scalar()
                for table in ("payment", "refund", "dispute")
            ]
        return [self.facts(), timed]

    def _database(self) -> Connection:
        """The one connection of a database in memory."""
        with self.world.desk.store.engine.connect() as connection:
            raw = connection.connection.driver_connection
        assert isinstance(raw, Connection)
        return raw


@contextmanager
def lived(
    story: Story, *, pause_seconds: int, old_version: bool = False, elsewhere: bool = False
) -> Iterator[Lived]:
    """Live a story. `elsewhere`: on a desk that knows nothing of it but what events tell."""
    with worlds.world(_FOLDER, database_url="sqlite://") as world:
        made = Lived(world, [], b"")
        empty = made._database().serialize()
        story(Telling(world, pause_seconds))
        made.before = empty if elsewhere else made._database().serialize()
        made.events = told(world)
        if old_version:
            made.events = [replace(event, api_version=OLD_VERSION) for event in made.events]
        yield made
