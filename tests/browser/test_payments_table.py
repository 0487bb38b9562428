"""The list of payments: a row opens by one click or by Enter, and nothing is cut that counts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.processes.servers import Server
from tests.support.screens.list_of_options import choose_option
from tests.support.screens.page_condition import wait_on

# The cells whose amount or status does not stand inside of them, and inside of the table.
_CUT = """() => {
    const root = [...document.querySelectorAll("*")].find((one) =>
        one.shadowRoot?.querySelector(".linked-table")).shadowRoot;
    const shown = root.querySelector(".linked-table").getBoundingClientRect();
    return [...root.querySelectorAll("td.amount-of, td.status")]
        .filter((cell) => {
            const inside = cell.firstChild.getBoundingClientRect();
            const own = cell.getBoundingClientRect();
            return inside.left < own.left || inside.right > Math.min(own.right, shown.right) + 1;
        })
        .map((cell) => cell.textContent);
}"""
_SIDEWAYS = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    return main.scrollWidth - main.clientWidth;
}"""


# As long as an amount can be: twelve digits, and a code before them for want of a symbol.
_LENGTHEN = """() => {
    const root = [...document.querySelectorAll("*")].find((one) =>
        one.shadowRoot?.querySelector(".linked-table")).shadowRoot;
    root.querySelector(".amount").firstChild.data = "COP 123,456,789,012.00";
}"""


def opened_list(page: Page, demo: Server) -> None:
    """The list, drawn."""
    page.goto(f"{demo.url}/payments")
    page.get_by_role("table", name="Payments, newest first").wait_for()


def test_a_row_opens_by_click_and_by_key_and_is_come_back_to(page: Page, demo: Server) -> None:
    """Anywhere on it; on coming back the focus is where one was, and Back goes back, too."""
    opened_list(page, demo)
    row = page.get_by_role("row").nth(3)
    name = row.get_by_role("link").get_attribute("aria-label")
    place = row.get_by_role("cell").nth(4).bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(page).to_have_url(re.compile("payment="))
    page.get_by_role("button", name="Payments", exact=True).click()
    link = page.get_by_role("link", name=name, exact=True)
    expect(link).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("payment="))
    page.go_back()
    page.get_by_role("table", name="Payments, newest first").wait_for()


def test_no_amount_is_cut_and_nothing_scrolls_sideways(page: Page, demo: Server) -> None:
    """On a laptop, a tablet, a phone, and the laptop at 200 %."""
    opened_list(page, demo)
    page.evaluate(_LENGTHEN)
    for width in (1280, 800, 640, 390):
        page.set_viewport_size({"width": width, "height": 844})
        wait_on(page, f"() => innerWidth === {width}")
        assert page.evaluate(_CUT) == [], width
        assert page.evaluate(_SIDEWAYS) <= 0, width


@pytest.mark.full
def test_filters_are_the_address_and_stay_when_one_comes_back(page: Page, demo: Server) -> None:
    """From a payment by Back or by its button; the same address shows the same to a colleague."""
    opened_list(page, demo)
    choose_option(page, "Status", "Succeeded")
    page.locator("summary", has_text="Filters").press("Enter")
    page.get_by_role("textbox", name="Amount").fill("100-300")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Filters (1)")).to_be_visible()
    page.get_by_role("textbox", name="Search").fill("a")
    page.keyboard.press("Enter")
    address = re.compile(r"/payments\?status=Succeeded&amount=100-300$")
    expect(page).to_have_url(address)
    for come_back in (page.go_back, page.get_by_role("button", name="Payments", exact=True).click):
        page.get_by_role("row").nth(1).get_by_role("link").press("Enter")
        expect(page).to_have_url(re.compile("payment="))
        come_back()
        expect(page).to_have_url(address)
        expect(page.get_by_role("textbox", name="Search")).to_have_value("a")
    page.get_by_role("textbox", name="Search").fill("")
    page.keyboard.press("Enter")
    totals = page.locator(".totals")
    expect(totals).to_contain_text("paid")
    colleague = page.context.new_page()
    colleague.goto(page.url)
    expect(colleague.get_by_text("Filters (1)")).to_be_visible()
    expect(colleague.locator(".totals")).to_have_text(totals.inner_text().replace("\n", ""))


@pytest.mark.full
def test_columns_are_chosen_and_kept(page: Page, demo: Server) -> None:
    """They are there in another window, where the table scrolls and the page does not."""
    opened_list(page, demo)
    page.locator("summary", has_text="Columns").press("Enter")
    heads = page.locator(".linked-table th")
    for label in ("Paid at", "Fee", "Net", "PaymentIntent"):
        choose_option(page, "Columns shown", label)
        expect(heads.filter(has_text=label)).to_have_count(1)
    page.keyboard.press("Escape")
    other = page.context.new_page()
    opened_list(other, demo)
    expect(other.locator(".linked-table th").last).to_have_text("PaymentIntent")
    for width in (1280, 800):
        other.set_viewport_size({"width": width, "height": 844})
        wait_on(other, f"() => innerWidth === {width}")
        assert other.evaluate(_SIDEWAYS) <= 0, width
    other.locator(".linked-table th").last.scroll_into_view_if_needed()
    expect(other.locator(".linked-table th").last).to_be_in_viewport()
    other.close()
    page.get_by_role("button", name="Reset columns").press("Enter")
    expect(heads.last).to_have_text("Taken by")
