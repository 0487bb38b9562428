"""The Balance page: a payout opens by click and by key, and is come back to."""

import re

from playwright.sync_api import Page, expect

from tests.support.processes.servers import Server
from tests.support.screens.page_condition import wait_on

_SIDEWAYS = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    return main.scrollWidth - main.clientWidth;
}"""


def test_a_payout_opens_and_its_transactions_add_up(page: Page, demo: Server) -> None:
    """Its link can be sent; on the way back the focus is on its row; nothing scrolls sideways."""
    page.goto(f"{demo.url}/balance?from=2020-01-01")
    expect(page.get_by_text("Adds up")).to_be_visible()
    payouts = page.get_by_role("table", name="Payouts, newest first")
    # The newest may not be itemised yet.
    link = payouts.get_by_role("link", name=re.compile("remainder ✓")).first
    label = link.get_attribute("aria-label")
    assert label is not None
    link.focus()
    page.keyboard.press("Enter")
    inside = page.get_by_role("table", name="Transactions in the payout, newest first")
    expect(inside).to_contain_text("Remainder")
    expect(page).to_have_url(re.compile("payout=po_"))
    for width in (1280, 800, 390):
        page.set_viewport_size({"width": width, "height": 844})
        wait_on(page, f"() => innerWidth === {width}")
        assert page.evaluate(_SIDEWAYS) <= 0, width
    page.set_viewport_size({"width": 1280, "height": 900})
    address = page.url
    page.get_by_role("button", name="All payouts").click()
    expect(payouts.get_by_role("link", name=label, exact=True)).to_be_focused()
    page.goto(address)
    expect(inside).to_contain_text("Remainder")
