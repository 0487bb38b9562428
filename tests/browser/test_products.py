"""Products and the export in a browser: one press is one product, and a file that opens."""

import csv
import io
import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_accessibility import broken_rules, tab_to
from tests.support.processes.servers import Server


def products(page: Page, server: Server) -> Page:
    """The page, drawn."""
    page.goto(f"{server.url}/products")
    page.get_by_role("button", name="Add product").wait_for()
    return page


def told(page: Page, words: str) -> Locator:
    """What a screen reader announces, among other things."""
    return page.get_by_role("status").or_(page.get_by_role("alert")).filter(has_text=words)


def idle(page: Page) -> None:
    """No run of the script is under way."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")


@pytest.mark.full
def test_a_product_is_added_without_a_mouse(page: Page, demo: Server) -> None:
    """By the names that a screen reader says; an error is announced, and no rule is broken."""
    name = f"Visit {uuid4().hex[:8]}"
    products(page, demo)
    assert broken_rules(page) == []
    tab_to(page, "Add product")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Name").focus()
    page.keyboard.type(name)
    tab_to(page, "Price")
    page.keyboard.type("12,50")
    page.keyboard.press("Tab")
    page.keyboard.type("gbp")
    page.keyboard.press("Enter")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    expect(told(page, "must be a number, like 1250.50")).to_be_visible()
    assert broken_rules(page) == []
    page.get_by_role("textbox", name="Price").fill("12.50")
    page.keyboard.press("Tab")
    idle(page)
    page.get_by_role("button", name="Save").dblclick()
    expect(told(page, f"Saved: {name}, £12.50, on sale.")).to_be_visible()
    page.get_by_label("Change product").click()
    page.keyboard.type(name)
    expect(page.get_by_role("option", name=name)).to_have_count(1)


@pytest.mark.full
def test_what_was_typed_outlives_another_page(page: Page, demo: Server) -> None:
    """Whoever looks something up in Payments finds the form as it was."""
    products(page, demo).get_by_role("button", name="Add product").click()
    page.get_by_role("textbox", name="Name").fill("Half a product")
    page.keyboard.press("Tab")
    idle(page)
    page.get_by_role("link", name="Payments").click()
    page.get_by_role("heading", name="Payments").wait_for()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("link", name="Products").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Half a product")


@pytest.mark.full
def test_an_export_is_downloaded(page: Page, demo: Server, tmp_path: Path) -> None:
    """As many payments as the link says, which a spreadsheet reads; kept when the page is left."""
    page.goto(f"{demo.url}/payments")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("radio", name="CSV").click()
    page.get_by_role("button", name="Create file").click()
    download = page.get_by_role("link", name=re.compile(r"Download \d+ payments"))
    download.wait_for()
    assert broken_rules(page) == []
    page.reload()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as downloading:
        download.click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    assert file.suffix == ".csv"
    read = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert len(read) > 30
    assert f"Download {len(read)} payments" in str(download.text_content())
