"""Giving money back: as often as somebody says so, and never more than was taken."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.errors import (
    CardpayError,
    InvalidInput,
    NotAllowed,
    NotRefundable,
    PaymentBusy,
    PaymentNotFound,
)
from cardpay.domain.payment.display_status import WrongState
from cardpay.domain.payment.refund import REFUND_REASONS
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.errors import RequestRefused
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.sandbox.fault_injection import ConnectionDropped
from cardpay.sandbox.http.request_handler import Reply
from cardpay.services.after_payment.captures import capture_payment
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.stripe_facts.apply_facts import Fact, apply_fact, apply_facts
from cardpay.services.taking.payment_view import PaymentView, view
from cardpay.services.webhooks import event_worker
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.schema.tables import AuditEntry, Operation, Payment, Refund
from tests.support.desks.worlds import AGENT, SUPERVISOR, VISA, World

pytestmark = pytest.mark.one_database

KEY_EXPIRED = b'{"error": {"type": "invalid_request_error", "message": "Expired API Key"}}'
BOTH_TRIES = 2  # the SDK sends a write twice before it gives up
FAILS_LATER = "4000000000005126"


def _paid(world: World, number: str = VISA) -> PaymentView:
    return world.pay(world.created(), number).payment


def _refund(
    world: World, payment: PaymentView, amount_minor: int = 12_000, press: str = ""
) -> PaymentView:
    return refund_payment(
        world.desk,
        SUPERVISOR,
        payment.payment_id,
        amount_minor,
        "requested_by_customer",
        press or str(uuid4()),
    )


def _rows(world: World) -> list[Refund]:
    with world.desk.store.reading() as session:
        return list(session.exec(select(Refund)).all())


def _refunded_minor(world: World, payment: PaymentView) -> int:
    with world.desk.store.reading() as session:
        row = session.get(Payment, payment.payment_id)
    assert row is not None
    return row.amount_refunded_minor


def _hear_everything(world: World) -> None:
    """Every event of Stripe's arrives and is applied."""
    world.clock.advance(seconds=30)
    world.sandbox.run_due()
    for told in reversed(world.listed("/v1/events?limit=100")):
        store_event(world.desk, snapshot_parsing.event(told))
    event_worker.process_all_due(world.desk)


@pytest.mark.parametrize("reason", REFUND_REASONS)
def test_all_of_it(world: World, reason: Any) -> None:
    """Stripe's Refund and our row name each other, and the operation says who asked."""
    paid = _paid(world)
    refund_payment(world.desk, SUPERVISOR, paid.payment_id, 12_000, reason, str(uuid4()))
    (theirs,), (ours,) = world.refunds(), _rows(world)
    assert theirs["amount"] == ours.amount_minor == 12_000
    assert theirs["reason"] == ours.reason == reason
    assert theirs["status"] == ours.status == "succeeded"
    assert theirs["id"] == ours.stripe_refund_id
    assert theirs["metadata"] == {"refund_id": ours.id, "payment_id": paid.payment_id}
    assert _refunded_minor(world, paid) == 12_000
    with world.desk.store.reading() as session:
        operation = session.get(Operation, ours.operation_id)
        acts = session.exec(select(AuditEntry.act, AuditEntry.actor_id)).all()
    assert operation is not None
    assert (operation.kind, operation.state) == ("refund", "done")
    assert ("payment.refund", SUPERVISOR.actor_id) in acts


def test_in_parts_until_nothing_is_left(world: World) -> None:
    """Each press gives back its part; the sentence says how much may still be given."""
    paid = _paid(world)
    _refund(world, paid, 5_000)
    _refund(world, paid, 5_000)
    with pytest.raises(InvalidInput) as too_much:
        _refund(world, paid, 2_001)
    assert too_much.value.sentence == ("Amount must be £20.00 or less")
    _refund(world, paid, 2_000)
    with pytest.raises(InvalidInput, match="already fully refunded"):
        _refund(world, paid, 1)
    assert _refunded_minor(world, paid) == 12_000
    assert [row["amount"] for row in world.refunds()] == [2_000, 5_000, 5_000]


