"""The desk as the simulator runs it: real tables in memory, every commit watched."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

import psycopg
from sqlalchemy import Engine, event

from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.sandbox import Sandbox
from cardpay.sandbox.fault_injection import Fault
from cardpay.services.desk import Desk
from cardpay.services.history import rate_limiter, try_set_aside_again
from cardpay.services.stripe_facts import set_aside
from cardpay.storage.database.engine import Session, Store, connect
from tests.faults.simulator.fault_coverage import (
    AFTER_COMMIT,
    BEFORE_COMMIT,
    OPERATION,
    OUTCOME,
    FaultCoverage,
)
from tests.faults.simulator.network_faults import StripeConnection
from tests.faults.simulator.scheduler import Process, Schedule, refuse_the_dead
from tests.faults.simulator.stripe_record import StripeRecord
from tests.faults.simulator.unexpected_errors import listening
from tests.faults.simulator.unknown_forms import UnknownForms
from tests.faults.simulator.webhook_delivery import WebhookDelivery
from tests.support.databases import migrated_sqlite
from tests.support.databases.driver_looks import Looks, PostgresqlLooks, SqliteLooks
from tests.support.databases.migrated_sqlite import raw
from tests.support.desks.worlds import AUDIT_KEYS, add_products

_KILL_RATES = (0.0, 0.005, 0.02)
_RECONCILE_EVERY = (None, None, timedelta(minutes=15), timedelta(minutes=60))
_FIRST_VERSION, _NEXT_VERSION = "1", "2"
_LINK_LIFETIMES = (timedelta(minutes=31), timedelta(hours=24))
_FAULT_RATES = (0.0, 0.1, 0.3, 0.6)


@dataclass(frozen=True)
class Said:
    """What the desk has told of a payment, from the moment it was committed."""

    at: datetime
    status: str | None
    word: str


@dataclass(frozen=True)
class Asked:
    """What a person has asked to capture or to refund."""

    payment_id: str
    amount_minor: int


class _Operation(NamedTuple):
    kind: str
    sends: int
    state: str
    problem: str | None


def _written(before: Mapping[str, _Operation], after: Mapping[str, _Operation]) -> Iterator[str]:
    """What a transaction writes of each operation: that it is about to be sent, or its outcome."""
    for operation_id, now in after.items():
        then = before.get(operation_id)
        if then is None or then.sends != now.sends:
            yield f"{now.kind} {OPERATION}"
        elif then != now:
            yield f"{now.kind} {OUTCOME}"


class WatchedStore(Store):
    """Hands over around each transaction, and may die right before and right after a commit."""

    def __init__(
        self, engine: Engine, looks: Looks, schedule: Schedule, met: FaultCoverage
    ) -> None:
        super().__init__(engine, AUDIT_KEYS)
        self._looks = looks
        self._schedule = schedule
        self.met = met
        self._operations: dict[str, _Operation] = {}
        self._changes_seen: int | None = None
        self.said: dict[str, list[Said]] = defaultdict(list)
        # The statuses of each dispute and payout, by Stripe's id, one after the other.
        self.said_of_others: dict[str, list[str]] = defaultdict(list)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """As ever, with company."""
        self._schedule.step()
        with super().transaction() as session:
            self._schedule.in_transaction = True
            try:
                yield session
                session.flush()  # as the commit would
                changes = self._looks.changes()
                unchanged = changes is not None and changes == self._changes_seen
                operations = self._operations if unchanged else _read_operations(session)
                written = list(_written(self._operations, operations))
                with self.met.death(BEFORE_COMMIT, written) as surely:
                    self._schedule.die_perhaps(surely=surely)
            finally:
                self._schedule.in_transaction = False
        if not unchanged:
            self._operations, self._changes_seen = operations, changes
            self._listen()
        with self.met.death(AFTER_COMMIT, written) as surely:
            self._schedule.step(surely=surely)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """As ever, with company."""
        self._schedule.step()
        with super().reading() as session:
            yield session

    def has_due_events(self, *states: str) -> bool:
        """Whether the worker on events of these states would find anything."""
        one_of = ",".join("?" * len(states))
        query = (
            f"SELECT id FROM stripe_event WHERE state IN ({one_of}) AND next_try_at <= ? LIMIT 1"
        )
        now = self._looks.time(self._schedule.now())
        return bool(self._found(query, *states, now))

    def paid(self) -> list[str]:
        """The payments that a supervisor can do something about."""
        them = "display_status = 'Authorised' OR status = 'succeeded'"
        return self._found(f"SELECT id FROM payment WHERE {them} ORDER BY id")

    def held(self) -> list[str]:
        """The payments whose money is only held."""
        word = "'Authorised'"
        return self._found(f"SELECT id FROM payment WHERE display_status = {word} ORDER BY id")

    def waiting(self) -> list[str]:
        """The operations that wait for a person, oldest first."""
        self._schedule.step()
        return self._found("SELECT id FROM operation WHERE needs_review ORDER BY created_at")

    def has_unfinished(self) -> bool:
        """Whether the recovery task has anything to do but to look at what waits for a person."""
        query = (
            "SELECT id FROM operation WHERE open_slot IS NOT NULL AND NOT needs_review"
            " UNION ALL SELECT id FROM payment_link WHERE status = 'open' LIMIT 1"
        )
        return bool(self._found(query))

    def last_compared_at(self) -> datetime | None:
        """When the last comparison began."""
        (last,) = self._found("SELECT max(started_at) FROM reconciliation")
        return self._looks.read_time(last)

    def set_aside(self) -> set[str]:
        """Stripe's ids of what could not be read."""
        return set(self._found("SELECT stripe_object_id FROM unreadable_object"))

    def failed_events(self) -> list[int]:
        """The events that could not be applied and stand on Operations, oldest first."""
        self._schedule.step()
        return self._found("SELECT id FROM stripe_event WHERE state = 'failed' ORDER BY id")

    def _found(self, query: str, *values: object) -> list[Any]:
        return [found for (found,) in self._looks.rows(query, *values)]

    def _listen(self) -> None:
        rows = self._looks.rows("SELECT id, status, display_status FROM payment")
        for payment_id, status, word in rows:
            said = self.said[payment_id]
            if not said or (said[-1].status, said[-1].word) != (status, word):
                said.append(Said(self._schedule.now(), status, word))
        for query in _OTHERS:
            for stripe_id, status in self._looks.rows(query):
                seen = self.said_of_others[stripe_id]
                if not seen or seen[-1] != status:
                    seen.append(status)


