"""What limits ask of Stripe: nothing on the happy path, and nothing about what has begun."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.stripe_facts.snapshots import PaymentMethodSnapshot
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.recovery import recover_payment
from cardpay.services.taking.card_identity import CardNotIdentified, PaymentChanged
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.idempotent_submission import SubmissionRefused
from cardpay.storage.schema.tables import AuditEntry, Payment
from tests.support.desks.limit_refusals import an_order, entries, sent
from tests.support.desks.worlds import AGENT, DECLINED, World, draft

pytestmark = pytest.mark.one_database

COLLEAGUE = replace(AGENT, actor_id="agent-2")
LOST = "4000000000009987"
Limited = Callable[..., World]


def test_the_happy_path_asks_stripe_twice(world_with_limits: Limited) -> None:
    """With every limit on: create and confirm, also for the next payment after a success."""
    world = world_with_limits(
        payments_per_hour=9,
        payments_per_person_per_hour=9,
        declines_per_person=9,
        declines_per_card=9,
    )
    for _ in range(2):
        world.sandbox.clear_requests()
        paid = world.pay(an_order(world)).payment
        assert sent(world) == [
            ("POST", "/v1/payment_intents"),
            ("POST", f"/v1/payment_intents/{paid.payment_intent_id}/confirm"),
        ]


@pytest.mark.parametrize("whose", ["the person's", "the payment's"])
def test_a_card_is_looked_at_first_after_a_decline(world_with_limits: Limited, whose: str) -> None:
    """One read before the confirm, for as long as the decline is recent."""
    world = world_with_limits(declines_per_card=9)
    payment = an_order(world)
    world.pay(payment, DECLINED)
    actor = AGENT if whose == "the person's" else COLLEAGUE
    payment = an_order(world, actor) if whose == "the person's" else payment
    card = world.card(LOST)
    look = ("GET", f"/v1/payment_methods/{card}")
    world.sandbox.clear_requests()
    confirm_payment(world.desk, actor, payment.payment_id, card, str(uuid4()))
    assert [call[0] for call in sent(world)] == ["GET", "POST"]
    assert sent(world)[0] == look
    world.clock.advance(minutes=31)
    world.sandbox.clear_requests()
    world.pay(payment, actor=actor)
    assert [call[0] for call in sent(world)] == ["POST"]


def test_a_card_that_cannot_be_looked_at_is_not_tried(world_with_limits: Limited) -> None:
    """Stripe's silence does not open the door; the payment waits for the next try."""
    world = world_with_limits(declines_per_card=2)
    payment = an_order(world)
    world.pay(payment, DECLINED)
    world.sandbox.faults.add("timeout_before", method="GET", path="/v1/payment_methods/*")
    with pytest.raises(CardNotIdentified, match="No money has moved"):
        world.pay(payment)
    assert world.now_is(payment).can_pay
    assert world.pay(payment).payment.display is DisplayStatus.SUCCEEDED


def test_what_has_begun_is_never_refused(world_with_limits: Limited) -> None:
    """Neither the same press again, nor the recovery of one without an answer."""
    world = world_with_limits(
        payments_per_person_per_hour=1, declines_per_person=1, declines_per_card=1
    )
    order = draft()
    create_payment(world.desk, AGENT, order)
    card, press = world.card(), str(uuid4())
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=2)
    confirm_payment(world.desk, AGENT, order.payment_id, card, press)
    again = confirm_payment(world.desk, AGENT, order.payment_id, card, press)
    assert again.payment.display is DisplayStatus.CHECKING
    world.clock.advance(seconds=31)
    paid = recover_payment.recover_payment(world.desk, order.payment_id, page_is_watched=True)
    assert paid.display is DisplayStatus.SUCCEEDED
    assert create_payment(world.desk, AGENT, order).display is DisplayStatus.SUCCEEDED
    again = confirm_payment(world.desk, AGENT, order.payment_id, card, press)
    assert [attempt.outcome for attempt in again.payment.attempts] == [AttemptOutcome.SUCCEEDED]
    assert entries(world) == []


