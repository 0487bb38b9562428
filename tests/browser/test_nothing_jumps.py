"""What somebody is about to press stays where it is."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.processes.servers import Server, StripeServer
from tests.support.screens.take_payment_screen import (
    CUSTOMER_EMAIL,
    CUSTOMER_NAME,
    VISA,
    TakePayment,
)

# How many fields for a customer's name there are, each number once.
WATCH_NAMES = """() => {
  const look = () => document.querySelectorAll("[aria-label='Customer name']").length;
  const note = () => names.includes(look()) || names.push(look());
  window.names = [look()];
  new MutationObserver(note).observe(document.body, { childList: true, subtree: true });
}"""


def place(element: Locator) -> Any:
    """Where it is on the page."""
    return element.evaluate(
        "one => { const { x, y } = one.getBoundingClientRect(); return [x, y] }"
    )


@pytest.mark.parametrize(
    "width",
    [pytest.param(1280, marks=pytest.mark.full), pytest.param(800, marks=pytest.mark.full), 390],
)
def test_errors_of_the_card_move_no_field(browser: Browser, demo: Server, width: int) -> None:
    """The longest of each that comes when a field is left; the window needs no scrolling."""
    page = browser.new_context(viewport={"width": width, "height": 1800}).new_page()
    screen = TakePayment(page, demo.url).open()
    name, code = page.get_by_label("Name on card"), page.get_by_label("Postal code")
    below = [name, code, screen.pay_button]
    screen.card_number.fill("4242 4242")
    before = [place(one) for one in below]
    page.get_by_label("Expiry date", exact=True).fill("0120")
    page.get_by_label("Security code", exact=True).fill("1")
    name.focus()
    expect(page.locator(".cardpay-error:not(:empty)")).to_have_count(3)
    assert [place(one) for one in below] == before
    page.context.close()


@pytest.mark.full
def test_a_warning_moves_no_pay_button(page: Page, demo: Server) -> None:
    """It comes when the customer's name is left, perhaps by a press on Pay."""
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded")
    screen.new_payment()
    screen.choose_product("Consultation")
    expect(screen.pay_button).to_contain_text("120")
    before = place(screen.pay_button)
    page.get_by_label("Customer name").fill(CUSTOMER_NAME)
    page.keyboard.press("Tab")
    warning = page.get_by_role("alert").filter(has_text="already paid")
    expect(warning).to_be_in_viewport()
    assert place(screen.pay_button) == before
    page.set_viewport_size({"width": 390, "height": 844})  # on a phone it stays by the button
    expect(warning).to_be_in_viewport(ratio=1)
    expect(screen.pay_button).to_be_in_viewport(ratio=1)


def test_what_is_changed_during_a_charge_changes_nothing(
    page: Page, desk: Server, stripe: StripeServer
) -> None:
    """What the button said is charged, and the screen shows the order that was paid."""
    screen = TakePayment(page, desk.url).open()
    reference = screen.fill_order()
    screen.fill_card(VISA)
    page.evaluate(WATCH_NAMES)
    email = page.get_by_label("Customer email", exact=True)
    with stripe.slow("POST", "*/confirm"):
        screen.pay_button.click()
        stripe.wait_until_faults_are_used()
        with desk.held():  # or it might give up and draw anew, however fast one types
            expect(screen.pay_button).to_have_count(0)
            for label, words in (("Quantity", "7"), ("Customer name", "Somebody Else")):
                field = page.get_by_label(label, exact=True)
                field.fill(words)
                field.press("Tab")
            email.fill("still typing")
    screen.expect_status("Succeeded", "£120.00")
    expect(email).to_be_disabled()
    expect(email).to_have_value(CUSTOMER_EMAIL)
    expect(page.get_by_label("Quantity", exact=True)).to_have_value("1")
    expect(page.get_by_label("Customer name", exact=True)).to_have_value(CUSTOMER_NAME)
    expect(page.get_by_label("Order reference", exact=True)).to_have_value(reference)
    expect(page.locator(".cardpay-summary")).to_contain_text("£120.00")
    (charge,) = stripe.charges(reference)
    assert charge["amount"] == 12_000
    screen.new_payment()
    assert page.evaluate("Math.max(...names)") == 1
