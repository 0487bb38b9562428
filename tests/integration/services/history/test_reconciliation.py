"""A comparison with Stripe finds what differs, corrects it, and says so, once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from cardpay.domain.errors import NotAllowed
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.history.begin_reconciliation import (
    ReconciliationRunning,
    ReconciliationStopped,
    reconcile,
)
from cardpay.services.history.periodic_reconciliation import reconcile_when_due
from cardpay.services.history.read_budget import ReadBudgetSpent
from cardpay.services.history.run_reconciliation import ReconciliationProgress
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.storage.database.lease import acquire_lease
from cardpay.storage.schema.tables import Discrepancy, Reconciliation, StripeEvent
from tests.integration.services.history.conftest import DISPUTED, SUPERVISOR, Past, rows
from tests.support.desks.worlds import AGENT, CHALLENGE, VISA, World

pytestmark = pytest.mark.one_database

DAY = timedelta(days=1)


def _reconcile(world: World) -> ReconciliationProgress:
    return reconcile(world.desk, SUPERVISOR, since=world.clock.now() - DAY)


def _quiet(world: World) -> None:
    """Bring everything in, so that only what comes after it can differ."""
    world.clock.advance(minutes=5)
    _reconcile(world)
    with world.desk.store.transaction() as session:
        for row in session.exec(select(Discrepancy)).all():
            session.delete(row)


def _found(world: World) -> list[tuple[str, str | None, str | None, str]]:
    """Kind, ours, theirs and what was done, events left out."""
    with world.desk.store.reading() as session:
        return [
            (row.kind, row.ours, row.theirs, row.done)
            for row in session.exec(select(Discrepancy).order_by(Discrepancy.id)).all()  # type: ignore[arg-type]
            if row.kind != "Event"
        ]


def _made_elsewhere(world: World, _past: Past) -> None:
    world.elsewhere()


def _paid_behind_our_back(world: World, _past: Past) -> None:
    taken = world.pay(world.created(order_reference="SO-2"), CHALLENGE)
    world.authenticate(taken, "complete")


def _refunded_elsewhere(world: World, past: Past) -> None:
    past.refund(str(world.intents()[0]["id"]), 1_000)


def _fee_came_later(world: World, _past: Past) -> None:
    world.pay(world.created(order_reference="SO-2"))


def _disputed(world: World, _past: Past) -> None:
    world.pay(world.created(order_reference="SO-2"), DISPUTED)


def _captured_elsewhere(world: World, _past: Past) -> None:
    taken = world.pay(world.created(order_reference="SO-2", hold=True))
    world.posted(f"/v1/payment_intents/{taken.payment.payment_intent_id}/capture", {})


STORIES = {
    "made elsewhere": (_made_elsewhere, {("Payment", "not here", "succeeded, £42.00")}),
    "paid unseen": (
        _paid_behind_our_back,
        {("Payment", "requires_action, £0.00", "succeeded, £120.00")},
    ),
    "captured elsewhere": (
        _captured_elsewhere,
        {("Payment", "requires_capture, £0.00", "succeeded, £120.00")},
    ),
    "refunded elsewhere": (
        _refunded_elsewhere,
        {("Refund", "not here", "succeeded, £10.00")},
    ),
    "fee": (_fee_came_later, {("Fee", "not here")}),
    "disputed": (
        _disputed,
        {("Fee", "not here"), ("Dispute", "not here", "needs_response, £120.00")},
    ),
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("happens", "expected"), STORIES.values(), ids=STORIES)
def test_each_kind_of_difference(
    world: World,
    past: Past,
    happens: Callable[[World, Past], None],
    expected: set[tuple[str, ...]],
) -> None:
    """Found, corrected and reported; a second look right after finds nothing."""
    world.pay(world.created())
    _quiet(world)
    happens(world, past)
    world.clock.advance(minutes=5)
    _reconcile(world)
    found = _found(world)
    assert {one[: len(wanted)] for one in found for wanted in expected} >= expected
    assert len(found) == len(expected)
    assert {one[3] for one in found} == {"Corrected."}
    again = _reconcile(world)
    assert again.differences == 0
    assert _found(world) == found


def test_a_lost_webhook_is_made_up_for(world: World) -> None:
    """What never arrived is stored and handled as if it had."""
    world.pay(world.created())
    world.clock.advance(minutes=5)
    done = _reconcile(world)
    with world.desk.store.reading() as session:
        events = session.exec(select(StripeEvent)).all()
    assert {event.type for event in events} == {
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
    }
    assert {event.state for event in events} == {"handled"}
    assert done.differences == 5  # four events, and the fee
    process_all_due(world.desk)
    assert _reconcile(world).differences == 0


def test_fresh_events_are_left_time_to_arrive(world: World) -> None:
    """For a minute they are nobody's loss."""
    world.pay(world.created())
    world.clock.advance(seconds=30)
    _reconcile(world)
    with world.desk.store.reading() as session:
        assert session.exec(select(StripeEvent)).all() == []
    world.clock.advance(seconds=60)
    _reconcile(world)
    with world.desk.store.reading() as session:
        assert len(session.exec(select(StripeEvent)).all()) == 4


