"""A link for a caller: made, paid, closed, expired; and the order is paid once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import inspect, text

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.errors import (
    CardpayError,
    InvalidInput,
    OrderReferenceTaken,
    PaymentBusy,
    PriceChanged,
)
from cardpay.domain.payment.display_status import DisplayStatus, WrongState
from cardpay.domain.payment.limit_rules import LimitReached
from cardpay.domain.payment_link.link_rules import LinkClosed, LinksOff
from cardpay.domain.stripe_facts.events import Subject
from cardpay.gateway.errors import StripeUnavailable
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_links.check_link import check_link
from cardpay.services.taking.payment_links.create_link import send_payment_link
from cardpay.services.taking.payment_links.expire_link import cancel_link
from cardpay.services.taking.payment_links.link_address import check_watched_link, link_address
from cardpay.services.taking.payment_links.replace_by_link import replace_by_link
from cardpay.services.taking.payment_view import PaymentView
from cardpay.services.webhooks.apply_event import retrieve_and_apply
from cardpay.storage.schema.tables import Product
from tests.support.desks.worlds import AGENT, DECLINED, World, draft

pytestmark = pytest.mark.one_database


def _sent(world: World, **fields: object) -> tuple[PaymentView, str]:
    made = world.sent_link(**fields)
    assert made.url is not None
    return made.payment, made.url


def _checked(world: World, payment: PaymentView) -> PaymentView:
    check_link(world.desk, SYSTEM, payment.payment_id)
    return world.now_is(payment)


def test_a_link_is_for_exactly_its_order(world: World) -> None:
    """Amount, reference and id are Stripe's too, on the Session and on what it makes."""
    payment, url = _sent(world, quantity=2, order_reference="SO-7")
    assert payment.display is DisplayStatus.AWAITING_CUSTOMER
    (session,) = world.links()
    assert (session["amount_total"], session["currency"]) == (24_000, "gbp")
    assert session["client_reference_id"] == payment.payment_id
    assert session["adaptive_pricing"] == {"enabled": False}
    world.customer_pays(url)
    (intent,) = world.intents()
    assert intent["metadata"] == session["metadata"]
    assert intent["metadata"]["payment_id"] == payment.payment_id
    assert intent["metadata"]["order_reference"] == "SO-7"


def test_paid_by_link(world: World) -> None:
    """The Session's PaymentIntent is the payment's, with its charge."""
    payment, url = _sent(world)
    assert world.customer_pays(url).status == 303
    paid = _checked(world, payment)
    assert paid.display is DisplayStatus.SUCCEEDED
    assert paid.payment_intent_id == world.intents()[0]["id"]
    assert paid.received == paid.total
    assert paid.card_last4 == "4242"


def test_a_decline_on_the_page_leaves_the_link_open(world: World) -> None:
    """The customer may try another card; nobody at the desk may."""
    payment, url = _sent(world)
    world.customer_pays(url, DECLINED)
    waiting = _checked(world, payment)
    assert waiting.display is DisplayStatus.AWAITING_CUSTOMER
    assert not waiting.can_pay
    with pytest.raises(WrongState):
        confirm_payment(world.desk, AGENT, payment.payment_id, world.card(), str(uuid4()))
    world.customer_pays(url)
    assert _checked(world, payment).display is DisplayStatus.SUCCEEDED


def test_an_open_link_reserves_its_order(world: World) -> None:
    """As an open payment does: no card and no second link."""
    payment, _ = _sent(world)
    with pytest.raises(OrderReferenceTaken) as refused:
        world.created()
    assert refused.value.payment_id == payment.payment_id
    with pytest.raises(OrderReferenceTaken):
        world.sent_link()
    assert len(world.links()) == 1
    assert world.intents() == []


def test_a_card_at_the_desk_after_the_link_is_closed(world: World) -> None:
    """Closed first, seen expired; then the order is free."""
    payment, url = _sent(world)
    closed = cancel_payment(world.desk, AGENT, payment.payment_id)
    assert closed.display is DisplayStatus.CANCELLED
    assert world.links()[0]["status"] == "expired"
    assert world.customer_pays(url).status == 410
    taken = world.pay(world.created()).payment
    assert taken.display is DisplayStatus.SUCCEEDED
    assert len(world.successful_charges()) == 1


def test_a_link_that_was_paid_cannot_be_closed(world: World) -> None:
    """The customer was first: it is shown as paid, and no card is taken."""
    payment, url = _sent(world)
    world.customer_pays(url)
    seen = cancel_link(world.desk, AGENT, payment.payment_id)
    assert seen.display is DisplayStatus.SUCCEEDED
    with pytest.raises(OrderReferenceTaken):
        world.created()


def test_a_link_instead_of_a_card(world: World) -> None:
    """The desk's own PaymentIntent is cancelled before the link is made."""
    waits = world.created()
    made = send_payment_link(world.desk, AGENT, draft(), instead_of=waits.payment_id)
    assert world.now_is(waits).display is DisplayStatus.CANCELLED
    assert made.payment.display is DisplayStatus.AWAITING_CUSTOMER
    assert [one["status"] for one in world.intents()] == ["canceled"]


