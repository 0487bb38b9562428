"""What goes wrong in the middle of looking back is said, noted, and stops no more than it must."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from cardpay.domain.errors import MoneyMoved
from cardpay.services import reconciliation_run
from cardpay.services.backfill import BackfillTakenOver, backfill
from cardpay.services.reconciliation import ReconciliationTakenOver, reconcile
from cardpay.services.reconciliation_progress import Compared
from cardpay.storage.exclusive import exclusive
from cardpay.storage.tables import Backfill, Discrepancy, Payment, Reconciliation
from tests.integration.history.conftest import SUPERVISOR, Past
from tests.support.worlds import World

HOUR = timedelta(hours=1)
BRING = "cardpay.services.reconciliation_run.bring"

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
            held = others.enter_context(exclusive(engine, name, world.clock.now))
            assert held is not None

        yield take


def _reconcile(world: World) -> Compared:
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
    bring = reconciliation_run.bring

    def slowly(*asked: Any) -> None:
        bring(*asked)
        takes_over("reconciliation")

    monkeypatch.setattr(BRING, slowly)
    with pytest.raises(ReconciliationTakenOver) as stopped:
        _reconcile(world)
    assert stopped.value.money is MoneyMoved.NO
    assert len(_payments(world)) == 1
    run = _only(world, Reconciliation)
    assert run.problem == stopped.value.what
    assert run.finished_at is not None


def test_an_import_that_another_took_over_stops(
    world: World, past: Past, takes_over: TakesOver
) -> None:
    """With a sentence that its row has too: it can be gone on with."""
    past.tell()
    with pytest.raises(BackfillTakenOver) as stopped:
        backfill(world.desk, SUPERVISOR, progress=_once(lambda: takes_over("backfill")))
    assert stopped.value.money is MoneyMoved.NO
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

    with pytest.raises(BackfillTakenOver):
        backfill(world.desk, SUPERVISOR, progress=_once(end_it))
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
    bring = reconciliation_run.bring

    def trip(desk: Any, subject: Any, object_id: str) -> None:
        if object_id == second:
            raise ValueError("customer.one@example.com")
        bring(desk, subject, object_id)

    monkeypatch.setattr(BRING, trip)
    _reconcile(world)
    assert _payments(world) == {first, third}
    assert sorted(_done(world, "Payment")) == [
        "Corrected.",
        "Corrected.",
        "Not applied: an error in cardpay (ValueError).",
    ]
    run = _only(world, Reconciliation)
    assert run.problem is None
    assert "customer.one" not in "".join(capsys.readouterr())
