"""Every order in which the events of one payment can arrive, without trying each of them.

What is still to come depends only on which events have been and on the rows that they left. So
the orders are walked as a graph: from each state that a set of events can leave, each further
event is tried once. N events have N! orders, but only 2^N sets, and few states for each.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from sqlite3 import Connection

from sqlmodel import select

from cardpay.domain.payment import AttemptOutcome
from cardpay.domain.settlement_snapshots import EventSnapshot
from cardpay.services.event_handling import handle
from cardpay.services.webhooks import handle_all_due, store_event
from cardpay.storage.tables import Dispute, Payment, PaymentAttempt, Refund, StripeEvent
from tests.faults.event_stories import Story, Telling, told
from tests.support import worlds
from tests.support.rows import Facts, facts
from tests.support.worlds import World

OLD_VERSION = "2019-02-11"
_FOLDER = Path()  # nothing is put there: the database is in memory


@dataclass
class Lived:
    """A story that is over, the events that it left, and the desk's rows before any of them."""

    world: World
    events: list[EventSnapshot]
    before: bytes

    def arrive(self, state: bytes, event: EventSnapshot) -> tuple[bytes, str]:
        """The state after one more event, told twice, and what it says."""
        self.restore(state)
        assert store_event(self.world.desk, event)
        handle_all_due(self.world.desk)
        assert not store_event(self.world.desk, event)
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

    def states(self) -> set[str]:
        """How far the events are."""
        with self.world.desk.store.reading() as session:
            return set(session.exec(select(StripeEvent.state)))

    def agrees_with_stripe(self) -> None:
        """The rows say of each object what Stripe says now."""
        with self.world.desk.store.reading() as session:
            ours = {
                "/v1/payment_intents": {
                    row.stripe_payment_intent_id: row.status
                    for row in session.exec(select(Payment))
                },
                "/v1/refunds": {
                    row.stripe_refund_id: row.status for row in session.exec(select(Refund))
                },
                "/v1/disputes": {
                    row.stripe_dispute_id: row.status for row in session.exec(select(Dispute))
                },
            }
            refunded = {
                row.latest_charge_id: row.amount_refunded_minor
                for row in session.exec(select(Payment))
                if row.status == "succeeded"
            }
            outcomes = session.exec(
                select(PaymentAttempt.stripe_charge_id, PaymentAttempt.outcome)
            ).all()
        for path, statuses in ours.items():
            assert statuses == {one["id"]: one["status"] for one in self.world.listed(path)}
        charges = {str(one["id"]): one for one in self.world.listed("/v1/charges")}
        assert {charge for charge, _ in outcomes if charge} == set(charges)
        for charge, outcome in outcomes:
            if charge and charges[charge]["status"] == "failed":
                assert outcome == AttemptOutcome.DECLINED.value
        given_back = {
            charge: sum(
                one["amount"]
                for one in self.world.listed("/v1/refunds")
                if one["charge"] == charge and one["status"] != "failed"
            )
            for charge in refunded
        }
        assert refunded == given_back

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
    story: Story, *, pause_seconds: int = 0, old_version: bool = False, elsewhere: bool = False
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
