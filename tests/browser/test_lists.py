"""Attempts, Disputes and Customers in a browser: a link is the view, and rows open."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.test_payments_table import _CUT, _SIDEWAYS
from tests.support.processes.servers import Server
from tests.support.screens.list_of_options import choose_option
from tests.support.screens.page_condition import wait_on

_TABLES = {
    "attempts": "Attempts, newest first",
    "refunds": "Refunds, newest first",
    "disputes": "Disputes: those to respond to by deadline, then the newest",
    "customers": "Customers by last payment, newest first",
}


def opened(page: Page, demo: Server, name: str, query: str = "") -> Page:
    """A list, drawn."""
    page.goto(f"{demo.url}/{name}{query}")
    page.get_by_role("table", name=_TABLES[name]).wait_for()
    return page


def click_into(page: Page, cell: Locator) -> None:
    """Where the row's link lies over its cell."""
    place = cell.bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)


def test_a_filtered_list_is_a_link_that_can_be_sent(
    page: Page, context: BrowserContext, demo: Server
) -> None:
    """What was chosen is in the address, without a name; who follows it sees the same rows."""
    opened(page, demo, "attempts")
    choose_option(page, "Outcome", "Declined")
    page.keyboard.press("Escape")
    choose_option(page, "Tried by", re.compile("."))
    expect(page).to_have_url(re.compile(r"taken_by=demo-\w+"))
    expect(page).to_have_url(re.compile("status=Declined"))
    table = page.get_by_role("table", name=_TABLES["attempts"])
    expect(table.get_by_text("Succeeded")).to_have_count(0)
    rows = table.get_by_role("row").all_inner_texts()
    other = context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("table", name=_TABLES["attempts"]).get_by_role("row")).to_have_count(
        len(rows)
    )
    assert other.get_by_role("table").get_by_role("row").all_inner_texts() == rows
    other.close()


@pytest.mark.full
def test_a_dispute_opens_its_payment(page: Page, demo: Server) -> None:
    """By a click into its row. The simulated Stripe has no page of it."""
    opened(page, demo, "disputes")
    row = page.get_by_role("row").nth(1)
    expect(row.get_by_role("cell").last).to_have_text("Simulated")
    expect(row.get_by_role("link")).to_have_count(1)
    click_into(page, row.get_by_role("cell").nth(1))
    expect(page).to_have_url(re.compile("payment="))


@pytest.mark.full
def test_a_customers_payments_are_behind_their_row(page: Page, demo: Server) -> None:
    """By an address that names a payment, and the way back.

    An e-mail address under the name is a text: what others wrote is no link anywhere.
    """
    opened(page, demo, "customers")
    link = page.get_by_role("row").nth(1).get_by_role("link")
    name = page.get_by_role("row").nth(1).get_by_role("cell").nth(1).inner_text()
    click_into(page, page.get_by_role("row").nth(1).get_by_role("cell").nth(1))
    expect(page).to_have_url(re.compile(r"/customers\?customer=[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("table", name="Payments of this customer, newest first").wait_for()
    expect(page.get_by_text(re.compile("[^ ]@[^ ]+ · "))).to_be_visible()
    expect(page.locator("[href^='mailto:']")).to_have_count(0)
    page.get_by_role("button", name="Customers", exact=True).click()
    page.get_by_role("table", name=_TABLES["customers"]).wait_for()
    expect(link.first).to_be_focused()


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in {"disputes", "customers"} else [pytest.mark.full])
        for name in _TABLES
    ],
)
def test_nothing_that_counts_is_cut_and_nothing_scrolls_sideways(
    page: Page, demo: Server, name: str
) -> None:
    """On a laptop, a tablet and a phone."""
    opened(page, demo, name)
    for width in (1280, 800, 390):
        page.set_viewport_size({"width": width, "height": 844})
        wait_on(page, f"() => innerWidth === {width}")
        assert page.evaluate(_CUT) == [], width
        assert page.evaluate(_SIDEWAYS) <= 0, width
