"""A payment link in a browser: sent for a typed order, paid by the customer, or given up again."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_accessibility import broken_rules
from tests.support.processes.servers import Server
from tests.support.screens.take_payment_screen import VISA, TakePayment

SEND, COPY = "Send payment link", "Copy link"


def address(page: Page) -> str:
    """The link's, as it stands on the screen."""
    words = page.get_by_text(re.compile(r"^https?://\S+/checkout/\S+$"))
    return words.inner_text()


def state(page: Page) -> Locator:
    """What a screen reader announces of the link."""
    return page.get_by_role("status").filter(has_text=re.compile("link|customer"))


def pay(page: Page, url: str) -> None:
    """What the customer does on Stripe's page."""
    page.goto(url)
    for label, words in (
        ("Email", "customer.one@example.com"),
        ("Card number", VISA),
        ("Expiration", "12 / 30"),
        ("CVC", "123"),
        ("Cardholder name", "Customer One"),
        ("Postal code", "AB1 2CD"),
    ):
        page.get_by_label(label).fill(words)
    page.get_by_role("button", name=re.compile("^Pay")).click()


def test_a_link_is_copied_by_one_key_and_paid_by_the_customer(
    page: Page, browser: Browser, demo: Server
) -> None:
    """Then the screen says so by itself; no rule of WCAG is broken on the way."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    page.get_by_role("button", name=SEND).click()
    expect(state(page)).to_contain_text("Awaiting customer")
    expect(page.get_by_role("button", name=COPY)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    url = page.evaluate("navigator.clipboard.readText()")
    assert url == address(page)
    mail = page.get_by_role("link", name="Email link")
    expect(mail).to_have_attribute("href", re.compile("^mailto:customer.one@example.com"))
    broken = broken_rules(page)
    customer = browser.new_context()
    pay(customer.new_page(), url)
    customer.close()
    expect(state(page)).to_contain_text("Succeeded")
    expect(page.get_by_role("button", name="New payment")).to_be_visible()
    assert broken + broken_rules(page) == []


@pytest.mark.full
def test_a_card_is_taken_instead_of_a_link(page: Page, browser: Browser, demo: Server) -> None:
    """The link takes no money from then on."""
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    page.get_by_role("button", name=SEND).click()
    expect(state(page)).to_contain_text("Awaiting customer")
    url = address(page)
    page.get_by_role("button", name="Take a card instead").click()
    expect(screen.card_number).to_be_focused()  # the order is complete
    screen.pay()
    screen.expect_status("Succeeded")
    customer = browser.new_context().new_page()
    customer.goto(url)
    expect(customer.get_by_text("This link has expired")).to_be_visible()
    customer.context.close()


@pytest.mark.full
def test_no_card_is_taken_while_a_link_is_made(page: Page, demo: Server) -> None:
    """The old button stays on the screen until the new one is drawn: it can't be pressed."""
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    screen.fill_card()
    expect(screen.pay_button).to_have_attribute("aria-disabled", "false")
    page.evaluate(
        """() => {
            const pay = [...document.querySelectorAll(".cardpay-button-main")][0];
            document.addEventListener("click", (event) => {
                if (!event.target.closest('[class*="send-link"]')) return;
                queueMicrotask(() => requestAnimationFrame(() => {
                    window.heldBack = pay.getAttribute("aria-disabled");
                    pay.click();
                }));
            });
        }"""
    )
    page.get_by_role("button", name=SEND).click()
    expect(state(page)).to_contain_text("Awaiting customer")
    assert page.evaluate("window.heldBack") == "true"


@pytest.mark.full
def test_what_is_wrong_keeps_the_card_form_and_can_be_paid_after_all(
    page: Page, demo: Server
) -> None:
    """A link that was refused leaves the button as it was."""
    screen = TakePayment(page, demo.url).open()
    screen.fill_order(reference="")
    page.get_by_role("button", name=SEND).click()
    expect(page.locator("#wrong-order_reference")).to_be_visible()
    expect(screen.pay_button).to_have_attribute("aria-disabled", "false")