def _read_operations(session: Session) -> dict[str, _Operation]:
    """As the transaction would leave them; by the driver, which costs next to nothing."""
    connection: Any = session.connection().connection.driver_connection
    rows = connection.execute("SELECT id, kind, sends, state, problem FROM operation")
    return {operation_id: _Operation(*rest) for operation_id, *rest in rows}


_OTHERS = (
    "SELECT stripe_dispute_id, status FROM dispute",
    "SELECT stripe_payout_id, status FROM payout",
)


@dataclass
class DeskWorld:
    """Everything of one run."""

    schedule: Schedule
    store: WatchedStore
    met: FaultCoverage
    record: StripeRecord
    connection: StripeConnection
    delivery: WebhookDelivery
    desk: Desk
    processes: tuple[Process, ...]
    opened_at: datetime
    reconcile_every: timedelta | None
    asked_captures: list[Asked] = field(default_factory=list)
    asked_refunds: list[Asked] = field(default_factory=list)
    # Stripe's ids of what others made, captured or refunded past the desk.
    elsewhere: set[str] = field(default_factory=set)
    # What the desk has logged of failures that it did not foresee.
    unexpected_errors: list[str] = field(default_factory=list)

    # What could not be read, was compared, and was not set aside all the same.
    not_set_aside: set[str] = field(default_factory=set)

    has_busy_banks: bool = False
    is_late: bool = False  # hours go by in jumps

    def __post_init__(self) -> None:
        self._rates = (
            self.schedule.kill_rate,
            self.connection.fault_rate,
            self.delivery.fault_rate,
        )

    @property
    def unknown_forms(self) -> UnknownForms:
        """The objects that this version of the desk does not know."""
        return self.connection.unknown_forms

    def update(self) -> None:
        """From now on a version of the desk runs that knows all forms of objects."""
        self.unknown_forms.forms.clear()
        _run_version(_NEXT_VERSION)

    def calm_down(self) -> None:
        """From now on nothing goes wrong by itself."""
        self._set_rates((0.0, 0.0, 0.0))
        self.reconcile_every = None
        self.met.aims.clear()

    @contextmanager
    def rough(self) -> Iterator[None]:
        """For a while things go wrong again, as often as before."""
        self._set_rates(self._rates)
        try:
            yield
        finally:
            self._set_rates((0.0, 0.0, 0.0))

    def _set_rates(self, rates: tuple[float, float, float]) -> None:
        self.schedule.kill_rate, self.connection.fault_rate, self.delivery.fault_rate = rates


