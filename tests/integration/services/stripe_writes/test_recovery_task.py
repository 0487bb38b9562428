"""The recoverer: everything in the open, everything unpaid, one process at a time."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import col, select

from cardpay.domain.access.actor import SYSTEM, Actor, Role
from cardpay.domain.errors import OrderLetGo
from cardpay.domain.payment.status import CancellationCause, DisplayStatus, PaymentStatus
from cardpay.services.stripe_facts.payment_facts import apply_intent
from cardpay.services.stripe_writes.recovery_task import recover
from cardpay.services.taking.checkout import cancel_payment, create_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.database.lease import exclusive
from cardpay.storage.payments import unfinished
from cardpay.storage.schema.tables import Operation, Payment
from tests.support.databases.query_plans import plans
from tests.support.desks.worlds import AGENT, CHALLENGE, DECLINED, World, draft
from tests.support.secrets.log_lines import lines

DAY = timedelta(hours=24)
BOTH_TRIES = 2  # the SDK sends a write twice before it gives up


def _minutes(world: World, count: int) -> None:
    for _ in range(count):
        world.clock.advance(minutes=1)
        recover(world.desk, DAY)


def _stored(world: World, payment: PaymentView) -> Payment:
    with world.desk.store.reading() as session:
        row = session.get(Payment, payment.payment_id)
    assert row is not None
    return row


def _operations(world: World, kind: str) -> Sequence[Operation]:
    with world.desk.store.reading() as session:
        return session.exec(
            select(Operation).where(Operation.kind == kind).order_by(col(Operation.created_at))
        ).all()


def _operation(world: World, kind: str) -> Operation:
    (found,) = _operations(world, kind)
    return found


def test_all_that_is_open_comes_to_an_end(world: World) -> None:
    """Whatever was asked for when the process died."""
    charged, silent = (world.created(order_reference=f"SO-{n}") for n in range(2))
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=BOTH_TRIES)
    world.pay(charged)
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=BOTH_TRIES)
    world.pay(silent)
    world.sandbox.faults.add("timeout_after", path="/v1/payment_intents", times=BOTH_TRIES)
    orphan = world.created(order_reference="SO-2")
    _minutes(world, 5)
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
    monkeypatch.setattr("cardpay.storage.payments.unfinished.BATCH", 2)
    world.sandbox.faults.add("drop_before", path="*/confirm", times=BOTH_TRIES * 5)
    for number in range(5):
        world.pay(world.created(order_reference=f"SO-{number}"))
    old = [world.created(order_reference=f"SO-old-{number}") for number in range(5)]
    world.clock.advance(minutes=5)
    recover(world.desk, DAY)
    assert not _open(world)
    world.clock.advance(hours=24)
    recover(world.desk, DAY)
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
    _minutes(world, 3)
    words = {payment.payment_id: world.now_is(payment).display for payment in payments}
    assert words.pop(broken.payment_id) is DisplayStatus.CHECKING
    assert set(words.values()) == {DisplayStatus.SUCCEEDED}
    (line,) = {(line["payment_id"], line["error"]) for line in lines(caplog) if "error" in line}
    assert line == (broken.payment_id, "KeyError")


def test_one_process_at_a_time(world: World) -> None:
    """A second recoverer does nothing, and asks Stripe nothing."""
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=BOTH_TRIES)
    world.pay(payment)
    world.sandbox.clear_requests()
    with exclusive(world.desk.store.engine, "recovery", world.desk.now):
        world.clock.advance(minutes=1)
        recover(world.desk, DAY)
    assert world.calls() == []
    _minutes(world, 2)
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED


@pytest.mark.parametrize("card", [None, DECLINED, CHALLENGE])
def test_unpaid_payments_end(world: World, card: str | None) -> None:
    """After a day, as an operation; afterwards the order may be paid anew."""
    payment = world.created()
    if card is not None:
        world.pay(payment, card)
    world.clock.advance(hours=23, minutes=59)
    recover(world.desk, DAY)
    assert world.now_is(payment).display is not DisplayStatus.CANCELLED
    _minutes(world, 2)
    assert world.now_is(payment).display is DisplayStatus.CANCELLED
    assert _stored(world, payment).cancellation_cause == CancellationCause.EXPIRED
    assert _operation(world, "cancel").actor_id == "system"
    assert [made["status"] for made in world.intents()] == ["canceled"]
    assert world.created(order_reference=payment.order_reference).can_pay


def test_a_payment_intent_that_comes_too_late_is_closed(world: World) -> None:
    """The desk has said "Not charged": nobody can pay it any more, and it is cancelled soon."""
    payment = _given_up_create(world)
    assert world.now_is(payment).display is DisplayStatus.NOT_CHARGED
    _arrive(world, payment)
    late = world.now_is(payment)
    assert late.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert not late.can_pay
    with pytest.raises(OrderLetGo):
        world.pay(payment)
    _minutes(world, 1)
    assert world.now_is(payment).display is DisplayStatus.NOT_CHARGED
    assert [made["status"] for made in world.intents()] == ["canceled"]


def test_a_second_payment_intent_of_one_payment_is_closed(world: World) -> None:
    """The order was sent again meanwhile: one is paid, the late one is cancelled."""
    payment = _given_up_create(world)
    again = create_payment(world.desk, AGENT, draft(payment_id=payment.payment_id))
    assert again.can_pay
    _arrive(world, payment)
    _minutes(world, 1)
    assert world.pay(again).payment.display is DisplayStatus.SUCCEEDED
    assert sorted(str(made["status"]) for made in world.intents()) == ["canceled", "succeeded"]


def _given_up_create(world: World) -> PaymentView:
    """Nothing was found at Stripe, however long the recoverer looked."""
    world.sandbox.faults.add("timeout_before", path="/v1/payment_intents", times=BOTH_TRIES)
    payment = world.created()
    _minutes(world, 5)
    return payment


def _arrive(world: World, payment: PaymentView) -> None:
    """The create that was given up is carried out after all, and its event comes."""
    request = _operations(world, "create")[0].request
    made = world.posted(
        "/v1/payment_intents",
        {
            "amount": str(request["amount_minor"]),
            "currency": request["currency"],
            "allowed_payment_method_types[0]": "card",
            "metadata[payment_id]": payment.payment_id,
        },
    )
    intent = world.desk.gateway.retrieve_payment_intent(made["id"])
    with world.desk.store.transaction() as session:
        apply_intent(session, world.desk, SYSTEM, intent, asked_at=None)


def test_a_draft_that_begins_anew_is_not_old(world: World) -> None:
    """Its day begins with the try that made it, and it belongs to whoever made that."""
    payment = _given_up_create(world)
    world.clock.advance(hours=25)
    new = draft(payment_id=payment.payment_id)
    begun_at = world.desk.now()
    other = Actor("lead-1", frozenset({Role.AGENT, Role.SUPERVISOR}), "test")
    again = create_payment(world.desk, other, new)
    assert again.taken_by == other.actor_id
    assert again.created_at > begun_at
    _minutes(world, 2)
    assert world.now_is(payment).can_pay
    world.clock.advance(hours=24)
    _minutes(world, 2)
    assert world.now_is(payment).display is DisplayStatus.CANCELLED


def test_what_is_paid_held_or_made_elsewhere_stays(world: World) -> None:
    """Only the desk's own unpaid payments end."""
    paid = world.created(order_reference="SO-1")
    world.pay(paid)
    held = world.created(order_reference="SO-2", capture_method="manual")
    world.pay(held)
    elsewhere = world.created(order_reference="SO-3")
    with world.desk.store.transaction() as session:
        row = session.get(Payment, elsewhere.payment_id)
        assert row is not None
        row.taken_at_desk = False
    world.clock.advance(hours=25)
    recover(world.desk, DAY)
    assert world.now_is(paid).display is DisplayStatus.SUCCEEDED
    assert world.now_is(held).display is DisplayStatus.AUTHORISED
    assert world.now_is(elsewhere).display is DisplayStatus.AWAITING_CARD


