"""Captures and refunds without an answer: looked for, never sent again but by a person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

import pytest
from sqlmodel import col, select

from cardpay.domain.actor import SYSTEM, Actor
from cardpay.domain.errors import InvalidInput, NotAllowed, NothingWaits, PaymentBusy
from cardpay.domain.payment import DisplayStatus
from cardpay.gateway.errors import StripeUnavailable
from cardpay.gateway.stripe_gateway import NewRefund
from cardpay.reporting.open_operations import OpenOperation, open_operations
from cardpay.services.applying import apply_intent
from cardpay.services.applying_settlement import apply_refund
from cardpay.services.captures import capture_payment
from cardpay.services.payment_view import PaymentView
from cardpay.services.recovering import recover
from cardpay.services.refunds import refund_payment
from cardpay.services.waiting_operations import give_up, try_again
from cardpay.storage.tables import AuditEntry, Operation, Refund
from tests.support.worlds import ADMIN, AGENT, SUPERVISOR, World

BOTH_TRIES = 2  # the SDK sends a write twice before it gives up
AMOUNT_MINOR = 5_000

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


@dataclass
class Desk:
    """A world in which something that moves money has got no answer."""

    world: World
    kind: Literal["capture", "refund"]

    @property
    def path(self) -> str:
        """Where it is asked for."""
        return "*/capture" if self.kind == "capture" else "/v1/refunds"

    def asked(self, fault: str, *, executed: bool = False) -> PaymentView:
        """A payment for which it was asked once, without an answer."""
        world = self.world
        if self.kind == "capture":
            payment = world.pay(world.created(capture_method="manual")).payment
            act: Callable[[], PaymentView] = lambda: capture_payment(  # noqa: E731
                world.desk, SUPERVISOR, payment.payment_id, AMOUNT_MINOR, str(uuid4())
            )
        else:
            payment = world.pay(world.created()).payment
            act = lambda: refund_payment(  # noqa: E731
                world.desk, SUPERVISOR, payment.payment_id, AMOUNT_MINOR, "duplicate", str(uuid4())
            )
        self.fail(fault, executed=executed)
        return act()

    def fail(self, fault: str, *, executed: bool = False) -> None:
        """The next write of this kind gets no answer."""
        times = 1 if fault == "rate_limit" else BOTH_TRIES  # the SDK does not repeat a 429
        self.world.sandbox.faults.add(
            fault, method="POST", path=self.path, times=times, executed=executed
        )

    def happened(self) -> int:
        """How often Stripe did it, for the amount that was asked for."""
        if self.kind == "refund":
            return [row["amount"] for row in self.world.refunds()].count(AMOUNT_MINOR)
        charges = self.world.successful_charges()
        return [charge["amount_captured"] for charge in charges].count(AMOUNT_MINOR)

    def sent(self) -> int:
        """How often it was sent since the last clearing."""
        name = "/capture" if self.kind == "capture" else "/refunds"
        calls = self.world.calls()
        return sum(method == "POST" and path.endswith(name) for method, path in calls)

    def alone(self, minutes: int = 12) -> None:
        """Nobody is there; the recoverer is."""
        for _ in range(minutes):
            self.world.clock.advance(minutes=1)
            recover(self.world.desk, None)

    def open(self, actor: Actor = SUPERVISOR) -> list[OpenOperation]:
        """What the Operations page shows."""
        return list(open_operations(self.world.desk.store, actor))

    def arrives_late(self, operation_id: str) -> None:
        """Stripe carries the request out after all."""
        with self.world.desk.store.reading() as session:
            operation = session.get(Operation, operation_id)
        assert operation is not None
        request, key = operation.request, operation.idempotency_key
        gateway = self.world.desk.gateway
        if self.kind == "capture":
            gateway.capture_payment_intent(
                request["payment_intent_id"], request["amount_minor"], key
            )
        else:
            metadata = {"refund_id": request["refund_id"], "payment_id": operation.payment_id}
            new = NewRefund(
                request["payment_intent_id"], request["amount_minor"], request["reason"], metadata
            )
            gateway.create_refund(new, key)

    def is_told(self, payment: PaymentView) -> None:
        """Stripe's events say how it stands."""
        desk = self.world.desk
        intent_id = str(payment.payment_intent_id)
        with desk.store.transaction() as session:
            if self.kind == "capture":
                intent = desk.gateway.retrieve_payment_intent(intent_id)
                apply_intent(session, desk, SYSTEM, intent, asked_at=None)
            else:
                (refund,) = desk.gateway.list_refunds(intent_id)
                apply_refund(session, desk, SYSTEM, refund, asked_at=None)

    def agrees(self, payment: PaymentView) -> bool:
        """Whether the desk's rows say what Stripe's objects say."""
        seen = self.world.now_is(payment)
        with self.world.desk.store.reading() as session:
            ours = session.exec(select(Refund)).all()
        theirs = self.world.refunds()
        captured = seen.display is DisplayStatus.SUCCEEDED
        if self.kind == "capture":
            return captured == bool(self.happened())
        return sorted(str(row.stripe_refund_id) for row in ours) == sorted(
            str(row["id"]) for row in theirs
        )


