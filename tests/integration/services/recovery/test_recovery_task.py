"""The recovery task: every open operation comes to an end, in one process at a time."""

import pytest
from sqlmodel import select

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.storage.database.lease import acquire_lease
from cardpay.storage.schema.tables import Operation
from tests.integration.services.recovery.recovery_runs import (
    BOTH_TRIES,
    DAY,
    operation,
    operations,
    recover_each_minute,
)
from tests.support.desks.worlds import AGENT, World
from tests.support.secrets.log_lines import lines

pytestmark = pytest.mark.one_database


def test_all_that_is_open_comes_to_an_end(world: World) -> None:
    """Whatever was asked for when the process died."""
    charged, silent = (world.created(order_reference=f"SO-{n}") for n in range(2))
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=BOTH_TRIES)
    world.pay(charged)
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=BOTH_TRIES)
    world.pay(silent)
    world.sandbox.faults.add("timeout_after", path="/v1/payment_intents", times=BOTH_TRIES)
    orphan = world.created(order_reference="SO-2")
    recover_each_minute(world, 5)
    assert world.now_is(charged).display is DisplayStatus.SUCCEEDED
    assert world.now_is(silent).display is DisplayStatus.NOT_CHARGED
    assert world.now_is(orphan).display is DisplayStatus.NOT_CHARGED
    assert sorted(str(made["status"]) for made in world.intents()) == [
        "canceled",
        "canceled",
        "succeeded",
    ]


def test_more_than_a_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, each has its turn in one pass."""
    monkeypatch.setattr("cardpay.storage.payments.payment_operations.BATCH", 2)
    monkeypatch.setattr("cardpay.storage.payments.unpaid_payments.BATCH", 2)
    world.sandbox.faults.add("drop_before", path="*/confirm", times=BOTH_TRIES * 5)
    for number in range(5):
        world.pay(world.created(order_reference=f"SO-{number}"))
    old = [world.created(order_reference=f"SO-old-{number}") for number in range(5)]
    world.clock.advance(minutes=5)
    recover_all(world.desk, DAY)
    assert not _open(world)
    world.clock.advance(hours=24)
    recover_all(world.desk, DAY)
    assert {world.now_is(payment).display for payment in old} == {DisplayStatus.CANCELLED}


def _open(world: World) -> list[Operation]:
    with world.desk.store.reading() as session:
        return list(session.exec(select(Operation).where(Operation.state == "open")).all())


def test_one_that_fails_does_not_stop_the_others(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in the log by its own id, without a word about the customer."""
    payments = [world.created(order_reference=f"SO-{number}") for number in range(3)]
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=BOTH_TRIES * 3)
    for payment in payments:
        world.pay(payment)
    broken = min(payments, key=lambda payment: payment.payment_id)  # it comes first
    with world.desk.store.transaction() as session:
        row = session.exec(select(Operation).where(Operation.open_slot == broken.payment_id)).one()
        row.request = {}
    recover_each_minute(world, 3)
    words = {payment.payment_id: world.now_is(payment).display for payment in payments}
    assert words.pop(broken.payment_id) is DisplayStatus.CHECKING
    assert set(words.values()) == {DisplayStatus.SUCCEEDED}
    (line,) = {(line["payment_id"], line["error"]) for line in lines(caplog) if "error" in line}
    assert line == (broken.payment_id, "KeyError")


def test_one_process_at_a_time(world: World) -> None:
    """A second recovery task does nothing, and asks Stripe nothing."""
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=BOTH_TRIES)
    world.pay(payment)
    world.sandbox.clear_requests()
    with acquire_lease(world.desk.store.engine, "recovery", world.desk.now):
        world.clock.advance(minutes=1)
        recover_all(world.desk, DAY)
    assert world.calls() == []
    recover_each_minute(world, 2)
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED


def test_a_cancel_that_always_fails_needs_review(world: World) -> None:
    """Stripe answers 500 for an hour: a few cancels, of which the last needs review."""
    payment = world.created()
    world.sandbox.faults.add("error_500", path="*/cancel", times=1000)
    cancel_payment(world.desk, AGENT, payment.payment_id)
    recover_each_minute(world, 9)
    assert [row.needs_review for row in operations(world, "cancel")] == [False, False]
    recover_each_minute(world, 2)
    assert [row.needs_review for row in _open(world)] == [True]
    for _ in range(49):
        recover_each_minute(world, 1)
        assert [row.needs_review for row in _open(world)] == [True]
    assert len(operations(world, "cancel")) == 7
    world.sandbox.faults.clear()
    recover_each_minute(world, 11)
    assert world.now_is(payment).display is DisplayStatus.CANCELLED
    assert not any(row.needs_review for row in operations(world, "cancel"))


def test_what_stays_unknown_needs_review(world: World) -> None:
    """Stripe failed, and does not say for ten minutes how it ended."""
    payment = world.created()
    world.sandbox.faults.add("error_500", path="*/confirm", executed=True)
    world.pay(payment)
    world.sandbox.faults.add("drop_before", method="GET", times=1000)
    recover_each_minute(world, 9)
    assert not operation(world, "confirm").needs_review
    recover_each_minute(world, 2)
    assert operation(world, "confirm").needs_review
    world.sandbox.faults.clear()
    recover_each_minute(world, 1)
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED
    assert not operation(world, "confirm").needs_review
