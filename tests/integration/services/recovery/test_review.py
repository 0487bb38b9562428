"""Captures and refunds without an answer: looked for, never sent again but by a person."""

import pytest
from sqlmodel import col, select

from cardpay.domain.errors import InvalidInput, NoReviewNeeded, NotAllowed, PaymentBusy
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.errors import StripeUnavailable
from cardpay.reporting.operations.open_operations import open_operations
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.recovery.review import dismiss_operation, retry_operation
from cardpay.services.stripe_facts.apply_facts import apply_fact
from cardpay.storage.schema.tables import AuditEntry, Operation, Refund
from tests.support.desks.unanswered_requests import AMOUNT_MINOR, BOTH_TRIES, Unanswered
from tests.support.desks.worlds import ADMIN, AGENT, SUPERVISOR, World

pytestmark = pytest.mark.one_database

UNKNOWN_AFTER = [
    pytest.param("timeout_before", False, id="timeout before executing"),
    pytest.param("timeout_after", True, id="timeout after executing"),
    pytest.param("drop_before", False, id="dropped before executing"),
    pytest.param("drop_after", True, id="dropped after executing"),
    pytest.param("conflict", False, id="409"),
    pytest.param("rate_limit", False, id="429"),
    pytest.param("error_500", False, id="saved 500, not executed"),
    pytest.param("error_500", True, id="saved 500, executed"),
]


@pytest.fixture(params=["capture", "refund"])
def asked(world: World, request: pytest.FixtureRequest) -> Unanswered:
    """For each of the two."""
    return Unanswered(world, request.param)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("fault", "executed"), UNKNOWN_AFTER)
def test_nobody_sends_it_again(asked: Unanswered, fault: str, executed: bool) -> None:
    """What Stripe has done is found; what it has not waits for a person."""
    payment = asked.asked(fault, executed=executed)
    assert payment.open_operation == asked.kind
    asked.world.sandbox.clear_requests()
    asked.alone()
    assert asked.sent() == 0
    assert asked.happened() == int(executed)
    waiting = asked.open()
    assert [row.needs_review for row in waiting] == [True] * (not executed)
    assert asked.agrees(payment) or not executed


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("fault", "executed"), UNKNOWN_AFTER)
def test_a_person_tries_again(asked: Unanswered, fault: str, executed: bool) -> None:
    """It happens once, whether it had happened before or not."""
    payment = asked.asked(fault, executed=executed)
    asked.alone()
    for row in asked.open():
        retry_operation(asked.world.desk, SUPERVISOR, row.operation_id)
    assert asked.happened() == 1
    assert asked.open() == []
    assert asked.agrees(payment)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("fault", "executed"), UNKNOWN_AFTER)
def test_a_person_gives_up(asked: Unanswered, fault: str, executed: bool) -> None:
    """Then it may be asked for anew."""
    payment = asked.asked(fault, executed=executed)
    asked.alone()
    for row in asked.open():
        dismiss_operation(asked.world.desk, SUPERVISOR, row.operation_id)
    assert asked.happened() == int(executed)
    assert asked.open() == []
    assert asked.agrees(payment)
    with asked.world.desk.store.reading() as session:
        states = session.exec(select(Operation.state).where(Operation.kind == asked.kind)).all()
        acts = session.exec(select(AuditEntry.act)).all()
    assert states == ["done" if executed else "abandoned"]
    assert ("operation.give_up" in acts) is not executed


def test_the_same_key_while_it_is_good(asked: Unanswered) -> None:
    """A request that arrives late and the second one are one."""
    asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    asked.world.clock.advance(hours=20)
    retry_operation(asked.world.desk, SUPERVISOR, row.operation_id)
    keys = {
        made.idempotency_key
        for made in asked.world.sandbox.requests
        if made.method == "POST" and made.path.endswith(("/capture", "/refunds"))
    }
    assert len(keys) == 1


@pytest.mark.parametrize(("fault", "hours"), [("timeout_before", 23), ("error_500", 0)])
def test_a_new_operation_where_the_key_is_no_good(
    asked: Unanswered, fault: str, hours: int
) -> None:
    """Stripe would repeat its error, or may have forgotten the key."""
    asked.asked(fault)
    asked.alone()
    (row,) = asked.open()
    asked.world.clock.advance(hours=hours)
    retry_operation(asked.world.desk, SUPERVISOR, row.operation_id)
    with asked.world.desk.store.reading() as session:
        of_kind = session.exec(
            select(Operation)
            .where(Operation.kind == asked.kind)
            .order_by(col(Operation.created_at))
        ).all()
    assert [operation.state for operation in of_kind] == ["abandoned", "done"]
    assert of_kind[0].id == row.operation_id
    assert asked.happened() == 1


def test_a_page_that_stays_open_asks_gently(asked: Unanswered) -> None:
    """It may wait for days, and every question counts against what Stripe allots."""
    payment = asked.asked("timeout_before")
    asked.alone()
    asked.world.sandbox.clear_requests()
    for _ in range(60):
        asked.world.clock.advance(seconds=2)
        recover_payment(asked.world.desk, payment.payment_id, page_is_watched=True)
    assert 1 <= len(asked.world.calls()) <= 3