@pytest.fixture(params=["capture", "refund"])
def asked(world: World, request: pytest.FixtureRequest) -> Desk:
    """For each of the two."""
    return Desk(world, request.param)


@pytest.mark.parametrize(("fault", "executed"), UNKNOWN_AFTER)
def test_nobody_sends_it_again(asked: Desk, fault: str, executed: bool) -> None:
    """What Stripe has done is found; what it has not waits for a person."""
    payment = asked.asked(fault, executed=executed)
    assert payment.open_operation == asked.kind
    asked.world.sandbox.clear_requests()
    asked.alone()
    assert asked.sent() == 0
    assert asked.happened() == int(executed)
    waiting = asked.open()
    assert [row.needs_person for row in waiting] == [True] * (not executed)
    assert asked.agrees(payment) or not executed


@pytest.mark.parametrize(("fault", "executed"), UNKNOWN_AFTER)
def test_a_person_tries_again(asked: Desk, fault: str, executed: bool) -> None:
    """It happens once, whether it had happened before or not."""
    payment = asked.asked(fault, executed=executed)
    asked.alone()
    for row in asked.open():
        try_again(asked.world.desk, SUPERVISOR, row.operation_id)
    assert asked.happened() == 1
    assert asked.open() == []
    assert asked.agrees(payment)


@pytest.mark.parametrize(("fault", "executed"), UNKNOWN_AFTER)
def test_a_person_gives_up(asked: Desk, fault: str, executed: bool) -> None:
    """Then it may be asked for anew."""
    payment = asked.asked(fault, executed=executed)
    asked.alone()
    for row in asked.open():
        give_up(asked.world.desk, SUPERVISOR, row.operation_id)
    assert asked.happened() == int(executed)
    assert asked.open() == []
    assert asked.agrees(payment)
    with asked.world.desk.store.reading() as session:
        states = session.exec(select(Operation.state).where(Operation.kind == asked.kind)).all()
        acts = session.exec(select(AuditEntry.act)).all()
    assert states == ["done" if executed else "abandoned"]
    assert ("operation.give_up" in acts) is not executed


def test_the_same_key_while_it_is_good(asked: Desk) -> None:
    """A request that arrives late and the second one are one."""
    asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    asked.world.clock.advance(hours=20)
    try_again(asked.world.desk, SUPERVISOR, row.operation_id)
    keys = {
        made.idempotency_key
        for made in asked.world.sandbox.requests
        if made.method == "POST" and made.path.endswith(("/capture", "/refunds"))
    }
    assert len(keys) == 1


@pytest.mark.parametrize(("fault", "hours"), [("timeout_before", 23), ("error_500", 0)])
def test_a_new_operation_where_the_key_is_no_good(asked: Desk, fault: str, hours: int) -> None:
    """Stripe would repeat its error, or may have forgotten the key."""
    asked.asked(fault)
    asked.alone()
    (row,) = asked.open()
    asked.world.clock.advance(hours=hours)
    try_again(asked.world.desk, SUPERVISOR, row.operation_id)
    with asked.world.desk.store.reading() as session:
        of_kind = session.exec(
            select(Operation)
            .where(Operation.kind == asked.kind)
            .order_by(col(Operation.created_at))
        ).all()
    assert [operation.state for operation in of_kind] == ["abandoned", "done"]
    assert of_kind[0].id == row.operation_id
    assert asked.happened() == 1


