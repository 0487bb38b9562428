"""Answers that come late to a capture or refund: around a person's decision about it."""

from collections.abc import Callable

import pytest

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import PaymentBusy
from cardpay.domain.payment.operation import OperationKind
from cardpay.services.desk import Desk
from cardpay.services.recovery import review
from cardpay.services.recovery.review import dismiss_operation, retry_operation
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import Operation
from tests.support.desks.unanswered_requests import Unanswered
from tests.support.desks.worlds import SUPERVISOR, World

pytestmark = pytest.mark.one_database


@pytest.fixture(params=["capture", "refund"])
def asked(world: World, request: pytest.FixtureRequest) -> Unanswered:
    """For each of the two."""
    return Unanswered(world, request.param)


def test_no_answer_again(asked: Unanswered) -> None:
    """It waits on, and is nobody's to decide while the request may still run."""
    asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    asked.fail("timeout_after")
    seen = retry_operation(asked.world.desk, SUPERVISOR, row.operation_id)
    assert seen.open_operation == asked.kind
    with pytest.raises(PaymentBusy):
        dismiss_operation(asked.world.desk, SUPERVISOR, row.operation_id)
    with pytest.raises(PaymentBusy):
        retry_operation(asked.world.desk, SUPERVISOR, row.operation_id)
    asked.alone(3)
    assert asked.open() == []
    assert asked.happened() == 1


@pytest.mark.parametrize("decide", [retry_operation, dismiss_operation])
def test_it_happened_just_before_the_decision(
    asked: Unanswered, decide: Callable[..., PaymentView]
) -> None:
    """The last look finds it: nothing is given up, and nothing sent twice."""
    payment = asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    asked.arrives_late(row.operation_id)
    decide(asked.world.desk, SUPERVISOR, row.operation_id)
    assert asked.happened() == 1
    assert asked.open() == []
    assert asked.agrees(payment)


@pytest.mark.parametrize("decide", [retry_operation, dismiss_operation])
def test_it_happened_between_the_look_and_the_decision(
    asked: Unanswered, decide: Callable[..., PaymentView], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event told of it: the decision is refused, and the recovery task ends it as done."""
    payment = asked.asked("error_500")
    asked.alone()
    (row,) = asked.open()
    kind = OperationKind(asked.kind)
    look_up = review._LOOK_UPS[kind]

    def look_up_too_early(desk: Desk, actor: Actor, operation: Operation) -> bool:
        found = look_up(desk, actor, operation)
        asked.arrives_late(row.operation_id, key="another")  # the first one repeats its error
        asked.is_told(payment)
        return found

    monkeypatch.setitem(review._LOOK_UPS, kind, look_up_too_early)
    with pytest.raises(PaymentBusy):
        decide(asked.world.desk, SUPERVISOR, row.operation_id)
    asked.alone(2)
    assert asked.happened() == 1
    assert asked.open() == []
    assert asked.agrees(payment)


def test_somebody_sent_it_between_the_look_and_the_decision(
    asked: Unanswered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody gives up what is on its way again."""
    payment = asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    kind = OperationKind(asked.kind)
    look_up = review._LOOK_UPS[kind]

    def look_up_slowly(desk: Desk, actor: Actor, operation: Operation) -> bool:
        found = look_up(desk, actor, operation)
        monkeypatch.setitem(review._LOOK_UPS, kind, look_up)
        asked.fail("timeout_after")
        retry_operation(desk, actor, operation.id)
        return found

    monkeypatch.setitem(review._LOOK_UPS, kind, look_up_slowly)
    with pytest.raises(PaymentBusy):
        dismiss_operation(asked.world.desk, SUPERVISOR, row.operation_id)
    asked.alone(3)
    assert asked.happened() == 1
    assert asked.agrees(payment)


def test_it_happened_late_and_an_event_told(asked: Unanswered) -> None:
    """Then nobody has to decide."""
    payment = asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    asked.arrives_late(row.operation_id)
    asked.alone(1)
    assert [again.needs_review for again in asked.open()] == [True]  # nobody asks all the time
    asked.is_told(payment)
    asked.alone(1)
    assert asked.open() == []
    assert asked.agrees(payment)