def test_no_link_while_the_card_may_still_be_charged(world: World) -> None:
    """A cancel without an answer, or a paid payment: no link is made."""
    waits = world.created()
    world.sandbox.faults.add("timeout_before", path="*/cancel", times=2)
    with pytest.raises(PaymentBusy):
        send_payment_link(world.desk, AGENT, draft(), instead_of=waits.payment_id)
    paid = world.pay(world.created(order_reference="SO-2")).payment
    again = draft(order_reference="SO-2")
    with pytest.raises(WrongState):
        send_payment_link(world.desk, AGENT, again, instead_of=paid.payment_id)
    assert world.links() == []


@pytest.mark.parametrize("why", ["price", "withdrawn", "limit", "order"])
def test_a_payment_is_given_up_only_for_a_link_that_may_be_made(
    world_with_limits: Callable[..., World], why: str
) -> None:
    """Whatever stands against the link, the payment still takes a card."""
    world = world_with_limits(payments_per_person_per_hour=1 if why == "limit" else 10)
    waits = world.created(order_reference="SO-1")
    refusal: type[CardpayError] = InvalidInput
    if why == "limit":
        world.pay(world.created(order_reference="SO-2"))
        refusal = LimitReached
    with world.desk.store.transaction() as session:
        product = session.get_one(Product, "consultation")
        if why == "price":
            product.unit_amount_minor += 100
            refusal = PriceChanged
        elif why == "withdrawn":
            product.active = False
        session.add(product)
    if why == "order":
        intent_id = world.elsewhere(metadata={"order_reference": "SO-1"})
        retrieve_and_apply(world.desk, Subject.PAYMENT_INTENT, intent_id)
        refusal = OrderReferenceTaken
    with pytest.raises(refusal):
        replace_by_link(world.desk, AGENT, waits.payment_id, str(uuid4()))
    assert world.now_is(waits).can_pay
    assert world.links() == []


def test_a_link_that_nobody_pays_expires(world: World) -> None:
    """It shows so without an event, and the order can be taken again."""
    payment, _ = _sent(world)
    world.clock.advance(hours=24)
    world.sandbox.run_due()
    recover_all(world.desk, None)
    expired = world.now_is(payment)
    assert expired.display is DisplayStatus.NOT_CHARGED
    assert not expired.can_be_created_again
    assert world.pay(world.created()).payment.display is DisplayStatus.SUCCEEDED


def test_a_link_lasts_as_long_as_the_setting_says(world: World) -> None:
    """Within what Stripe allows."""
    desk = replace(world.desk, link_lifetime=timedelta(hours=3))
    made = send_payment_link(desk, AGENT, draft())
    (session,) = world.links()
    assert session["expires_at"] - session["created"] in range(3 * 3600 - 2, 3 * 3600 + 1)
    assert made.payment.link is not None
    assert made.payment.link.expires_at.timestamp() == session["expires_at"]


def test_the_same_draft_is_one_link(world: World) -> None:
    """A double press, or another tab."""
    order = draft()
    first = send_payment_link(world.desk, AGENT, order)
    second = send_payment_link(world.desk, AGENT, order)
    assert second.payment == first.payment
    assert len(world.links()) == 1
    taken = create_payment(world.desk, AGENT, order)
    assert taken.payment_id == first.payment.payment_id
    assert world.intents() == []


def test_the_address_is_asked_of_stripe_and_stored_nowhere(world: World) -> None:
    """Whoever has it may pay."""
    payment, url = _sent(world)
    assert link_address(world.desk, AGENT, payment.payment_id) == url
    assert url not in repr(world.sent_link(order_reference="SO-2"))
    with world.desk.store.reading() as session:
        connection = session.connection()
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            assert "/checkout/" not in str(rows), table
    cancel_link(world.desk, AGENT, payment.payment_id)
    with pytest.raises(LinkClosed):
        link_address(world.desk, AGENT, payment.payment_id)


def test_without_an_answer_there_is_no_address(world: World) -> None:
    """Stripe is down: that is said, and nothing is closed."""
    payment, _ = _sent(world)
    world.sandbox.faults.add("error_500", method="GET", times=3)
    with pytest.raises(StripeUnavailable):
        link_address(world.desk, AGENT, payment.payment_id)
    assert world.now_is(payment).display is DisplayStatus.AWAITING_CUSTOMER


def test_a_watched_link_is_asked_about_gently(world: World) -> None:
    """A few times a minute, whatever the page does."""
    payment, url = _sent(world)
    world.sandbox.clear_requests()
    for _ in range(5):
        check_watched_link(world.desk, payment.payment_id)
    assert world.calls() == []
    world.customer_pays(url)
    world.clock.advance(seconds=16)
    check_watched_link(world.desk, payment.payment_id)
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED


def test_no_link_without_a_page_to_return_to(world: World) -> None:
    """Stripe needs one."""
    with pytest.raises(LinksOff):
        send_payment_link(replace(world.desk, link_return_url=None), AGENT, draft())


def test_links_count_as_payments(world_with_limits: Callable[..., World]) -> None:
    """Whoever misuses the desk is not to send links instead."""
    world = world_with_limits(payments_per_person_per_hour=2)
    world.sent_link(order_reference="SO-1")
    world.pay(world.created(order_reference="SO-2"))
    with pytest.raises(LimitReached):
        world.sent_link(order_reference="SO-3")
    with pytest.raises(LimitReached):
        world.created(order_reference="SO-4")
