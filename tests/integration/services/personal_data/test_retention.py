"""What is too old goes by itself; the books, the audit log and what is young stay."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlmodel import select

from cardpay.domain.personal_data.retention_rules import Retention, RetentionKind
from cardpay.domain.stripe_facts.events import WAITING, EventState
from cardpay.services.personal_data.remove_expired import overdue, remove_expired
from cardpay.services.webhooks import event_worker
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.personal_data import expired_rows as rows
from cardpay.storage.schema.tables import Payment, Reconciliation, StripeEvent
from tests.integration.services.access.test_sessions import identity, sign_in
from tests.integration.services.personal_data.customer import PERSONAL, REASON, WHO, paid
from tests.integration.services.personal_data.days_of_data import (
    RULES,
    a_day,
    entries,
    look_back,
    remaining,
)
from tests.integration.services.personal_data.stored_personal_data import (
    in_files,
    in_rows,
    rows_of,
)
from tests.support.databases.rows import facts
from tests.support.desks.worlds import World

FOR_EVER = Retention(None, None, None, None)
BOOKS = ("payment_attempt", "operation", "refund", "dispute", "balance_transaction")


def test_what_is_old_goes_and_what_is_young_stays(world: World) -> None:
    """Kind by kind, told by one audit entry; the books are what they were."""
    a_day(world, 1)
    old = remaining(world)
    assert all(old.values()), old
    world.clock.advance(days=41)
    a_day(world, 2)
    before, books = remaining(world), rows_of(world.desk.store)
    removed = remove_expired(world.desk, RULES)
    after = remaining(world)
    young = {kind: before[kind] - old[kind] for kind in before}
    assert after == {**young, "events": before["events"], "names": 1}
    assert removed == {
        RetentionKind.CUSTOMERS: old["details"],
        RetentionKind.EVENTS: old["events"],
        RetentionKind.SIGN_INS: old["sign-ins"],
        RetentionKind.RECONCILIATIONS: old["reports"] + old["differences"],
    }
    assert entries(world) == [{kind.name.lower(): count for kind, count in removed.items()}]
    now = rows_of(world.desk.store)
    assert {name for name in BOOKS if now[name] != books[name]} == set()
    assert now["payment"] == books["payment"]
    assert set(books["audit_entry"]) < set(now["audit_entry"])


@pytest.mark.one_database
def test_a_second_run_finds_nothing(world: World) -> None:
    """And leaves no entry."""
    a_day(world, 1)
    world.clock.advance(days=41)
    assert remove_expired(world.desk, RULES)
    assert remove_expired(world.desk, RULES) == {}
    assert len(entries(world)) == 1


@pytest.mark.one_database
def test_zero_keeps_for_ever(world: World) -> None:
    """Whatever the age."""
    a_day(world, 1)
    before = rows_of(world.desk.store)
    world.clock.advance(days=4_000)
    assert remove_expired(world.desk, FOR_EVER) == {}
    assert overdue(world.desk.store, FOR_EVER, world.desk.now()) == {}
    after = rows_of(world.desk.store)
    assert {name for name in before if name != "lease" and before[name] != after[name]} == set()


def test_what_is_erased_leaves_no_trace(world: World) -> None:
    """As after the command: no text, no reason of a second payment, nothing in the file."""
    payment = paid(world, "SO-1")
    with world.desk.store.transaction() as session:
        row = session.get_one(Payment, payment.payment_id)
        row.second_payment_reason = REASON
        session.add(row)
    world.clock.advance(days=41)
    remove_expired(world.desk, RULES)
    assert in_rows(world.desk.store, PERSONAL) == set()
    if world.desk.store.engine.dialect.name == "sqlite":
        with world.desk.store.engine.connect().execution_options(
            cardpay_reads_only=True
        ) as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert in_files(world.desk.store, PERSONAL) == set()


@pytest.mark.one_database
def test_what_is_open_keeps_its_details_however_old(world: World) -> None:
    """A hold that nobody has captured; and it is not called overdue."""
    held = world.pay(world.created(hold=True, **WHO))
    world.clock.advance(days=400)
    assert remove_expired(world.desk, RULES) == {}
    assert overdue(world.desk.store, RULES, world.desk.now()) == {}
    assert world.now_is(held.payment).customer_name == WHO["customer_name"]


@pytest.mark.one_database
@pytest.mark.parametrize("state", WAITING)
def test_an_event_that_waits_keeps_its_contents(world: World, state: EventState) -> None:
    """Without them it could not be applied; once it is, they go."""
    a_day(world, 1)
    with world.desk.store.transaction() as session:
        for waiting in session.exec(select(StripeEvent)):
            waiting.state = state
            session.add(waiting)
    world.clock.advance(days=41)
    before = remaining(world)["contents"]
    assert RetentionKind.EVENTS not in remove_expired(world.desk, RULES)
    assert remaining(world)["contents"] == before > 0


@pytest.mark.one_database
def test_an_emptied_event_is_known_when_it_comes_again(world: World) -> None:
    """Its row stays: a duplicate is neither stored nor applied."""
    a_day(world, 1)
    world.clock.advance(days=41)
    remove_expired(world.desk, RULES)
    with world.desk.store.reading() as session:
        stored = session.exec(select(StripeEvent)).first()
        before = facts(session)
    assert stored is not None
    again = world.desk.gateway.retrieve_event(stored.stripe_event_id)
    assert not store_event(world.desk, again)
    assert event_worker.process_all_due(world.desk) == 0
    with world.desk.store.reading() as session:
        assert facts(session) == before


@pytest.mark.one_database
def test_the_last_reports_stay(world: World) -> None:
    """The newest, and the newest good one, from which the next comparison goes on."""
    for _ in range(3):
        look_back(world)
        world.clock.advance(hours=1)
    with world.desk.store.transaction() as session:
        reports = list(session.exec(select(Reconciliation).order_by("started_at")))
        reports[-1].problem = "It stopped."
        session.add(reports[-1])
    world.clock.advance(days=400)
    remove_expired(world.desk, RULES)
    with world.desk.store.reading() as session:
        left = session.exec(select(Reconciliation.id).order_by("started_at")).all()
    assert left == [reports[1].id, reports[2].id]


@pytest.mark.one_database
def test_a_name_stays_as_long_as_its_person_comes(world: World) -> None:
    """It goes with the last sign-in, and the next one brings it back."""
    sign_in(world, identity(world, nonce="1"))
    world.clock.advance(days=30)
    sign_in(world, identity(world, nonce="2"))
    world.clock.advance(days=30)
    assert remove_expired(world.desk, RULES) == {RetentionKind.SIGN_INS: 1}
    assert remaining(world)["names"] == 1
    world.clock.advance(days=30)
    assert remove_expired(world.desk, RULES) == {RetentionKind.SIGN_INS: 1, RetentionKind.STAFF: 1}
    sign_in(world, identity(world, nonce="3"))
    assert remaining(world)["names"] == 1


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param(39, set(), id="not too old"),
        pytest.param(41, set(), id="due since yesterday"),
        pytest.param(
            43,
            {
                RetentionKind.CUSTOMERS,
                RetentionKind.EVENTS,
                RetentionKind.SIGN_INS,
                RetentionKind.STAFF,
            },
            id="two days late",
        ),
    ],
)
def test_what_is_overdue(world: World, days: int, expected: set[RetentionKind]) -> None:
    """Two days late means that the job has not run; the last report is never late."""
    a_day(world, 1)
    world.clock.advance(days=days)
    assert set(overdue(world.desk.store, RULES, world.desk.now())) == expected
    remove_expired(world.desk, RULES)
    assert overdue(world.desk.store, RULES, world.desk.now()) == {}


_PLANS: list[tuple[RetentionKind, str]] = [
    (RetentionKind.CUSTOMERS, "ix_customer_detail_full"),
    (RetentionKind.EVENTS, "ix_stripe_event_full"),
    (RetentionKind.SIGN_INS, "ix_sign_in_session_ends_at"),
]


@pytest.mark.parametrize(("kind", "index"), _PLANS)
def test_the_oldest_are_found_by_index(world: World, kind: RetentionKind, index: str) -> None:
    """Among millions of rows that are not too old, or are done with, nothing is read in vain."""
    query = rows._OLD[kind](datetime(2024, 3, 1, tzinfo=world.desk.now().tzinfo)).limit(9)
    with world.desk.store.reading() as session:
        engine = world.desk.store.engine
        written = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
        if engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        plan = session.execute(text(f"{explain} {written}".replace(":", r"\:"))).all()
    assert index in str(plan)
