"""A person pays on the hosted page, in Chromium."""

import pytest
from playwright.sync_api import Page, expect

from tests.contract.api import Api
from tests.contract.checkout.test_checkout_sessions import session

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,
    pytest.mark.sandbox_only(reason="the page is the sandbox's own"),
]


def _fill_in(page: Page, number: str) -> None:
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiration (MM / YY)").fill("12 / 40")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Cardholder name").fill("Ada Byron")
    page.get_by_role("button", name="Pay").click()


def test_declined_challenged_and_paid(api: Api, page: Page) -> None:
    """One card is declined, the next asks for 3-D Secure, and then the desk's page comes."""
    made = session(api, success_url=f"{api.base}/receipts/none?s={{CHECKOUT_SESSION_ID}}")
    assert made.url is not None
    page.goto(made.url)

    _fill_in(page, "4000000000000002")
    expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    _fill_in(page, "4000002760003184")
    page.get_by_role("button", name="Complete authentication").click()

    page.wait_for_url(f"**/receipts/none?s={made.id}")
    after = api.client.v1.checkout.sessions.retrieve(made.id)
    assert (after.status, after.payment_status) == ("complete", "paid")
