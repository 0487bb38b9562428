"""A server that goes away for a while: our own words, and what was typed is still there."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import broken_rules
from tests.support.processes import servers
from tests.support.screens.page_condition import wait_on
from tests.support.screens.take_payment_screen import CUSTOMER_NAME, TakePayment

LOST = "Connection lost. Reconnecting…"


@pytest.mark.full
def test_what_was_typed_is_back_after_a_restart_of_the_server(page: Page, tmp_path: Path) -> None:
    """But for the card, which is nobody's to keep; and the order is paid then."""
    with servers.app(tmp_path) as first:
        screen = TakePayment(page, first.url).open()
        reference = screen.fill_order()
        screen.fill_card()
    notice = page.get_by_role("alert").filter(has_text=LOST)
    expect(notice).to_be_visible()
    # Streamlit's own dialog would come by now.
    wait_on(page, "() => document.querySelector('[data-testid=stDialog]') !== null")
    expect(page.get_by_text("Connection error")).to_be_hidden()
    assert broken_rules(page) == []
    port = int(first.url.rpartition(":")[2])
    with servers.app(tmp_path, port):
        expect(notice).to_have_count(0)
        expect(page.get_by_label("Customer name")).to_have_value(CUSTOMER_NAME)
        expect(page.get_by_label("Order reference")).to_have_value(reference)
        expect(page.get_by_text("Consultation").first).to_be_visible()
        expect(screen.card_number).to_have_value("")
        screen.pay()
        screen.expect_status("Succeeded")