def test_a_payment_that_stripe_does_not_have(world: World) -> None:
    """It is asked about, reported and left as it is."""
    kept, lost = world.created(), world.created(order_reference="SO-2")
    _quiet(world)
    world.sandbox._store.run("DELETE FROM object WHERE id = ?", (lost.payment_intent_id,))
    before = rows(world.desk)
    _reconcile(world)
    assert _found(world) == [
        ("Payment", "here", "not in Stripe's list", "Not changed. Stripe doesn't have it.")
    ]
    assert rows(world.desk) == before
    assert world.now_is(kept).display is DisplayStatus.AWAITING_CARD


def test_only_differences_are_retrieved(world: World) -> None:
    """A quiet look costs a read a list."""
    for number in range(3):
        world.pay(world.created(order_reference=f"SO-{number}"))
    _quiet(world)
    world.sandbox.clear_requests()
    done = _reconcile(world)
    assert world.calls() == [
        ("GET", "/v1/payment_intents"),
        ("GET", "/v1/refunds"),
        ("GET", "/v1/disputes"),
        ("GET", "/v1/payouts"),
        ("GET", "/v1/balance_transactions"),
        ("GET", "/v1/events"),
    ]
    assert done.reads == 6


def test_what_is_in_the_open_is_left_to_recovery(world: World) -> None:
    """A confirm without an answer is no difference yet."""
    payment = world.created()
    _quiet(world)
    world.sandbox.faults.add("drop_after", method="POST", path="/v1/*/confirm", times=2)
    world.pay(payment, VISA)
    assert world.now_is(payment).display is DisplayStatus.CHECKING
    _reconcile(world)
    assert _found(world) == []
    assert world.now_is(payment).open_operation is not None


def test_it_stops_when_stripe_does_not_answer(world: World) -> None:
    """It says so, in the run's row too, and the next run does it all."""
    world.elsewhere()
    world.clock.advance(minutes=5)
    world.sandbox.faults.add("drop_before", path="/v1/refunds", times=3)
    with pytest.raises(ReconciliationStopped) as stopped:
        _reconcile(world)
    assert stopped.value.money is None  # it only reads
    with world.desk.store.reading() as session:
        (run,) = session.exec(select(Reconciliation)).all()
    assert run.problem is not None
    assert "Stripe isn't responding" in run.problem
    assert _reconcile(world).step == 7
    assert len(_found(world)) == 1


def test_it_stops_when_the_months_reads_are_spent(world: World) -> None:
    """Checkout's own reads go on."""
    poor = replace(world.desk, read_budget=1)
    with pytest.raises(ReadBudgetSpent):
        reconcile(poor, SUPERVISOR, since=world.clock.now() - DAY)
    world.pay(world.created())


def test_two_at_once_are_one(world: World) -> None:
    """The second is told that one is running."""
    with acquire_lease(world.desk.store.engine, "reconciliation", world.clock.now) as lease:
        assert lease is not None
        with pytest.raises(ReconciliationRunning):
            _reconcile(world)


def test_an_agent_may_not(world: World) -> None:
    """It is for those who use Operations."""
    with pytest.raises(NotAllowed):
        reconcile(world.desk, AGENT, since=world.clock.now() - DAY)


def test_the_schedule_is_kept_over_all_processes(world: World) -> None:
    """Two desks that look each minute compare once an hour; the second time a little back."""
    for minutes in (0, 1, 30, 28, 2):
        world.clock.advance(minutes=minutes)
        for _ in range(2):
            reconcile_when_due(world.desk, timedelta(hours=1))
    with world.desk.store.reading() as session:
        runs = session.exec(select(Reconciliation).order_by(Reconciliation.started_at)).all()  # type: ignore[arg-type]
    assert len(runs) == 2
    assert runs[1].since_at == runs[0].until_at - timedelta(hours=1)
