"""What goes wrong in the middle of looking back is said, noted, and stops no more than it must."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_facts.events import EventState
from cardpay.services.history import reconciliation_differences as differences
from cardpay.services.history.begin_import import ImportFailed, ImportTakenOver, import_history
from cardpay.services.history.begin_reconciliation import (
    ReconciliationFailed,
    ReconciliationTakenOver,
    reconcile,
)
from cardpay.services.history.run_reconciliation import ReconciliationProgress
from cardpay.services.webhooks.apply_event import BelongsToNoPayment, retrieve_and_apply
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.storage.database.lease import acquire_lease
from cardpay.storage.schema.tables import (
    Backfill,
    Discrepancy,
    Payment,
    Reconciliation,
    StripeEvent,
)
from tests.integration.services.history.conftest import SUPERVISOR, Past
from tests.support.desks.worlds import World
from tests.support.secrets.log_lines import read, written

pytestmark = pytest.mark.one_database

HOUR = timedelta(hours=1)
LOUD = "4242 4242 4242 4242 of customer.one@example.com"
BRING = "cardpay.services.history.run_reconciliation.retrieve_and_apply"
APPLY = "cardpay.services.webhooks.event_worker.apply_payloads"

TakesOver = Callable[[str], None]


@pytest.fixture
def takes_over(world: World) -> Iterator[TakesOver]:
    """Another process begins with work of a name, since this one seems to be gone."""
    with ExitStack() as others:

        def take(name: str) -> None:
            engine = world.desk.store.engine
            world.clock.advance(minutes=3)
            if engine.dialect.name == "postgresql":
                with engine.connect() as connection:
                    connection.execute(
                        text(
                            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
                            " WHERE locktype = 'advisory' AND database ="
                            " (SELECT oid FROM pg_database WHERE datname = current_database())"
                        )
                    )
            lease = others.enter_context(acquire_lease(engine, name, world.clock.now))
            assert lease is not None

        yield take


def _reconcile(world: World) -> ReconciliationProgress:
    return reconcile(world.desk, SUPERVISOR, since=world.clock.now() - HOUR)


def _only(world: World, table: type[Any]) -> Any:
    with world.desk.store.reading() as session:
        return session.exec(select(table)).one()


def _payments(world: World) -> set[str | None]:
    with world.desk.store.reading() as session:
        return set(session.exec(select(Payment.stripe_payment_intent_id)))


def _done(world: World, kind: str) -> list[str]:
    with world.desk.store.reading() as session:
        return list(
            session.exec(
                select(Discrepancy.done)
                .where(Discrepancy.kind == kind)
                .order_by(col(Discrepancy.id))
            )
        )


def test_a_comparison_that_another_took_over_stops(
    world: World, takes_over: TakesOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the next difference, with a sentence that its row has too."""
    for _ in range(3):
        world.elsewhere()

    def slowly(*asked: Any) -> None:
        retrieve_and_apply(*asked)
        takes_over("reconciliation")

    monkeypatch.setattr(BRING, slowly)
    with pytest.raises(ReconciliationTakenOver) as stopped:
        _reconcile(world)
    assert stopped.value.money is None  # it only reads
    assert len(_payments(world)) == 1
    run = _only(world, Reconciliation)
    assert run.problem == stopped.value.what
    assert run.finished_at is not None


def test_an_import_that_another_took_over_stops(
    world: World, past: Past, takes_over: TakesOver
) -> None:
    """With a sentence that its row has too: it can be gone on with."""
    past.tell()
    with pytest.raises(ImportTakenOver) as stopped:
        import_history(world.desk, SUPERVISOR, progress=_once(lambda: takes_over("backfill")))
    assert stopped.value.money is None  # it only reads
    run = _only(world, Backfill)
    assert run.problem == stopped.value.what
    assert run.finished_at is None


def test_an_import_that_another_ended_stays_ended(
    world: World, past: Past, takes_over: TakesOver
) -> None:
    """Whoever lost it has nothing more to say about it."""
    past.tell()

    def end_it() -> None:
        takes_over("backfill")
        with world.desk.store.transaction() as session:
            row = session.exec(select(Backfill)).one()
            row.finished_at = world.clock.now()
            session.add(row)

    with pytest.raises(ImportTakenOver):
        import_history(world.desk, SUPERVISOR, progress=_once(end_it))
    run = _only(world, Backfill)
    assert run.problem is None
    assert run.finished_at is not None