@pytest.mark.parametrize(("fault", "minutes"), [("timeout_before", 2), ("error_500", 10)])
def test_when_it_waits(asked: Unanswered, fault: str, minutes: int) -> None:
    """Not while the request may still run, nor while Stripe may still tell how it ended."""
    asked.asked(fault)
    asked.alone(minutes - 1)
    assert [row.needs_review for row in asked.open()] == [False]
    asked.alone(2)
    assert [row.needs_review for row in asked.open()] == [True]


def test_not_before_it_waits(asked: Unanswered) -> None:
    """The request may still be on its way, whatever we have heard."""
    payment = asked.asked("timeout_before")
    (row,) = asked.open()
    assert (row.needs_review, row.may_retry, row.may_dismiss) == (False, False, False)
    for decide in (retry_operation, dismiss_operation):
        with pytest.raises(PaymentBusy):
            decide(asked.world.desk, SUPERVISOR, row.operation_id)
    assert asked.world.now_is(payment).open_operation == asked.kind


def test_stripe_is_silent(asked: Unanswered) -> None:
    """Without a look nothing is decided."""
    asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    for decide in (retry_operation, dismiss_operation):
        asked.world.sandbox.faults.add("drop_before", method="GET", times=3)
        with pytest.raises(StripeUnavailable):
            decide(asked.world.desk, SUPERVISOR, row.operation_id)
        asked.world.clock.advance(seconds=5)
    assert [again.needs_review for again in asked.open()] == [True]


def test_what_has_been_decided(asked: Unanswered) -> None:
    """A second click, or a second person, finds nothing to decide."""
    asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    dismiss_operation(asked.world.desk, SUPERVISOR, row.operation_id)
    for decide in (retry_operation, dismiss_operation):
        with pytest.raises(NoReviewNeeded):
            decide(asked.world.desk, SUPERVISOR, row.operation_id)
    with pytest.raises(NoReviewNeeded):
        dismiss_operation(asked.world.desk, SUPERVISOR, "nothing")
    assert asked.happened() == 0


def test_who_may(asked: Unanswered) -> None:
    """Operations, and the right to what is decided about."""
    asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open(ADMIN)
    assert (row.may_retry, row.may_dismiss) == (False, False)
    (row,) = asked.open()
    assert (row.may_retry, row.may_dismiss) == (True, True)
    for actor in (AGENT, ADMIN):
        for decide in (retry_operation, dismiss_operation):
            with pytest.raises(NotAllowed):
                decide(asked.world.desk, actor, row.operation_id)
    with pytest.raises(NotAllowed):
        open_operations(asked.world.desk.store, AGENT)


def test_what_is_shown(asked: Unanswered) -> None:
    """Who asked for what, since when, and why there is no answer."""
    payment = asked.asked("error_500")
    (row,) = asked.open()
    assert (row.kind, row.payment_id, row.order_reference) == (
        asked.kind,
        payment.payment_id,
        payment.order_reference,
    )
    assert (row.amount.amount_minor, row.amount.currency) == (AMOUNT_MINOR, "gbp")
    assert row.asked_by == SUPERVISOR.actor_id
    assert row.problem == "an error at Stripe"
    assert row.stripe_request_id


def test_after_a_refund_elsewhere_less_is_left(world: World) -> None:
    """A refund that is tried anew is checked anew."""
    asked = Unanswered(world, "refund")
    payment = asked.asked("error_500")
    asked.alone()
    (row,) = asked.open()
    world.refund_elsewhere(payment, 12_000 - AMOUNT_MINOR + 1)
    (made,) = map(snapshot_parsing.refund, world.refunds())
    with world.desk.store.transaction() as session:
        apply_fact(session, world.desk, SUPERVISOR, made, asked_at=world.clock.now())
    with pytest.raises(InvalidInput, match="or less"):
        retry_operation(world.desk, SUPERVISOR, row.operation_id)
    assert [again.operation_id for again in asked.open()] == [row.operation_id]


def test_the_other_kinds_are_looked_at(world: World) -> None:
    """A confirm is not sent again by a person either: its caller may be gone."""
    payment = world.created()
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=BOTH_TRIES)
    world.pay(payment)
    world.clock.advance(minutes=5)
    (row,) = open_operations(world.desk.store, SUPERVISOR)
    assert (row.kind, row.may_retry, row.may_dismiss) == ("confirm", True, False)
    with pytest.raises(NoReviewNeeded):
        dismiss_operation(world.desk, SUPERVISOR, row.operation_id)
    assert (
        retry_operation(world.desk, SUPERVISOR, row.operation_id).display
        is DisplayStatus.NOT_CHARGED
    )
    assert world.successful_charges() == []


def test_given_up_and_made_all_the_same(world: World) -> None:
    """The refund that Stripe makes too late is shown as the desk's own, by who asked for it."""
    asked = Unanswered(world, "refund")
    payment = asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    dismiss_operation(world.desk, SUPERVISOR, row.operation_id)
    asked.arrives_late(row.operation_id)
    asked.is_told(payment)
    world.refund_elsewhere(payment, 1_000)
    asked.is_told(payment)
    with world.desk.store.reading() as session:
        refunds = session.exec(select(Refund).order_by(col(Refund.amount_minor).desc())).all()
        operation = session.get_one(Operation, row.operation_id)
    assert [refund.operation_id for refund in refunds] == [row.operation_id, None]
    assert refunds[0].id == operation.request["refund_id"]
    assert asked.agrees(payment)