def test_a_double_click_gives_back_once(world: World) -> None:
    """The second press is the first one's, and sends nothing."""
    paid = _paid(world)
    press = str(uuid4())
    _refund(world, paid, 5_000, press)
    world.sandbox.clear_requests()
    _refund(world, paid, 5_000, press)
    assert world.calls() == []
    assert len(world.refunds()) == 1


def test_two_people_at_once_give_back_once(world: World) -> None:
    """The others are told that the payment is busy, or that nothing is left."""
    paid = _paid(world)

    def press(_: int) -> str:
        try:
            _refund(world, paid)
        except CardpayError as refused:
            return type(refused).__name__
        return "refunded"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))
    assert answers.count("refunded") == 1
    assert set(answers) <= {"refunded", "PaymentBusy", "InvalidInput"}
    assert len(world.refunds()) == 1


def test_no_more_than_was_captured(world: World) -> None:
    """What a partial capture let go is the cardholder's already."""
    held = world.created(hold=True)
    world.pay(held)
    capture_payment(world.desk, SUPERVISOR, held.payment_id, 4_000, str(uuid4()))
    with pytest.raises(InvalidInput, match="Amount must be £40"):
        _refund(world, held, 4_001)
    _refund(world, held, 4_000)
    assert _refunded_minor(world, held) == 4_000


def test_a_refund_that_failed_may_be_given_again(world: World) -> None:
    """The money is with us again."""
    paid = _paid(world, FAILS_LATER)
    _refund(world, paid)
    world.clock.advance(seconds=20)
    (row,) = _rows(world)
    with world.desk.store.transaction() as session:
        failed = world.desk.gateway.retrieve_refund(str(row.stripe_refund_id))
        asked_at = world.clock.now()
        apply_fact(session, world.desk, SUPERVISOR, failed, asked_at=asked_at)
    assert _refunded_minor(world, paid) == 0
    _refund(world, paid)
    assert [row.status for row in sorted(_rows(world), key=lambda row: row.created_at)] == [
        "failed",
        "succeeded",
    ]


def test_only_what_was_paid_can_be_given_back(world: World) -> None:
    """Not an unpaid payment, and not a hold."""
    with pytest.raises(WrongState, match="has not been paid yet, so it can't be refunded"):
        _refund(world, world.created())
    held = world.created(order_reference="SO-2", hold=True)
    world.pay(held)
    with pytest.raises(WrongState, match="held on the card, so it can't be refunded"):
        _refund(world, held)


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_an_amount_that_cannot_be(world: World, amount_minor: int) -> None:
    """Refused before Stripe hears of it."""
    with pytest.raises(InvalidInput, match="more than zero"):
        _refund(world, _paid(world), amount_minor)
    assert world.refunds() == []


def test_a_reason_that_stripe_does_not_know(world: World) -> None:
    """Only Stripe's own."""
    paid = _paid(world)
    reason: Any = "because"
    with pytest.raises(
        InvalidInput, match="Reason must be one of requested_by_customer, duplicate"
    ):
        refund_payment(world.desk, SUPERVISOR, paid.payment_id, 1, reason, str(uuid4()))


def test_who_may(world: World) -> None:
    """A supervisor; and a payment that is not there is nobody's."""
    paid = _paid(world)
    with pytest.raises(NotAllowed, match="refund payments"):
        refund_payment(world.desk, AGENT, paid.payment_id, 1, "duplicate", str(uuid4()))
    with pytest.raises(PaymentNotFound):
        refund_payment(world.desk, SUPERVISOR, "nothing", 1, "duplicate", str(uuid4()))


