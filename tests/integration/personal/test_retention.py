"""What is too old goes by itself; the books, the audit log and what is young stay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text
from sqlmodel import select

from cardpay.bootstrap import _background
from cardpay.domain.retention import Kept, Retention
from cardpay.services import retention, webhooks
from cardpay.services.reconciliation import reconcile
from cardpay.services.retention import clean, overdue
from cardpay.settings import load
from cardpay.storage import retention as rows
from cardpay.storage.exclusive import exclusive
from cardpay.storage.session_tables import Person, SignInSession
from cardpay.storage.tables import (
    AuditEntry,
    CustomerDetail,
    Discrepancy,
    Payment,
    Reconciliation,
    StripeEvent,
)
from tests.integration.personal.customer import PERSONAL, REASON, WHO, paid
from tests.integration.personal.traces import in_files, in_rows, rows_of
from tests.integration.services.test_access import enter, identity
from tests.support.rows import facts
from tests.support.worlds import SUPERVISOR, World

DAYS = timedelta(days=1)
RULES = Retention(
    customers=40 * DAYS, events=40 * DAYS, sign_ins=40 * DAYS, reconciliations=40 * DAYS
)
FOR_EVER = Retention(None, None, None, None)
BOOKS = ("payment_attempt", "operation", "refund", "dispute", "balance_transaction")


def look_back(world: World) -> None:
    """A comparison that finds what nobody has told, and brings its events."""
    reconcile(world.desk, SUPERVISOR, since=world.desk.now() - 2 * DAYS)
    webhooks.handle_all_due(world.desk)


def a_day(world: World, number: int) -> None:
    """A payment, somebody who signs in, an event and a comparison with a difference."""
    paid(world, f"SO-{number}")
    enter(world, identity(world, nonce=str(number)))
    world.elsewhere()
    world.clock.advance(hours=1)
    look_back(world)


def entries(world: World) -> list[dict[str, object]]:
    """What the job's audit entries say."""
    with world.desk.store.reading() as session:
        found = session.exec(select(AuditEntry).where(AuditEntry.act == "retention"))
        return [row.after for row in found]


def remaining(world: World) -> dict[str, int]:
    """How much of each kind is there."""
    with world.desk.store.reading() as session:
        return {
            "details": len(
                session.exec(select(CustomerDetail).where(CustomerDetail.erased_at == None)).all()  # noqa: E711
            ),
            "contents": sum(bool(one.fields) for one in session.exec(select(StripeEvent))),
            "events": len(session.exec(select(StripeEvent)).all()),
            "sign-ins": len(session.exec(select(SignInSession)).all()),
            "names": len(session.exec(select(Person)).all()),
            "reports": len(session.exec(select(Reconciliation)).all()),
            "differences": len(session.exec(select(Discrepancy)).all()),
        }


def test_what_is_old_goes_and_what_is_young_stays(world: World) -> None:
    """Kind by kind, told by one audit entry; the books are what they were."""
    a_day(world, 1)
    old = remaining(world)
    assert all(old.values()), old
    world.clock.advance(days=41)
    a_day(world, 2)
    before, books = remaining(world), rows_of(world.desk.store)
    removed = clean(world.desk, RULES)
    after = remaining(world)
    young = {kind: before[kind] - old[kind] for kind in before}
    assert after == {**young, "events": before["events"], "names": 1}
    assert removed == {
        Kept.CUSTOMERS: old["details"],
        Kept.EVENTS: old["events"],
        Kept.SIGN_INS: old["sign-ins"],
        Kept.RECONCILIATIONS: old["reports"] + old["differences"],
    }
    assert entries(world) == [{kind.name.lower(): count for kind, count in removed.items()}]
    now = rows_of(world.desk.store)
    assert {name for name in BOOKS if now[name] != books[name]} == set()
    assert now["payment"] == books["payment"]
    assert set(books["audit_entry"]) < set(now["audit_entry"])


def test_a_second_run_finds_nothing(world: World) -> None:
    """And leaves no entry."""
    a_day(world, 1)
    world.clock.advance(days=41)
    assert clean(world.desk, RULES)
    assert clean(world.desk, RULES) == {}
    assert len(entries(world)) == 1


def test_zero_keeps_for_ever(world: World) -> None:
    """Whatever the age."""
    a_day(world, 1)
    before = rows_of(world.desk.store)
    world.clock.advance(days=4_000)
    assert clean(world.desk, FOR_EVER) == {}
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
    clean(world.desk, RULES)
    assert in_rows(world.desk.store, PERSONAL) == set()
    if world.desk.store.engine.dialect.name == "sqlite":
        with world.desk.store.engine.connect().execution_options(
            cardpay_reads_only=True
        ) as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert in_files(world.desk.store, PERSONAL) == set()


def test_what_is_open_keeps_its_details_however_old(world: World) -> None:
    """A hold that nobody has captured; and it is not called overdue."""
    held = world.pay(world.created(capture_method="manual", **WHO))
    world.clock.advance(days=400)
    assert clean(world.desk, RULES) == {}
    assert overdue(world.desk.store, RULES, world.desk.now()) == {}
    assert world.now_is(held.payment).customer_name == WHO["customer_name"]


def test_an_event_that_waits_keeps_its_contents(world: World) -> None:
    """Without them it could not be applied; once it is, they go."""
    a_day(world, 1)
    with world.desk.store.transaction() as session:
        for waiting in session.exec(select(StripeEvent)):
            waiting.state = "failed"
            session.add(waiting)
    world.clock.advance(days=41)
    before = remaining(world)["contents"]
    assert Kept.EVENTS not in clean(world.desk, RULES)
    assert remaining(world)["contents"] == before > 0


