"""A payment link on Take payment: sent for a typed order, or when a card was refused."""

import re
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.taking.payment_links.check_link import check_link
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, DECLINED, World
from tests.support.screens.pressed_form import PressedForm
from tests.support.screens.shown_link import shown_links

SEND, CANCEL, CARD, AGAIN, NEW, OPEN = (
    "Send payment link",
    "Cancel link",
    "Take a card instead",
    "Take this order again",
    "New payment",
    "Open payment",
)


@pytest.fixture
def screen(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page as an agent sees it."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: AGENT)
    return page_of("take_payment.py")


def _drawn(screen: AppTest, payment_id: str | None = None) -> set[str]:
    if payment_id is not None:
        screen.query_params["payment"] = payment_id
    screen.run()
    assert not screen.exception
    return {button.label for button in screen.button}


def _press(screen: AppTest, label: str) -> set[str]:
    next(button for button in screen.button if button.label == label).click().run()
    assert not screen.exception
    return {button.label for button in screen.button}


def _state(screen: AppTest) -> str:
    """What a screen reader announces of a link."""
    told = [one.proto.body for one in screen.get("html") if 'role="status"' in one.proto.body]
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", "", "".join(told))).strip())


def _type_order(screen: AppTest) -> None:
    screen.run()
    screen.selectbox[0].set_value("consultation").run()
    for label, text in (("Customer name", "Customer One"), ("Order reference", "SO-9")):
        next(one for one in screen.text_input if one.label == label).set_value(text).run()


def test_a_link_for_a_typed_order(world: World, screen: AppTest) -> None:
    """No card was read out; one press, and the link stands in the panel."""
    _type_order(screen)
    labels = _press(screen, SEND)
    (session,) = world.links()
    assert session["amount_total"] == 12_000
    assert session["metadata"]["order_reference"] == "SO-9"
    assert [one["url"] for one in shown_links(screen)] == [session["url"]]
    assert _state(screen).startswith("Awaiting customer … link open until ")
    assert _state(screen).endswith("(UTC)")
    assert any("Say</strong> “You can pay with the link" in one.proto.body
               for one in screen.get("html"))  # fmt: skip
    assert {CANCEL, CARD, NEW, OPEN} <= labels
    assert SEND not in labels


def test_no_link_for_another_total_than_the_screen_showed(world: World, screen: AppTest) -> None:
    """What is typed last comes with the press, as it does with Pay."""
    _type_order(screen)
    next(one for one in screen.number_input if one.label == "Quantity").set_value(3)
    _press(screen, SEND)
    told = screen.error[0].value.replace("\\", "")
    assert "The total is now £360.00. Check it, then press Send payment link again." in told
    assert world.links() == []
    _press(screen, SEND)
    assert [one["amount_total"] for one in world.links()] == [36_000]


def test_a_link_for_an_order_that_made_nothing_at_stripe(world: World, screen: AppTest) -> None:
    """Its payment has no PaymentIntent; the link is another payment of the same order."""
    world.sandbox.faults.add("timeout_before", path="/v1/payment_intents", times=2)
    tried = world.created(order_reference="SO-9")
    world.clock.advance(minutes=15)
    recover_all(world.desk, None)
    assert world.now_is(tried).can_be_created_again
    assert SEND in _drawn(screen, tried.payment_id)
    _press(screen, SEND)
    (session,) = world.links()
    assert session["metadata"]["order_reference"] == "SO-9"
    assert _state(screen).startswith("Awaiting customer … link open until ")


def test_the_next_caller_need_not_wait_for_the_link(world: World, screen: AppTest) -> None:
    """Another order at once, and the link stays as it was."""
    payment = world.sent_link().payment
    _drawn(screen, payment.payment_id)
    _press(screen, NEW)
    assert {one.value for one in screen.text_input} == {""}
    assert [link["status"] for link in world.links()] == ["open"]


def test_what_is_wrong_is_said_at_its_field(world: World, screen: AppTest) -> None:
    """Nothing is sent."""
    screen.run()
    _press(screen, SEND)
    told = [one.proto.body for one in screen.get("html") if "cardpay-wrong" in one.proto.body]
    assert any("Enter the customer" in one for one in told)
    assert world.links() == []


def test_a_link_after_a_refused_card(world: World, screen: AppTest) -> None:
    """The payment that waits for a card is given up first."""
    payment = world.pay(world.created(), DECLINED).payment
    assert SEND in _drawn(screen, payment.payment_id)
    _press(screen, SEND)
    assert world.now_is(payment).display is DisplayStatus.CANCELLED
    assert _state(screen).startswith("Awaiting customer … link open until ")


def test_a_card_after_all(world: World, screen: AppTest, form: PressedForm) -> None:
    """The link is closed, and the order is in the fields again: the card is typed next."""
    payment = world.sent_link().payment
    _drawn(screen, payment.payment_id)
    labels = _press(screen, CARD)
    assert world.links()[0]["status"] == "expired"
    assert SEND in labels
    names = {one.label: one.value for one in screen.text_input}
    assert names["Order reference"] == "SO-1"
    assert screen.query_params["payment"] != payment.payment_id
    assert form.told is not None
    assert form.told.begins_at_card
    _press(screen, SEND)
    _press(screen, CANCEL)
    _press(screen, "Cancel link")
    _press(screen, AGAIN)
    assert form.told.begins_at_card


def test_a_card_after_a_link_that_expired_meanwhile(world: World, screen: AppTest) -> None:
    """Stripe closed it before the desk could: the order is free all the same."""
    payment = world.sent_link().payment
    _drawn(screen, payment.payment_id)
    world.clock.advance(hours=24)
    world.sandbox.run_due()
    _press(screen, CARD)
    assert not screen.error
    names = {one.label: one.value for one in screen.text_input}
    assert names["Order reference"] == "SO-1"
    assert screen.query_params["payment"] != payment.payment_id


def test_a_link_that_was_paid_meanwhile(world: World, screen: AppTest) -> None:
    """No card is taken: it shows as paid."""
    made = world.sent_link()
    assert made.url is not None
    _drawn(screen, made.payment.payment_id)
    world.customer_pays(made.url)
    labels = _press(screen, CARD)
    assert _state(screen) == "Succeeded ✓ paid by link"
    assert "The customer paid on Stripe's page." in [one.value for one in screen.markdown]
    assert "New payment" in labels
    assert not {SEND, CARD, CANCEL} & labels


def test_a_link_that_expired_can_be_taken_again(world: World, screen: AppTest) -> None:
    """With the order as it was."""
    payment = world.sent_link().payment
    world.clock.advance(hours=24)
    world.sandbox.run_due()
    check_link(world.desk, SYSTEM, payment.payment_id)
    assert AGAIN in _drawn(screen, payment.payment_id)
    assert "the link has expired" in _state(screen)
    _press(screen, AGAIN)
    names = {one.label: one.value for one in screen.text_input}
    assert names["Order reference"] == "SO-1"


def test_a_link_says_what_it_is_at(world: World, screen: AppTest) -> None:
    """Before Stripe has it, while it is open, and once it is closed."""
    world.sandbox.faults.add("timeout_before", path="/v1/checkout/sessions", times=2)
    _type_order(screen)
    _press(screen, SEND)
    assert "Not sent yet: Stripe hasn't made the link. No card is taken here." in _said(screen)
    assert "not sent yet" in _state(screen)
    payment = world.sent_link(order_reference="SO-10").payment
    _drawn(screen, payment.payment_id)
    assert "The customer pays on Stripe's page. No card is taken here." in _said(screen)
    _press(screen, CANCEL)
    _press(screen, CANCEL)
    closed = "The link is closed: nobody can pay by it any more. Nothing was charged."
    assert closed in _said(screen)


def _said(screen: AppTest) -> list[str]:
    return [one.value for one in screen.markdown]


def test_no_link_where_customers_have_no_page_to_return_to(
    page_of: Drawing, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then none is offered."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: AGENT)
    object.__setattr__(world.desk, "link_return_url", None)
    assert SEND not in _drawn(page_of("take_payment.py"))