def test_while_the_first_is_unknown_there_is_no_second(world: World) -> None:
    """It might be the same money twice."""
    paid = _paid(world)
    world.sandbox.faults.add("timeout_after", path="/v1/refunds", times=BOTH_TRIES)
    assert _refund(world, paid, 5_000).open_operation == "refund"
    with pytest.raises(PaymentBusy):
        _refund(world, paid, 5_000)
    (row,) = _rows(world)
    assert (row.status, row.stripe_refund_id) == (None, None)


@pytest.mark.parametrize(
    ("tries", "told"),
    [
        pytest.param(1, Reply(408, {}, b"<html>Request Time-out"), id="by a proxy"),
        pytest.param(2, Reply(401, {}, KEY_EXPIRED), id="at the second try, for the key"),
    ],
)
def test_a_refusal_that_says_nothing_of_the_refund(world: World, tries: int, told: Reply) -> None:
    """Stripe has carried it out, and its answer was lost: nobody may ask for another one."""
    payment = _paid(world)
    sent = 0

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        nonlocal sent
        if target != "/v1/refunds" or method != "POST":
            return world.sandbox.handle(method, target, headers, body)
        sent += 1
        if sent == 1:
            world.sandbox.handle(method, target, headers, body)
        if sent < tries:
            raise ConnectionDropped
        return told

    gateway = StripeGateway(world.sandbox.secret_key, send=send)
    world.desk = replace(world.desk, gateway=gateway)
    _refund(world, payment, 500)
    with pytest.raises(PaymentBusy):
        _refund(world, payment, 500)
    assert [refund["amount"] for refund in world.refunds()] == [500]


def test_stripe_refuses(world: World) -> None:
    """More was given back elsewhere than the desk knows: no row stays of what never was."""
    paid = _paid(world)
    world.refund_elsewhere(paid, 10_000)
    with pytest.raises(RequestRefused, match="greater than unrefunded amount"):
        _refund(world, paid, 5_000)
    assert _rows(world) == []
    assert world.now_is(paid).open_operation is None
    with world.desk.store.reading() as session:
        operation = session.exec(select(Operation).where(Operation.kind == "refund")).one()
    assert operation.state == "refused"
    assert "unrefunded amount" in str(operation.problem)


def test_an_import_knows_the_refund_that_it_finds(world: World) -> None:
    """Of a payment that was taken elsewhere, while the desk still waits for its own answer."""
    desk = world.desk
    intent = desk.gateway.retrieve_payment_intent(world.elsewhere())
    with desk.store.transaction() as session:
        apply_fact(session, desk, SYSTEM, intent, asked_at=None)
        payment_id = session.exec(select(Payment.id)).one()
    world.sandbox.faults.add("timeout_after", path="/v1/refunds", times=BOTH_TRIES)
    refund_payment(desk, SUPERVISOR, payment_id, 1_000, "duplicate", str(uuid4()))
    found = [snapshot_parsing.refund(one) for one in world.refunds()]
    with desk.store.transaction() as session:
        apply_facts(session, desk, SYSTEM, [Fact(one, world.clock.now()) for one in found])
    world.clock.advance(minutes=1)
    recover_all(desk, None)
    (row,) = _rows(world)
    assert (row.status, row.stripe_refund_id) == ("succeeded", found[0].refund_id)
    assert view(desk, payment_id).open_operation is None


def test_a_disputed_payment_is_not_refunded(world: World) -> None:
    """The bank gives the money back already: Stripe is not even asked. An inquiry bars nothing."""
    paid = _paid(world, "4000000000000259")  # disputed as soon as it is charged
    _hear_everything(world)
    world.sandbox.clear_requests()
    with pytest.raises(NotRefundable, match="A disputed payment can't be refunded"):
        _refund(world, paid)
    assert world.calls() == []
    asked = world.pay(world.created(order_reference="SO-2"), "4000000000001976").payment
    _hear_everything(world)
    _refund(world, asked, 1_000)
    assert [row["amount"] for row in world.refunds()] == [1_000]
