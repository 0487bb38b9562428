"""Insights under the content policy: charts are drawn, and a pressed mark opens its payments."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.processes.servers import Server


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
    bar = chart.locator("path[aria-roledescription=bar]").last
    bar.wait_for()
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


def test_a_chart_has_its_data_as_a_file(page: Page, demo: Server) -> None:
    """By a route of the desk's own."""
    page.goto(f"{demo.url}/insights")
    card = page.locator(".st-key-card-insight-volume")
    with page.expect_download() as download:
        card.get_by_role("link", name="CSV").click()
    assert re.fullmatch(r"volume-[\d-]+\.csv", download.value.suggested_filename)