def _once(act: Callable[[], None]) -> Callable[[object], None]:
    """A progress at whose first report something happens."""
    left = [act]

    def progress(_: object) -> None:
        if left:
            left.pop()()

    return progress


def test_an_error_of_our_own_stops_one_difference_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is reported by its type, since its words may be personal; the others are corrected."""
    first, second, third = (world.elsewhere() for _ in range(3))

    def trip(desk: Any, subject: Any, object_id: str) -> None:
        if object_id == second:
            raise ValueError("customer.one@example.com")
        retrieve_and_apply(desk, subject, object_id)

    monkeypatch.setattr(BRING, trip)
    _reconcile(world)
    assert _payments(world) == {first, third}
    assert sorted(_done(world, "Payment")) == [
        "Corrected.",
        "Corrected.",
        "Not applied because of an error in cardpay (ValueError).",
    ]
    run = _only(world, Reconciliation)
    assert run.problem is None
    assert "customer.one" not in "".join(capsys.readouterr())


def test_an_event_that_could_not_be_applied_is_not_called_handled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stored, and its reason is said; it is applied when it is tried again."""
    lease = world.elsewhere(capture_method="manual")
    world.clock.advance(days=2)
    world.posted(f"/v1/payment_intents/{lease}/capture", {})
    world.clock.advance(minutes=5)
    world.sandbox.faults.add("drop_before", path="/v1/balance_transactions/*", times=1_000)
    with monkeypatch.context() as late:  # the balance is listed before the fee is in it
        late.setattr(differences, "missing_in_balance", lambda *_: [])
        _reconcile(world)
    with world.desk.store.reading() as session:
        states = [row.state for row in session.exec(select(StripeEvent).order_by("id"))]
    failed = "Stored but not applied yet: Stripe could not be asked (no reply)."
    assert EventState.FAILED in states
    assert sorted(_done(world, "Event")) == sorted(
        failed if state == EventState.FAILED else "Stored and applied." for state in states
    )
    world.sandbox.faults.clear()
    world.clock.advance(minutes=5)
    process_all_due(world.desk)
    with world.desk.store.reading() as session:
        assert {row.state for row in session.exec(select(StripeEvent))} == {EventState.HANDLED}


def test_an_event_that_is_none_of_ours_is_not_called_handled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody will ever apply it."""

    def refuse(*_: object, **_named: object) -> None:
        raise BelongsToNoPayment

    world.elsewhere()
    world.clock.advance(minutes=5)
    monkeypatch.setattr(APPLY, refuse)
    _reconcile(world)
    assert set(_done(world, "Event")) == {
        "Stored but not applied: This event doesn't belong to a PaymentIntent."
    }


@pytest.mark.parametrize(
    ("breaks", "work", "table", "broken"),
    [
        pytest.param(
            "cardpay.services.history.reconciliation_differences.in_page",
            _reconcile,
            Reconciliation,
            ReconciliationFailed,
            id="comparison",
        ),
        pytest.param(
            "cardpay.storage.history.stored_imports.note_pages",
            lambda world: import_history(world.desk, SUPERVISOR),
            Backfill,
            ImportFailed,
            id="import, writing",
        ),
        pytest.param(
            "cardpay.storage.stripe_facts.read_known.unknown_intents",
            lambda world: import_history(world.desk, SUPERVISOR),
            Backfill,
            ImportFailed,
            id="import, fetching",
        ),
    ],
)
def test_an_error_that_nobody_foresaw_is_noted(
    world: World,
    past: Past,
    monkeypatch: pytest.MonkeyPatch,
    breaks: str,
    work: Callable[[World], object],
    table: type[Any],
    broken: type[CardpayError],
) -> None:
    """Operations shows why it ended; the log has a line, by the type and place alone."""
    past.tell()

    def trip(*_: object, **_named: object) -> None:
        raise ValueError(LOUD)

    with monkeypatch.context() as patched:
        patched.setattr(breaks, trip)
        with written() as stream, pytest.raises(broken) as stopped:
            work(world)
    assert "an error in cardpay (ValueError)" in stopped.value.what
    assert stopped.value.money is None  # it only reads
    assert _only(world, table).problem == stopped.value.what
    (line,) = [line for line in read(stream) if line["level"] == "error"]
    assert (line["error"], line["place"].startswith("trip:")) == ("ValueError", True)
    assert LOUD not in stream.getvalue()
    work(world)
