"""A payment link on a payment's screen: sent, shown with its state, cancelled."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.taking.payment_links.check_link import check_link
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, ANALYST, World
from tests.support.screens.payment_action_screens import opened, press, told
from tests.support.screens.shown_link import shown_links

SEND, MAIL, CANCEL = "Send payment link", "Email link", "Cancel link"


ScreenOf = Callable[[Actor], AppTest]


@pytest.fixture
def screen_of(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> ScreenOf:
    """The payment's page for somebody."""

    def draw(actor: Actor) -> AppTest:
        monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
        return page_of("payment.py")

    return draw


def _state(screen: AppTest) -> str:
    """What a screen reader announces."""
    (found,) = [one for one in screen.get("html") if 'role="status"' in one.proto.body]
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", "", found.proto.body)).strip())


def _labels(screen: AppTest) -> set[str]:
    return {button.label for button in screen.button}


def test_a_link_is_sent_instead_of_a_card(world: World, screen_of: ScreenOf) -> None:
    """One press: the payment that waited is given up; the link can be copied and mailed."""
    waits = world.created()
    screen = press(opened(screen_of(AGENT), waits.payment_id), SEND)
    assert world.now_is(waits).display is DisplayStatus.CANCELLED
    (session,) = world.links()
    assert screen.query_params["payment"] == session["client_reference_id"]
    assert [one["url"] for one in shown_links(screen)] == [session["url"]]
    assert "Awaiting customer … link open until " in _state(screen)
    (mail,) = [one for one in screen.get("link_button") if one.proto.label == MAIL]
    assert mail.proto.url.startswith("mailto:customer.one@example.com?subject=Payment%20for")
    assert CANCEL in _labels(screen)


def test_a_link_is_cancelled(world: World, screen_of: ScreenOf) -> None:
    """It shows so, and its address is gone."""
    payment = world.sent_link().payment
    screen = press(opened(screen_of(AGENT), payment.payment_id), CANCEL)
    assert world.links()[0]["status"] == "open"
    screen = press(screen, CANCEL)
    assert world.links()[0]["status"] == "expired"
    assert not shown_links(screen)
    assert _state(screen).startswith("Cancelled ")


def test_a_paid_link_shows_so(world: World, screen_of: ScreenOf) -> None:
    """With nothing left to send or to cancel."""
    made = world.sent_link()
    assert made.url is not None
    world.customer_pays(made.url)
    check_link(world.desk, SYSTEM, made.payment.payment_id)
    screen = opened(screen_of(AGENT), made.payment.payment_id)
    assert _state(screen) == "Succeeded ✓ paid by link"
    assert not shown_links(screen)
    assert not {SEND, CANCEL} & _labels(screen)


def test_who_may_not_send_sees_no_address(world: World, screen_of: ScreenOf) -> None:
    """An analyst reads that it is open, and no more."""
    payment = world.sent_link().payment
    screen = opened(screen_of(ANALYST), payment.payment_id)
    assert "Awaiting customer … link open until " in _state(screen)
    assert not shown_links(screen)
    assert CANCEL not in _labels(screen)


def test_a_link_that_cannot_be_asked_for_says_why(world: World, screen_of: ScreenOf) -> None:
    """Stripe is down; the rest of the screen stays."""
    payment = world.sent_link().payment
    world.sandbox.faults.add("error_500", method="GET", times=3)
    screen = opened(screen_of(AGENT), payment.payment_id)
    assert "We can't reach Stripe" in told(screen)
