"""Insights under the content policy: charts are drawn, and a pressed mark opens its payments."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_products import idle
from tests.support.processes.servers import Server
from tests.support.screens.list_of_options import choose_option


@pytest.fixture
def refused(page: Page) -> list[str]:
    """What the content policy held back."""
    found: list[str] = []
    page.on(
        "console",
        lambda said: found.append(said.text) if "Content Security Policy" in said.text else None,
    )
    return found


def test_a_bar_that_is_pressed_opens_its_payments(
    page: Page, demo: Server, refused: list[str]
) -> None:
    """The day's, paid on it, in that currency; and its row in the table, by keyboard."""
    page.goto(f"{demo.url}/insights?from=2000-01-01")
    chart = page.get_by_test_id("stVegaLiteChart").first
    # Not of a day without payments, as today is on its early morning.
    bar = chart.locator("path[aria-roledescription=bar]:not([aria-label*=': Volume £0.00'])").last
    bar.wait_for()
    idle(page)  # a press on a chart that is about to be drawn anew is lost
    bar.click()
    expect(page).to_have_url(re.compile(r"/payments\?from=(\d{4}-\d\d-\d\d)&to=\1.*by=paid"))
    page.get_by_role("table", name=re.compile("^Payments")).wait_for()
    page.go_back()
    card = page.locator(".st-key-card-insight-volume")
    card.get_by_role("radio", name="Table").click()
    link = card.get_by_role("link", name=re.compile(r"^\d+ \w{3} \d{4}$")).last
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/payments\?from=.*by=paid"))
    assert refused == []


@pytest.mark.full
def test_a_mark_opens_its_list(page: Page, demo: Server) -> None:
    """A country's payments, and declines in the demo's several currencies."""
    page.goto(f"{demo.url}/insights?from=2000-01-01")
    bars = "path[aria-roledescription=bar]"
    page.locator(f".st-key-card-insight-declines {bars}").first.wait_for()
    choose_option(page, "Volume by", "Country")
    country = page.locator(f".st-key-card-insight-parts {bars}").first
    page.get_by_text("Volume by country, GBP", exact=True).wait_for()
    idle(page)
    country.click()
    expect(page).to_have_url(re.compile("/payments[?].*by=paid&country=[A-Z]{2}"))
    page.get_by_role("table", name=re.compile("^Payments")).wait_for()
    page.go_back()
    page.locator(f".st-key-card-insight-declines {bars}").first.wait_for()
    idle(page)
    link = page.locator(f".st-key-card-insight-declines {bars}").first
    link.hover()
    expect(link).to_have_css("cursor", "pointer")
    link.click()
    expect(page).to_have_url(
        re.compile("/attempts[?].*currency=GBP.*decline_code=generic_decline")
    )
    page.get_by_role("table", name="Attempts, newest first").wait_for()


def test_a_chart_has_its_data_as_a_file(page: Page, demo: Server) -> None:
    """By a route of the desk's own."""
    page.goto(f"{demo.url}/insights?from=2000-01-01")  # this month may have only begun
    card = page.locator(".st-key-card-insight-volume")
    with page.expect_download() as download:
        card.get_by_role("link", name="CSV").click()
    assert re.fullmatch(r"volume-[\d-]+\.csv", download.value.suggested_filename)