@contextmanager
def desk_world(
    chance: Random, aims: set[str], postgresql_url: str | None = None
) -> Iterator[DeskWorld]:
    """An empty desk with products on sale, and an empty Stripe.

    `chance` says what goes wrong, and `aims` are what does if there is an occasion.

    Ids are made by `chance`, too, so that a seed tells the same story each time.
    """
    _template()  # made before, so that the first run has the same ids as any other
    schedule = Schedule(chance, kill_rate=chance.choice(_KILL_RATES))
    ids = Random(chance.random())
    with (
        _database(postgresql_url) as (engine, looks),
        patch("os.urandom", ids.randbytes),
        patch("random._urandom", ids.randbytes),
    ):
        sandbox = Sandbox(None)
        met = FaultCoverage(aims)
        world = _furnished(schedule, sandbox, WatchedStore(engine, looks, schedule, met))
        try:
            # Who paces reading by real time would do so by the simulator's, and so does a
            # Stripe that is slow.
            with (
                listening(world.unexpected_errors),
                patch.object(rate_limiter, "time", schedule),
                patch.object(Fault, "wait", lambda fault: world.connection.sleep(fault.seconds)),
                patch.multiple(set_aside, VERSION=_FIRST_VERSION),
                patch.multiple(try_set_aside_again, VERSION=_FIRST_VERSION),
            ):
                yield world
        finally:
            sandbox.close()


def _run_version(version: str) -> None:
    for module in (set_aside, try_set_aside_again):
        vars(module)["VERSION"] = version


def _furnished(schedule: Schedule, sandbox: Sandbox, store: WatchedStore) -> DeskWorld:
    chance, met = schedule.chance, store.met
    fault_rate = chance.choice(_FAULT_RATES)
    record = StripeRecord(sandbox, schedule.now)
    connection = StripeConnection(sandbox, schedule, fault_rate, record, met)
    desk = Desk(
        store=store,
        gateway=StripeGateway(sandbox.secret_key, send=connection.send),
        account=StripeAccount(Mode.TEST, sandbox.account_id, livemode=False),
        moto=False,
        now=schedule.now,
        link_return_url=sandbox.paid_page,
        link_lifetime=chance.choice(_LINK_LIFETIMES),
    )
    processes = (Process("one"), Process("two"))
    delivery = WebhookDelivery(
        sandbox,
        record,
        schedule,
        processes,
        fault_rate=chance.choice((0.0, fault_rate)),
        old_version=chance.random() < 0.15,
        met=met,
        unknown_forms=connection.unknown_forms,
    )
    connection.after = delivery.plan
    return DeskWorld(
        schedule=schedule,
        store=store,
        met=met,
        record=record,
        connection=connection,
        delivery=delivery,
        desk=desk,
        processes=processes,
        opened_at=schedule.now(),
        reconcile_every=chance.choice(_RECONCILE_EVERY),
    )


@contextmanager
def _database(postgresql_url: str | None) -> Iterator[tuple[Engine, Looks]]:
    """One with tables and products, and no other rows."""
    if postgresql_url is None:
        engine = _engine()
        raw(engine).deserialize(_template())
        yield engine, SqliteLooks(raw(engine))
        return
    engine = connect(postgresql_url)
    event.listen(engine, "begin", lambda _connection: refuse_the_dead())
    try:
        migrated_sqlite.copy_rows(_template(), engine)
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            yield engine, PostgresqlLooks(connection)
    finally:
        engine.dispose()


@cache
def _engine() -> Engine:
    """One for all runs, since an engine compiles each statement once; each run fills it anew."""
    engine = connect(migrated_sqlite.IN_MEMORY)
    event.listen(engine, "begin", lambda _connection: refuse_the_dead())
    return engine


@cache
def _template() -> bytes:
    """Tables and products, made once: that takes longer than a whole run."""
    engine = migrated_sqlite.in_memory()
    store = Store(engine, AUDIT_KEYS)
    add_products(store, Schedule(Random(0), kill_rate=0).now())
    return raw(engine).serialize()
