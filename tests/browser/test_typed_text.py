"""What somebody typed is text in a browser, too, which looks for links where no sign marks one."""

import re
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.processes.servers import Server
from tests.support.screens.take_payment_screen import TakePayment

TYPED: Final = "www.evil.example/x http://evil.example a@evil.example [x](//evil.example) ![y](z)"
_PAGES: Final = (
    "payments", "needs_review", "insights", "operations", "audit", "attempts", "customers",
)  # fmt: skip
# Ours may carry what was typed behind the question mark, encoded.
_MADE_OF_IT: Final = """() => [...document.querySelectorAll("a[href], img, form[action]")]
    .map((it) => (it.getAttribute("href") || it.getAttribute("src") || "").replace(/[?#].*/, ""))
    .filter((address) => /evil|^z$/.test(address))"""


def made_of_it(page: Page) -> list[str]:
    """The addresses that a page leads to, of what was typed."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    return list(page.evaluate(_MADE_OF_IT))


@pytest.mark.full
def test_no_page_makes_a_link_or_a_picture_of_it(browser: Browser, demo: Server) -> None:
    """A name and a reference: paid, warned of, refused, listed, and on the payment's own page.

    And no table or chart has a button that takes a file of it.
    """
    page = browser.new_context().new_page()
    screen = TakePayment(page, demo.url).open()
    reference = f"{TYPED} 1"
    screen.fill_order(reference)
    page.get_by_label("Customer name").fill(TYPED)
    screen.pay()
    screen.expect_status("Succeeded")
    found = {"paid": made_of_it(page)}
    screen.new_payment()
    screen.fill_order(f"{TYPED} 2")
    page.get_by_label("Customer name").fill(TYPED)
    page.keyboard.press("Tab")
    expect(page.get_by_text("Check that this is another order.")).to_be_visible()
    found["warned of"] = made_of_it(page)
    screen.fill_reference(reference)
    expect(page.get_by_text("was paid: ")).to_be_visible()
    found["refused"] = made_of_it(page)
    for path in _PAGES:
        page.goto(f"{demo.url}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        found[path] = made_of_it(page)
        for drawn in page.get_by_test_id(re.compile("^st(DataFrame|VegaLiteChart)$")).all()[:2]:
            drawn.hover()  # which shows its buttons, where it has any
            toolbars = page.get_by_test_id("stElementToolbar")
            expect(toolbars.filter(visible=True)).to_have_count(0)
    page.goto(f"{demo.url}/payments")
    page.get_by_role("table").get_by_role("link", name=re.compile("evil")).first.click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    found["its page"] = made_of_it(page)
    page.context.close()
    assert {name: links for name, links in found.items() if links} == {}
