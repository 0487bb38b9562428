"""Refund and cancel in a browser: one press is one refund, and the screen tells how it ended."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_accessibility import broken_rules, tab_to
from tests.support.processes.servers import Server, StripeServer
from tests.support.screens.take_payment_screen import TakePayment


def paid(page: Page, server: Server) -> str:
    """A payment of £120 taken on the screen, then open in Payments; its order reference."""
    screen = TakePayment(page, server.url).open()
    reference = screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded")
    page.goto(f"{server.url}/payment?payment={page.url.rsplit('payment=', 1)[1]}")
    first_step(page, "Refund").wait_for()
    return reference


def first_step(page: Page, label: str) -> Locator:
    """What opens the form of a step."""
    return page.get_by_role("button", name=label, exact=True)


def told(page: Page, words: str) -> Locator:
    """What a screen reader announces, among other things."""
    return page.get_by_role("status").or_(page.get_by_role("alert")).filter(has_text=words)


def refunds(stripe: StripeServer, reference: str) -> list[dict[str, Any]]:
    """Those of an order at Stripe."""
    intents = {intent["id"] for intent in stripe.intents(reference)}
    return [one for one in stripe.listed("/v1/refunds") if one["payment_intent"] in intents]


def amount(page: Page, typed: str) -> None:
    """Open the form and type another amount."""
    first_step(page, "Refund").click()
    page.get_by_label("Amount in GBP").fill(typed)
    page.keyboard.press("Tab")


def test_a_double_click_is_one_refund(page: Page, desk: Server, stripe: StripeServer) -> None:
    """While Stripe takes its time, and a third click later; the form closes behind it."""
    reference = paid(page, desk)
    amount(page, "20")
    button = page.get_by_role("button", name="Refund £20.00")
    with stripe.slow("POST", "/v1/refunds"):
        button.dblclick()
        stripe.wait_until_faults_are_used()
    expect(told(page, "Refunded £20.00 to Visa •••• 4242")).to_be_visible()
    expect(button).to_have_count(0)
    assert [one["amount"] for one in refunds(stripe, reference)] == [2_000]


@pytest.mark.full
def test_an_answer_that_is_lost_comes_by_itself(
    page: Page, desk: Server, stripe: StripeServer
) -> None:
    """Checking with Stripe; then how it ended."""
    reference = paid(page, desk)
    amount(page, "30")
    stripe.post(
        "/_control/faults",
        {"kind": "drop_after", "method": "POST", "path": "/v1/refunds", "times": 2},
    )
    page.get_by_role("button", name="Refund £30.00").click()
    expect(told(page, "Checking with Stripe")).to_be_visible()
    expect(told(page, "Refunded £30.00 to Visa •••• 4242")).to_be_visible()
    assert [one["amount"] for one in refunds(stripe, reference)] == [3_000]


@pytest.mark.full
def test_a_refund_without_a_mouse(page: Page, desk: Server, stripe: StripeServer) -> None:
    """Tab and Enter, by the names that a screen reader says; no rule of WCAG is broken."""
    reference = paid(page, desk)
    first_step(page, "Refund").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Amount in GBP")).to_be_focused()
    assert broken_rules(page) == []
    page.keyboard.type("1,000")
    page.keyboard.press("Enter")
    expect(told(page, "Amount must be £120.00 or less")).to_be_visible()
    assert broken_rules(page) == []
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("0.50")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Refund £0.50").wait_for()
    tab_to(page, "Refund £0.50")
    page.keyboard.press("Enter")
    expect(told(page, "Refunded £0.50 to")).to_be_visible()
    assert [one["amount"] for one in refunds(stripe, reference)] == [50]


def test_a_press_before_the_amount_has_arrived(
    page: Page, desk: Server, stripe: StripeServer
) -> None:
    """The button that still says all of it refunds nothing: only what it says then, if pressed."""
    reference = paid(page, desk)
    first_step(page, "Refund").click()
    all_of_it = page.get_by_role("button", name="Refund £120.00")
    all_of_it.wait_for()
    page.get_by_label("Amount in GBP").fill("20")
    all_of_it.evaluate("button => button.click()")  # no later than this, whatever else runs
    part = page.get_by_role("button", name="Refund £20.00")
    part.wait_for()
    assert refunds(stripe, reference) == []
    part.click()
    expect(told(page, "Refunded £20.00 to Visa •••• 4242")).to_be_visible()
    assert [one["amount"] for one in refunds(stripe, reference)] == [2_000]
