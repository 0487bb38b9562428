"""Everybody can work here: no rule of WCAG 2.1 AA broken, and no mouse needed."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.processes.servers import Server
from tests.support.screens.take_payment_screen import VISA, TakePayment

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def broken_rules(page: Page) -> list[str]:
    """What axe finds: the rule, and where."""
    # Colours fade in: contrast is measured on what stays.
    page.wait_for_function(
        "() => !document.getAnimations().some((each) => each instanceof CSSTransition)"
    )
    found = Axe().run(page, options=_RULES)
    return [
        f"{rule['id']}: {node['html'][:160]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.full)])
def test_no_rule_is_broken_on_take_payment(
    browser: Browser, demo: Server, scheme: Literal["light", "dark"]
) -> None:
    """At each step: order, card, decline, dialog, receipt."""
    page = browser.new_context(color_scheme=scheme).new_page()
    screen = TakePayment(page, demo.url).open()
    broken = {"order": broken_rules(page)}
    screen.fill_order()
    broken["card"] = broken_rules(page)
    screen.pay("4000000000000002")
    screen.expect_status("Declined")
    broken["decline"] = broken_rules(page)
    screen.pay("4000002500003155")
    page.get_by_role("dialog").wait_for()
    broken["dialog"] = broken_rules(page)
    screen.answer_challenge("Complete")
    screen.expect_status("Succeeded")
    broken["receipt"] = broken_rules(page)
    page.context.close()
    assert not [f"{step}: {rule}" for step, rules in broken.items() for rule in rules]


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_is_broken_on_payments(
    browser: Browser, demo: Server, scheme: Literal["light", "dark"]
) -> None:
    """The table, a search that finds nothing, and what needs review."""
    page = browser.new_context(color_scheme=scheme).new_page()
    page.goto(f"{demo.url}/payments")
    page.get_by_role("table", name="Payments, newest first").wait_for()
    broken = broken_rules(page)
    page.goto(f"{demo.url}/needs_review")
    page.get_by_role("table", name="What needs review").wait_for()
    broken += broken_rules(page)
    page.goto(f"{demo.url}/payments")
    search = page.get_by_role("textbox", name="Search")
    search.fill("nothing like this")
    search.press("Enter")
    page.get_by_text("No payments match").wait_for()
    broken += broken_rules(page)
    page.context.close()
    assert not broken


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_is_broken_on_the_audit_log(
    browser: Browser, demo: Server, scheme: Literal["light", "dark"]
) -> None:
    """The table, a filter that finds nothing, and a file of what is found."""
    page = browser.new_context(color_scheme=scheme).new_page()
    page.goto(f"{demo.url}/audit")
    page.get_by_test_id("stDataFrame").wait_for()
    broken = broken_rules(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbfentry,at,actor_id")
    subject = page.get_by_role("textbox", name="Object ID")
    subject.fill("nothing-like-this")
    subject.press("Enter")
    page.get_by_text("No entries match").wait_for()
    broken += broken_rules(page)
    page.context.close()
    assert not broken


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_is_broken_on_operations(
    browser: Browser, demo: Server, scheme: Literal["light", "dark"]
) -> None:
    """At rest, and after a comparison that has ended."""
    page = browser.new_context(color_scheme=scheme).new_page()
    page.goto(f"{demo.url}/operations")
    page.get_by_role("button", name="Reconcile now").wait_for()
    broken = broken_rules(page)
    tab_to(page, "Reconcile now")
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Reconciliation finished").wait_for()
    broken += broken_rules(page)
    page.context.close()
    assert not broken


def test_a_payment_is_taken_without_a_mouse(page: Page, demo: Server) -> None:
    """Tab, arrows and Enter, from the product to the receipt."""
    screen = TakePayment(page, demo.url).open()
    keys = page.keyboard
    page.get_by_label("Product", exact=True).focus()
    keys.type("Consultation")
    keys.press("Enter")
    expect(page.get_by_test_id("stMetricValue")).to_contain_text("120.00")
    for label, words in (
        ("Customer name", "Customer One"),
        ("Order reference", "T-keyboard"),
    ):
        tab_to(page, label)
        keys.type(words)
    tab_to(page, "Create payment")
    keys.press("Enter")
    screen.card_number.wait_for()
    tab_to(page, "Card number")
    keys.type(VISA)  # the focus moves on by itself
    keys.type("1230")
    keys.type("123")
    keys.press("Enter")
    screen.expect_status("Succeeded")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is where a screen reader says `name`."""
    for _ in range(60):
        named = page.evaluate(
            """() => {
                const focused = document.activeElement;
                // The page itself may have the focus: its words are not a name.
                if (!focused.matches("a, button, input, select, textarea, [role]")) return "";
                return focused.getAttribute("aria-label") ?? focused.labels?.[0]?.innerText
                    ?? focused.innerText;
            }"""
        )
        # A button's icon is a word of its own before its name.
        if (named or "").strip().splitlines()[-1:] == [name]:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name!r}")
