"""The focus is never on the page's body: it goes to what is next, or to what was just said."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.test_accessibility import expect_focus
from tests.browser.test_payment_actions import paid
from tests.support.processes.servers import Server
from tests.support.screens.page_condition import wait_on
from tests.support.screens.take_payment_screen import TakePayment


def expect_said(page: Page, words: str) -> None:
    """A message with these words comes, and has the focus."""
    message = page.get_by_role("status").or_(page.get_by_role("alert")).filter(has_text=words)
    expect(message).to_be_focused()


def press(button: Locator) -> None:
    """By keyboard."""
    button.focus()
    button.press("Enter")


def button(page: Page, name: str) -> Locator:
    """By its whole name."""
    return page.get_by_role("button", name=name, exact=True)


@pytest.mark.full
def test_a_changed_order_begins_at_its_first_field(page: Page, demo: Server) -> None:
    """After the press, the order's fields can be changed from Product on."""
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    screen.pay("4000000000000002")
    screen.expect_status("Declined")
    press(button(page, "Change order"))
    expect_focus(page, "Product")
    expect(page.get_by_label("Product", exact=True)).to_be_enabled()


@pytest.mark.full
def test_charging_again_asks_why(page: Page, demo: Server) -> None:
    """The reason is what is typed next."""
    screen = TakePayment(page, demo.url).open()
    reference = screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded")
    screen.new_payment()
    screen.fill_order(reference)
    press(button(page, "Charge again"))
    expect(page.get_by_label("Reason to charge again")).to_be_focused()


@pytest.mark.full
def test_what_was_saved_of_a_payment_is_said(page: Page, demo: Server) -> None:
    """A note, a refund and another one."""
    paid(page, demo)
    page.get_by_text("Add note").click()
    note = page.get_by_role("textbox", name="Note")
    note.fill("The caller rang again")
    press(button(page, "Save note"))
    expect_said(page, "Note added")
    for typed in ("20", "30"):
        button(page, "Refund").click()
        page.get_by_label("Amount in GBP").fill(typed)
        page.keyboard.press("Tab")
        press(button(page, f"Refund £{typed}.00"))
        expect_said(page, f"Refunded £{typed}.00 to Visa")


@pytest.mark.full
def test_what_was_saved_of_a_product_is_said(page: Page, demo: Server) -> None:
    """Its form closes behind it; archived it can be restored."""
    page.goto(f"{demo.url}/products")
    for name, words in (("Archive", "archived"), ("Restore", "on sale")):
        page.get_by_role("combobox", name="Change product").click()
        page.keyboard.type("Radiator valve")
        page.keyboard.press("Enter")
        press(button(page, name))
        expect_said(page, words)
        expect(button(page, "Close")).to_have_count(0)


def test_a_refund_begins_in_its_amount(page: Page, demo: Server) -> None:
    """What is typed takes the place of the amount that is suggested."""
    paid(page, demo)
    press(button(page, "Refund"))
    expect_focus(page, "Amount in GBP")
    # It is selected a moment after it has the focus: sooner than a person types, not than a test.
    wait_on(
        page, "() => document.activeElement.selectionEnd > document.activeElement.selectionStart"
    )
    page.keyboard.type("20")
    button(page, "Refund £20.00").wait_for()


@pytest.mark.full
def test_a_cancellation_is_asked_in_place(page: Page, demo: Server) -> None:
    """The question has the focus, then what was decided; a second press decides nothing."""
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    screen.pay("4000000000000002")
    screen.expect_status("Declined")
    press(button(page, "Cancel"))
    expect_said(page, "Cancel this payment? The card won't be charged.")
    page.keyboard.press("Enter")
    press(button(page, "Keep it"))
    expect_focus(page, "Cancel")
    screen.expect_status("Declined")
    page.keyboard.press("Enter")
    expect_said(page, "Cancel this payment?")
    page.keyboard.press("Tab")
    expect_focus(page, "Cancel payment")
    page.keyboard.press("Enter")
    screen.expect_status("Cancelled")
    expect_focus(page, "New payment")


@pytest.mark.full
def test_what_comes_late_takes_the_focus_from_nobody(page: Page, demo: Server) -> None:
    """The button that copies a link, on a slow connection: somebody has gone on meanwhile."""
    asked: list[Route] = []

    def late(route: Route) -> None:
        asked.append(route)

    page.route(re.compile("/copy_link-"), late)
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    button(page, "Send payment link").click()
    press(button(page, "Cancel link"))
    expect_said(page, "Cancel this link?")
    for each in asked:
        each.continue_()
    button(page, "Copy link").wait_for()
    expect_said(page, "Cancel this link?")


@pytest.mark.full
def test_a_link_is_cancelled_after_a_question(page: Page, demo: Server) -> None:
    """It stays open until the answer."""
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    button(page, "Send payment link").click()
    press(button(page, "Cancel link"))
    expect_said(page, "Cancel this link?")
    state = page.locator(".st-key-panel-link p[role=status]")
    expect(state).to_contain_text("Awaiting customer")
    page.keyboard.press("Tab")
    expect_focus(page, "Cancel link")
    page.keyboard.press("Enter")
    expect(state).to_contain_text("Cancelled")
    expect(page.locator("body")).not_to_be_focused()


def test_the_drawer_closes_behind_the_page_that_was_chosen(page: Page, demo: Server) -> None:
    """On a phone it lies over the page."""
    page.set_viewport_size({"width": 390, "height": 844})
    with page.expect_response(re.compile(r"/focus-\d+\.js")):  # it is the script that closes it
        page.goto(f"{demo.url}/payments")
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Refunds").click()
    page.get_by_role("heading", name="Refunds").wait_for()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