def test_no_answer_again(asked: Desk) -> None:
    """It waits on, and is nobody's to decide while the request may still run."""
    asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    asked.fail("timeout_after")
    seen = try_again(asked.world.desk, SUPERVISOR, row.operation_id)
    assert seen.open_operation == asked.kind
    with pytest.raises(PaymentBusy):
        give_up(asked.world.desk, SUPERVISOR, row.operation_id)
    with pytest.raises(PaymentBusy):
        try_again(asked.world.desk, SUPERVISOR, row.operation_id)
    asked.alone(3)
    assert asked.open() == []
    assert asked.happened() == 1


def test_not_before_it_waits(asked: Desk) -> None:
    """The request may still be on its way, whatever we have heard."""
    payment = asked.asked("timeout_before")
    (row,) = asked.open()
    assert (row.needs_person, row.may_try_again, row.may_give_up) == (False, False, False)
    for decide in (try_again, give_up):
        with pytest.raises(PaymentBusy):
            decide(asked.world.desk, SUPERVISOR, row.operation_id)
    assert asked.world.now_is(payment).open_operation == asked.kind


@pytest.mark.parametrize("decide", [try_again, give_up])
def test_it_happened_just_before_the_decision(
    asked: Desk, decide: Callable[..., PaymentView]
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


def test_it_happened_late_and_an_event_told(asked: Desk) -> None:
    """Then nobody has to decide."""
    payment = asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    asked.arrives_late(row.operation_id)
    asked.alone(1)
    assert [again.needs_person for again in asked.open()] == [True]  # nobody asks all the time
    asked.is_told(payment)
    asked.alone(1)
    assert asked.open() == []
    assert asked.agrees(payment)


def test_stripe_is_silent(asked: Desk) -> None:
    """Without a look nothing is decided."""
    asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    for decide in (try_again, give_up):
        asked.world.sandbox.faults.add("drop_before", method="GET", times=3)
        with pytest.raises(StripeUnavailable):
            decide(asked.world.desk, SUPERVISOR, row.operation_id)
        asked.world.clock.advance(seconds=5)
    assert [again.needs_person for again in asked.open()] == [True]


def test_what_has_been_decided(asked: Desk) -> None:
    """A second click, or a second person, finds nothing to decide."""
    asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open()
    give_up(asked.world.desk, SUPERVISOR, row.operation_id)
    for decide in (try_again, give_up):
        with pytest.raises(NothingWaits):
            decide(asked.world.desk, SUPERVISOR, row.operation_id)
    with pytest.raises(NothingWaits):
        give_up(asked.world.desk, SUPERVISOR, "nothing")
    assert asked.happened() == 0


def test_who_may(asked: Desk) -> None:
    """Operations, and the right to what is decided about."""
    asked.asked("timeout_before")
    asked.alone()
    (row,) = asked.open(ADMIN)
    assert (row.may_try_again, row.may_give_up) == (False, False)
    (row,) = asked.open()
    assert (row.may_try_again, row.may_give_up) == (True, True)
    for actor in (AGENT, ADMIN):
        for decide in (try_again, give_up):
            with pytest.raises(NotAllowed):
                decide(asked.world.desk, actor, row.operation_id)
    with pytest.raises(NotAllowed):
        open_operations(asked.world.desk.store, AGENT)


def test_what_is_shown(asked: Desk) -> None:
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
    asked = Desk(world, "refund")
    payment = asked.asked("error_500")
    asked.alone()
    (row,) = asked.open()
    world.refund_elsewhere(payment, 12_000 - AMOUNT_MINOR + 1)
    (made,) = world.desk.gateway.list_refunds(str(payment.payment_intent_id))
    with world.desk.store.transaction() as session:
        apply_refund(session, world.desk, SUPERVISOR, made, asked_at=world.clock.now())
    with pytest.raises(InvalidInput, match="at most"):
        try_again(world.desk, SUPERVISOR, row.operation_id)
    assert [again.operation_id for again in asked.open()] == [row.operation_id]


def test_the_other_kinds_are_looked_at(world: World) -> None:
    """A confirm is not sent again by a person either: its caller may be gone."""
    payment = world.created()
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=BOTH_TRIES)
    world.pay(payment)
    world.clock.advance(minutes=5)
    (row,) = open_operations(world.desk.store, SUPERVISOR)
    assert (row.kind, row.may_try_again, row.may_give_up) == ("confirm", True, False)
    with pytest.raises(NothingWaits):
        give_up(world.desk, SUPERVISOR, row.operation_id)
    assert try_again(world.desk, SUPERVISOR, row.operation_id).display is DisplayStatus.NOT_CHARGED
    assert world.successful_charges() == []