def test_an_emptied_event_is_known_when_it_comes_again(world: World) -> None:
    """Its row stays: a duplicate is neither stored nor applied."""
    a_day(world, 1)
    world.clock.advance(days=41)
    clean(world.desk, RULES)
    with world.desk.store.reading() as session:
        stored = session.exec(select(StripeEvent)).first()
        before = facts(session)
    assert stored is not None
    again = world.desk.gateway.retrieve_event(stored.stripe_event_id)
    assert not webhooks.store_event(world.desk, again)
    assert webhooks.handle_all_due(world.desk) == 0
    with world.desk.store.reading() as session:
        assert facts(session) == before


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
    clean(world.desk, RULES)
    with world.desk.store.reading() as session:
        left = session.exec(select(Reconciliation.id).order_by("started_at")).all()
    assert left == [reports[1].id, reports[2].id]


def test_a_name_stays_as_long_as_its_person_comes(world: World) -> None:
    """It goes with the last sign-in, and the next one brings it back."""
    enter(world, identity(world, nonce="1"))
    world.clock.advance(days=30)
    enter(world, identity(world, nonce="2"))
    world.clock.advance(days=30)
    assert clean(world.desk, RULES) == {Kept.SIGN_INS: 1}
    assert remaining(world)["names"] == 1
    world.clock.advance(days=30)
    assert clean(world.desk, RULES) == {Kept.SIGN_INS: 1, Kept.STAFF: 1}
    enter(world, identity(world, nonce="3"))
    assert remaining(world)["names"] == 1


def test_batches_are_short_and_none_is_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much there is, no transaction touches more than a batch."""
    monkeypatch.setattr(rows, "BATCH", 3)
    for number in range(8):
        a_day(world, number)
    touched: list[int] = []

    def note(_c: object, cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("UPDATE customer", "UPDATE stripe_event", "DELETE")):
            touched.append(cursor.rowcount)  # type: ignore[attr-defined]

    event.listen(world.desk.store.engine, "after_cursor_execute", note)
    world.clock.advance(days=41)
    removed = clean(world.desk, RULES)
    assert removed[Kept.CUSTOMERS] == 8
    assert max(touched) == 3
    left = remaining(world)
    assert (left["details"], left["contents"], left["sign-ins"]) == (0, 0, 0)
    assert len(entries(world)) == 1


def test_one_process_at_a_time(world: World) -> None:
    """The others leave it alone, and do not wait."""
    a_day(world, 1)
    world.clock.advance(days=41)
    with exclusive(world.desk.store.engine, "retention", world.desk.now):
        assert clean(world.desk, RULES) == {}
    assert clean(world.desk, RULES)


def test_a_stop_comes_between_two_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done is told, and the next run goes on."""
    monkeypatch.setattr(rows, "BATCH", 1)
    for number in range(3):
        paid(world, f"SO-{number}")
    world.clock.advance(days=41)
    goes = iter([True, True])
    assert clean(world.desk, RULES, lambda: next(goes, False)) == {Kept.CUSTOMERS: 2}
    assert entries(world) == [{"customers": 2}]
    assert clean(world.desk, RULES) == {Kept.CUSTOMERS: 1}


def test_a_kind_that_fails_does_not_keep_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged by its type, without what it was about."""

    def breaks(*_given: object) -> int:
        raise ZeroDivisionError("zq@example.com")

    monkeypatch.setitem(rows._REMOVERS, Kept.CUSTOMERS, breaks)
    a_day(world, 1)
    world.clock.advance(days=41)
    assert Kept.EVENTS in clean(world.desk, RULES)
    assert "retention of CUSTOMERS failed: ZeroDivisionError" in caplog.text
    assert "zq@" not in caplog.text


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param(39, set(), id="not too old"),
        pytest.param(41, set(), id="due since yesterday"),
        pytest.param(
            43, {Kept.CUSTOMERS, Kept.EVENTS, Kept.SIGN_INS, Kept.STAFF}, id="two days late"
        ),
    ],
)
def test_what_is_overdue(world: World, days: int, expected: set[Kept]) -> None:
    """Two days late means that the job has not run; the last report is never late."""
    a_day(world, 1)
    world.clock.advance(days=days)
    assert set(overdue(world.desk.store, RULES, world.desk.now())) == expected
    clean(world.desk, RULES)
    assert overdue(world.desk.store, RULES, world.desk.now()) == {}


_PLANS: list[tuple[Kept, str]] = [
    (Kept.CUSTOMERS, "ix_customer_detail_full"),
    (Kept.EVENTS, "ix_stripe_event_full"),
    (Kept.SIGN_INS, "ix_sign_in_session_ends_at"),
]


@pytest.mark.parametrize(("kind", "index"), _PLANS)
def test_the_oldest_are_found_by_index(world: World, kind: Kept, index: str) -> None:
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


def test_it_runs_in_every_process(world: World) -> None:
    """Beside recovery and reconciliation, by the settings."""
    chosen = load(_env_file=None, CARDPAY_KEEP_CUSTOMER_DAYS="40")
    seen: list[Retention] = []
    patched: Callable[..., object] = lambda _desk, rule, _go_on: seen.append(rule)  # noqa: E731
    original, retention.clean = retention.clean, patched  # type: ignore[assignment]
    try:
        (job,) = [one for one in _background(chosen, world.desk) if one._name == "retention"]
        job._work(lambda: True)
    finally:
        retention.clean = original
    assert seen == [replace(chosen.retention, customers=40 * DAYS)]
