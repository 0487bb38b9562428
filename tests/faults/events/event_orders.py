"""Every order in which the events of one payment can arrive, without trying each of them.

What an event does depends on the rows that it meets, not on how they came to be. So each event is
brought once to each state of the rows that any order leads to; which states an order passes is
then looked up. N events have N! orders, but few states: here at most some dozens.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from sqlite3 import Connection

from sqlmodel import col, func, select

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.stripe_facts.events import EventState
from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Payout,
    Refund,
    metadata,
)
from tests.faults.events.event_stories import Story, Telling, told
from tests.support.databases import migrated_sqlite
from tests.support.databases.rows import Facts, facts
from tests.support.desks import worlds
from tests.support.desks.worlds import World

OLD_VERSION = "2019-02-11"
_FOLDER = Path()  # nothing is put there: the database is in memory
_INBOX = "stripe_event"
# What no event is handled by: the other events, who did what, and which totals to count again.
_NOT_LOOKED_AT = {_INBOX, "audit_entry", "audit_head", "audit_tombstone", "changed_quarter"}
# By the desk's clock. Handling asks whether they are there, and whether they are past: they are.
_OF_THE_TELLING = {"settled_at", "status_as_of", "updated_at"}
# If every way led to a state of its own, the walk would not end.
_MOST_STATES = 500


@dataclass
class Lived:
    """A story that is over, the events that it left, and the desk's rows before any of them."""

    world: World
    events: list[EventSnapshot]
    before: bytes

    def walk(self) -> dict[tuple[str, ...], Facts]:
        """What the rows can say once all events have been: one thing, if the order is nothing.

        Each end comes with the types of a shortest order that leads to it. An event that has been
        may be applied again at any time, as after a kill that lost only that it was.
        """
        states: dict[str, bytes] = {}

        def keep() -> str:
            said = self._state()
            states.setdefault(said, self._database().serialize())
            assert len(states) < _MOST_STATES
            return said

        @cache
        def after(state: str, number: int) -> str:
            self.restore(states[state])
            self.arrive(self.events[number])
            return keep()

        self.restore(self.before)
        start = keep(), frozenset[int]()
        ways: dict[tuple[str, frozenset[int]], tuple[int, ...]] = {start: ()}
        ahead = deque([start])
        while ahead:
            state, been = here = ahead.popleft()
            for number in range(len(self.events)):
                there = after(state, number), been | {number}
                if there not in ways:
                    ways[there] = (*ways[here], number)
                    ahead.append(there)
        ends = {way: state for (state, been), way in ways.items() if len(been) == len(self.events)}
        return {
            tuple(self.events[number].type for number in way): self._facts_of(states[state])
            for way, state in ends.items()
        }

    def arrive(self, event: EventSnapshot) -> None:
        """One event, told twice, in an inbox that is empty before and after."""
        assert store_event(self.world.desk, event)
        process_all_due(self.world.desk)
        assert not store_event(self.world.desk, event)
        # Of its own fields without a try, or at the first one by asking.
        query = f"SELECT state, problem, tries < 2 FROM {_INBOX}"
        assert self._database().execute(query).fetchall() == [(EventState.HANDLED, None, True)], (
            event.type
        )
        self._database().execute(f"DELETE FROM {_INBOX}")

    def arrive_in(self, order: Sequence[EventSnapshot]) -> Facts:
        """What the rows say after one whole order, in one inbox, and told again at its end."""
        self.restore(self.before)
        for event in order:
            assert store_event(self.world.desk, event)
            process_all_due(self.world.desk)
        assert not any(store_event(self.world.desk, event) for event in order)
        states = self._database().execute(f"SELECT state FROM {_INBOX}").fetchall()
        assert states == [(EventState.HANDLED,)] * len(order)
        return self.facts()

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
                "/v1/payouts": {
                    row.stripe_payout_id: row.status for row in session.exec(select(Payout))
                },
            }
            refunded = {
                row.latest_charge_id: row.amount_refunded_minor
                for row in session.exec(select(Payment))
                if row.status == "succeeded"
            }
            paid_out = {
                row.stripe_payout_id: row.amount_minor
                for row in session.exec(select(Payout))
                if row.reconciliation_status == "completed"
            }
            booked = session.exec(
                select(BalanceTransaction.stripe_payout_id, func.sum(BalanceTransaction.net_minor))
                .where(BalanceTransaction.type != "payout")
                .group_by(col(BalanceTransaction.stripe_payout_id))
            ).all()
            outcomes = session.exec(
                select(PaymentAttempt.stripe_charge_id, PaymentAttempt.outcome)
            ).all()
        for path, statuses in ours.items():
            assert statuses == {one["id"]: one["status"] for one in self.world.listed(path)}
        assert {payout: net for payout, net in booked if payout} == paid_out
        charges = {str(one["id"]): one for one in self.world.listed("/v1/charges")}
        assert {charge for charge, _ in outcomes if charge} == set(charges)
        for charge, outcome in outcomes:
            if charge and charges[charge]["status"] == "failed":
                assert outcome == AttemptOutcome.DECLINED
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
        """What the rows say now, without the inbox."""
        with self.world.desk.store.reading() as session:
            said = facts(session)
        del said[_INBOX]
        return said

    def _facts_of(self, state: bytes) -> Facts:
        self.restore(state)
        return self.facts()

    def _state(self) -> str:
        """What tells two states apart: all that handling an event may look at."""
        return str([self._database().execute(query).fetchall() for query in _state_queries()])

    def _database(self) -> Connection:
        return migrated_sqlite.raw(self.world.desk.store.engine)


@cache
def _state_queries() -> list[str]:
    """The rows of each table that is looked at, in the order of their keys."""
    queries = []
    for table in metadata.sorted_tables:
        if table.name not in _NOT_LOOKED_AT:
            said = ", ".join(
                f"{column.name} IS NULL" if column.name in _OF_THE_TELLING else column.name
                for column in table.columns
            )
            keys = ", ".join(column.name for column in table.primary_key)
            queries.append(f"SELECT {said} FROM {table.name} ORDER BY {keys}")
    return queries


@contextmanager
def lived(
    story: Story, *, pause_seconds: int = 0, old_version: bool = False, elsewhere: bool = False
) -> Iterator[Lived]:
    """Live a story. `elsewhere`: on a desk that knows nothing of it but what events tell."""
    with worlds.world(_FOLDER, database_url=migrated_sqlite.IN_MEMORY) as world:
        made = Lived(world, [], b"")
        empty = made._database().serialize()
        story(Telling(world, pause_seconds))
        made.before = empty if elsewhere else made._database().serialize()
        made.events = told(world)
        if old_version:
            made.events = [replace(event, api_version=OLD_VERSION) for event in made.events]
        yield made
