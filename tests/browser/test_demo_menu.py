"""The demo's menu in a browser: cards that are filled in, and what Stripe does at a press."""

from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as Late

from tests.support.processes.servers import Server
from tests.support.screens.page_condition import wait_on


def press_card(page: Page, name: str, said: str) -> None:
    """A test card, until it says what came of it: the script of its button may come after it."""
    for patience_ms in (2_000, 5_000, 20_000):
        page.get_by_role("button", name=name).click()
        with suppress(Late):
            page.get_by_text(said, exact=True).wait_for(timeout=patience_ms)
            return
    page.get_by_text(said, exact=True).wait_for()  # and say why not


def fill_card_in(page: Page, name: str) -> None:
    """Press a test card; the script of its button may come after it. The menu closes behind it."""
    menu = page.get_by_test_id("stPopoverBody")
    for patience_ms in (2_000, 5_000, 20_000):
        with suppress(Late):
            menu.get_by_role("button", name=name).click()
            menu.wait_for(state="detached", timeout=patience_ms)
            return
    expect(menu).to_have_count(0)  # and say why not


# What is drawn over another: whether somebody who presses the middle of an element reaches it.
REACHED = """element => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""
STOP_IN_HEADER = """() => {
  const stop = document.createElement("div");
  stop.dataset.testid = "stStatusWidget";
  stop.textContent = "Stop";
  document.querySelector("[data-testid=stHeader]").append(stop);
  return stop.checkVisibility();
}"""


def test_the_menu_fills_a_card_in_and_makes_things_happen(page: Page, demo: Server) -> None:
    """It covers no field meanwhile, and the page beneath keeps the card."""
    page.goto(demo.url)
    number = page.get_by_role("textbox", name="Card number")
    number.wait_for()
    page.get_by_role("button", name="Demo").click()
    page.get_by_role("button", name="Amex 0005").wait_for()
    edges = [
        page.locator(one).evaluate("element => element.getBoundingClientRect().toJSON()")
        for one in (".st-key-order", "[data-testid=stPopoverBody]")
    ]
    assert edges[0]["right"] < edges[1]["left"]
    page.get_by_text("Lost", exact=True).click()
    expect(page.locator(".st-key-demo-unusual")).to_contain_text("Lost")
    page.get_by_text("On time", exact=True).click()
    expect(page.locator(".st-key-demo-unusual")).to_be_hidden()
    page.get_by_role("button", name="Hold", exact=True).click()
    page.get_by_text("an amount is held").wait_for()
    page.get_by_role("button", name="Tour, 5 steps").click()
    page.get_by_text("Step 1 of 5").wait_for()
    fill_card_in(page, "Amex 0005")
    expect(number).to_have_value("3782 822463 10005")
    expect(page.get_by_role("textbox", name="Security code")).to_have_value("1234")
    expect(page.get_by_role("textbox", name="Postal code")).not_to_have_value("")
    assert page.get_by_role("button", name="Pay", exact=True).evaluate(REACHED)
    assert not page.evaluate(STOP_IN_HEADER)  # Streamlit's, under the person's name


@pytest.mark.full
def test_in_test_mode_a_card_is_copied_only(page: Page, desk: Server) -> None:
    """No field is filled in, no control is there, and none is reachable."""
    page.goto(desk.url)
    number = page.get_by_role("textbox", name="Card number")
    number.wait_for()
    page.get_by_role("button", name="Test mode").click()
    press_card(page, "Visa 4242", "Copied")
    expect(number).to_have_value("")
    expect(page.get_by_text("What Stripe does next")).to_have_count(0)


@pytest.mark.parametrize("server", ["demo", "desk"])
def test_no_control_is_reachable_from_outside(server: str, request: pytest.FixtureRequest) -> None:
    """The simulated Stripe's own control API is for tests alone."""
    running: Server = request.getfixturevalue(server)
    for path in ("/sandbox/_control/faults", "/_control/faults"):
        with pytest.raises(OSError, match=r"40[0145]"):
            running.post(path, {"kind": "drop_before"})


@pytest.mark.full
def test_a_chosen_role_is_kept(page: Page, demo: Server) -> None:
    """After a reload, and in a new tab."""
    page.goto(f"{demo.url}/payments")
    page.get_by_role("button", name="Demo").click()
    page.get_by_role("radio", name="Analyst").click()
    person = page.locator(".st-key-person")
    expect(person).to_have_text("person Analyst")
    wait_on(page, "document.cookie.includes('cardpay_demo_role=analyst')")
    page.reload()
    expect(person).to_contain_text("Analyst")
    tab = page.context.new_page()
    tab.goto(f"{demo.url}/payments")
    expect(tab.locator(".st-key-person")).to_contain_text("Analyst")


@pytest.mark.full
def test_what_was_made_is_listed_and_said(page: Page, demo: Server) -> None:
    """The list beneath shows it at once, and the menu says so in sight."""
    page.goto(f"{demo.url}/payments")
    page.get_by_role("table").wait_for()
    page.get_by_role("button", name="Demo").click()
    page.get_by_role("button", name="20 payments").click()
    said = page.get_by_text("20 payments were taken")
    expect(said).to_be_in_viewport(ratio=1)
    last = said.inner_text().rstrip(".").rsplit(maxsplit=1)[-1]
    expect(page.get_by_role("table").get_by_role("link", name=last)).to_have_count(1)
