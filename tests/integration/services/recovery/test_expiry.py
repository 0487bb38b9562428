"""Expiry: which unpaid payments are cancelled, and when."""

import pytest

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.errors import PaymentClosed
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.stripe_facts.apply_facts import apply_fact
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.payments import unpaid_payments
from cardpay.storage.schema.tables import Payment
from tests.integration.services.recovery.recovery_runs import (
    BOTH_TRIES,
    DAY,
    operation,
    operations,
    recover_each_minute,
)
from tests.support.databases.query_plans import plans
from tests.support.desks.worlds import AGENT, CHALLENGE, DECLINED, World, draft

pytestmark = pytest.mark.one_database


def _stored(world: World, payment: PaymentView) -> Payment:
    with world.desk.store.reading() as session:
        row = session.get(Payment, payment.payment_id)
    assert row is not None
    return row


@pytest.mark.parametrize("card", [None, DECLINED, CHALLENGE])
def test_unpaid_payments_end(world: World, card: str | None) -> None:
    """After a day, as an operation; afterwards the order may be paid anew."""
    payment = world.created()
    if card is not None:
        world.pay(payment, card)
    world.clock.advance(hours=23, minutes=59)
    recover_all(world.desk, DAY)
    assert world.now_is(payment).display is not DisplayStatus.CANCELLED
    recover_each_minute(world, 2)
    assert world.now_is(payment).display is DisplayStatus.CANCELLED
    assert _stored(world, payment).cancellation_cause == CancellationCause.EXPIRED
    assert operation(world, "cancel").actor_id == "system"
    assert [made["status"] for made in world.intents()] == ["canceled"]
    assert world.created(order_reference=payment.order_reference).can_pay


def test_a_payment_intent_that_comes_too_late_is_closed(world: World) -> None:
    """The desk has said "Not charged": nobody can pay it any more, and it is cancelled soon."""
    payment = _abandoned_create(world)
    assert world.now_is(payment).display is DisplayStatus.NOT_CHARGED
    _arrive(world)
    late = world.now_is(payment)
    assert late.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert not late.can_pay
    with pytest.raises(PaymentClosed):
        world.pay(payment)
    recover_each_minute(world, 1)
    assert world.now_is(payment).display is DisplayStatus.NOT_CHARGED
    assert [made["status"] for made in world.intents()] == ["canceled"]


def test_a_second_payment_intent_of_one_payment_is_closed(world: World) -> None:
    """The order was sent again meanwhile: one is paid, the late one is cancelled."""
    payment = _abandoned_create(world)
    again = create_payment(world.desk, AGENT, draft(payment_id=payment.payment_id))
    assert again.can_pay
    _arrive(world)
    recover_each_minute(world, 1)
    assert world.pay(again).payment.display is DisplayStatus.SUCCEEDED
    assert sorted(str(made["status"]) for made in world.intents()) == ["canceled", "succeeded"]


def _abandoned_create(world: World) -> PaymentView:
    """Nothing was found at Stripe, however long the recovery task looked."""
    world.sandbox.faults.add("timeout_before", path="/v1/payment_intents", times=BOTH_TRIES)
    payment = world.created()
    recover_each_minute(world, 5)
    return payment


def _arrive(world: World) -> None:
    """The create that was given up is carried out after all, and is retrieved for its event."""
    request = operations(world, "create")[0].request
    made = world.posted(
        "/v1/payment_intents",
        {
            "amount": str(request["amount_minor"]),
            "currency": request["currency"],
            "allowed_payment_method_types[0]": "card",
            **{f"metadata[{name}]": text for name, text in request["metadata"].items()},
        },
    )
    intent = world.desk.gateway.retrieve_payment_intent(made["id"])
    with world.desk.store.transaction() as session:
        apply_fact(session, world.desk, SYSTEM, intent, asked_at=world.desk.now())


def test_a_draft_that_begins_anew_is_not_old(world: World) -> None:
    """Its day begins with the try that made it, and it belongs to whoever made that."""
    payment = _abandoned_create(world)
    world.clock.advance(hours=25)
    new = draft(payment_id=payment.payment_id)
    begun_at = world.desk.now()
    other = Actor("lead-1", frozenset({Role.AGENT, Role.SUPERVISOR}), "test")
    again = create_payment(world.desk, other, new)
    assert again.taken_by == other.actor_id
    assert again.created_at > begun_at
    recover_each_minute(world, 2)
    assert world.now_is(payment).can_pay
    world.clock.advance(hours=24)
    recover_each_minute(world, 2)
    assert world.now_is(payment).display is DisplayStatus.CANCELLED


def test_what_is_paid_held_or_made_elsewhere_stays(world: World) -> None:
    """Only the desk's own unpaid payments end."""
    paid = world.created(order_reference="SO-1")
    world.pay(paid)
    held = world.created(order_reference="SO-2", hold=True)
    world.pay(held)
    elsewhere = world.created(order_reference="SO-3")
    with world.desk.store.transaction() as session:
        row = session.get(Payment, elsewhere.payment_id)
        assert row is not None
        row.taken_at_desk = False
    world.clock.advance(hours=25)
    recover_all(world.desk, DAY)
    assert world.now_is(paid).display is DisplayStatus.SUCCEEDED
    assert world.now_is(held).display is DisplayStatus.AUTHORISED
    assert world.now_is(elsewhere).display is DisplayStatus.AWAITING_CARD


def test_they_may_stay_for_ever(world: World) -> None:
    """The setting is off."""
    payment = world.created()
    world.clock.advance(days=400)
    recover_all(world.desk, None)
    assert world.now_is(payment).display is DisplayStatus.AWAITING_CARD


def test_one_that_was_paid_meanwhile_is_paid(world: World) -> None:
    """Stripe refuses to cancel it, and says why."""
    payment = world.created()
    taken = world.pay(payment, CHALLENGE)
    world.authenticate(taken, "complete")
    world.clock.advance(hours=25)
    recover_all(world.desk, DAY)
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED


def test_silence_puts_the_others_off(world: World) -> None:
    """While Stripe does not answer, one cancel waits for it, not hundreds."""
    payments = [world.created(order_reference=f"SO-{number}") for number in range(3)]
    world.clock.advance(hours=25)
    world.sandbox.faults.add("drop_before", times=BOTH_TRIES)
    recover_all(world.desk, DAY)
    words = [world.now_is(payment).display for payment in payments]
    assert words.count(DisplayStatus.CHECKING) == 1
    recover_each_minute(world, 2)
    assert {world.now_is(payment).display for payment in payments} == {DisplayStatus.CANCELLED}


def test_unpaid_payments_of_others_are_not_looked_through(world: World) -> None:
    """An account may have hundreds of thousands, and the recovery task looks each minute."""
    with plans(world.desk.store) as steps:
        list(unpaid_payments.unpaid(world.desk.store, world.clock.now()))
    assert "ix_payment_at_the_desk" in str(steps)