def test_they_may_stay_for_ever(world: World) -> None:
    """The setting is off."""
    payment = world.created()
    world.clock.advance(days=400)
    recover(world.desk, None)
    assert world.now_is(payment).display is DisplayStatus.AWAITING_CARD


def test_one_that_was_paid_meanwhile_is_paid(world: World) -> None:
    """Stripe refuses to cancel it, and says why."""
    payment = world.created()
    taken = world.pay(payment, CHALLENGE)
    world.authenticate(taken, "complete")
    world.clock.advance(hours=25)
    recover(world.desk, DAY)
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED


def test_silence_puts_the_others_off(world: World) -> None:
    """While Stripe does not answer, one cancel waits for it, not hundreds."""
    payments = [world.created(order_reference=f"SO-{number}") for number in range(3)]
    world.clock.advance(hours=25)
    world.sandbox.faults.add("drop_before", times=BOTH_TRIES)
    recover(world.desk, DAY)
    words = [world.now_is(payment).display for payment in payments]
    assert words.count(DisplayStatus.CHECKING) == 1
    _minutes(world, 2)
    assert {world.now_is(payment).display for payment in payments} == {DisplayStatus.CANCELLED}


def test_a_cancel_that_always_fails_is_shown_to_a_person(world: World) -> None:
    """Stripe answers 500 for an hour: a few cancels, the last one a person's to see."""
    payment = world.created()
    world.sandbox.faults.add("error_500", path="*/cancel", times=1000)
    cancel_payment(world.desk, AGENT, payment.payment_id)
    _minutes(world, 9)
    assert [row.needs_person for row in _operations(world, "cancel")] == [False, False]
    _minutes(world, 2)
    assert [row.needs_person for row in _open(world)] == [True]
    for _ in range(49):
        _minutes(world, 1)
        assert [row.needs_person for row in _open(world)] == [True]
    assert len(_operations(world, "cancel")) == 7
    world.sandbox.faults.clear()
    _minutes(world, 11)
    assert world.now_is(payment).display is DisplayStatus.CANCELLED
    assert not any(row.needs_person for row in _operations(world, "cancel"))


def test_what_stays_unknown_is_shown_to_a_person(world: World) -> None:
    """Stripe failed, and does not say for ten minutes how it ended."""
    payment = world.created()
    world.sandbox.faults.add("error_500", path="*/confirm", executed=True)
    world.pay(payment)
    world.sandbox.faults.add("drop_before", method="GET", times=1000)
    _minutes(world, 9)
    assert not _operation(world, "confirm").needs_person
    _minutes(world, 2)
    assert _operation(world, "confirm").needs_person
    world.sandbox.faults.clear()
    _minutes(world, 1)
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED
    assert not _operation(world, "confirm").needs_person


def test_unpaid_payments_of_others_are_not_looked_through(world: World) -> None:
    """An account may have hundreds of thousands, and the recoverer looks each minute."""
    with plans(world.desk.store) as steps:
        list(unfinished.unpaid(world.desk.store, world.clock.now()))
    assert "ix_payment_at_the_desk" in str(steps)