def test_the_same_press_again_asks_nothing(world_with_limits: Limited) -> None:
    """A decline that is sent once more is known, and its card is not looked at for it."""
    world = world_with_limits(declines_per_person=1, declines_per_card=1)
    payment = an_order(world)
    card, press = world.card(DECLINED), str(uuid4())
    confirm_payment(world.desk, AGENT, payment.payment_id, card, press)
    world.sandbox.clear_requests()
    again = confirm_payment(world.desk, AGENT, payment.payment_id, card, press)
    assert again.payment.display is DisplayStatus.DECLINED
    assert sent(world) == []
    assert entries(world) == []


class Interrupted(StripeGateway):
    """Stripe takes its time to say which card it is, and something happens meanwhile."""

    def __init__(self, world: World, meanwhile: Callable[[], object]) -> None:
        super().__init__(world.sandbox.secret_key, send=world.sandbox.handle)
        self._meanwhile = meanwhile

    def retrieve_payment_method(self, payment_method_id: str) -> PaymentMethodSnapshot:
        """What the gateway says, later."""
        self._meanwhile()
        return super().retrieve_payment_method(payment_method_id)


def test_a_card_is_not_tried_after_another_one_meanwhile(world_with_limits: Limited) -> None:
    """The screen was reloaded and has said "Declined" of the other: no charge begins after it."""
    world = world_with_limits(declines_per_card=9)
    payment = an_order(world)
    world.pay(payment, DECLINED)
    meanwhile = Interrupted(world, lambda: world.pay(payment, LOST))
    slow = replace(world.desk, gateway=meanwhile)
    with pytest.raises(PaymentChanged, match="No money has moved"):
        confirm_payment(slow, AGENT, payment.payment_id, world.card(), str(uuid4()))
    assert world.now_is(payment).display is DisplayStatus.DECLINED
    assert world.pay(payment).payment.display is DisplayStatus.SUCCEEDED


def test_news_of_the_last_card_meanwhile_does_no_harm(world_with_limits: Limited) -> None:
    """Stripe's events about the decline may come just then: nothing else was tried."""
    world = world_with_limits(declines_per_card=9)
    payment = an_order(world)
    world.pay(payment, DECLINED)

    def news() -> None:
        with world.desk.store.transaction() as session:
            row = session.get(Payment, payment.payment_id)
            assert row is not None
            row.updated_at = world.clock.now()
            session.add(row)

    slow = replace(world.desk, gateway=Interrupted(world, news))
    taken = confirm_payment(slow, AGENT, payment.payment_id, world.card(), str(uuid4()))
    assert taken.payment.display is DisplayStatus.SUCCEEDED


def test_the_other_click_of_a_press_may_have_been_answered(world_with_limits: Limited) -> None:
    """Stripe does not answer this click, but the other tried the card: both say how it went."""
    world = world_with_limits(declines_per_card=9)
    payment = an_order(world)
    world.pay(payment, DECLINED)
    press = (AGENT, payment.payment_id, world.card(), str(uuid4()))

    def other_click() -> None:
        confirm_payment(world.desk, *press)
        world.sandbox.faults.add("timeout_before", method="GET", path="/v1/payment_methods/*")

    slow = replace(world.desk, gateway=Interrupted(world, other_click))
    assert confirm_payment(slow, *press).payment.display is DisplayStatus.SUCCEEDED


def test_a_card_that_stripe_does_not_know_is_a_forged_press(world_with_limits: Limited) -> None:
    """Nothing is tried, and the audit log tells of it."""
    world = world_with_limits(declines_per_card=9)
    payment = an_order(world)
    world.pay(payment, DECLINED)
    with pytest.raises(SubmissionRefused):
        confirm_payment(world.desk, AGENT, payment.payment_id, "pm_unknown", str(uuid4()))
    with world.desk.store.reading() as session:
        acts = session.exec(select(AuditEntry.act)).all()
    assert "payment.attempt.refused" in acts
    assert world.now_is(payment).can_pay
