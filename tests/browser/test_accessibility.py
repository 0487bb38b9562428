"""Everybody can work here: no rule of WCAG 2.1 AA broken, and no mouse needed."""

import re
from collections.abc import Callable
from typing import Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from cardpay.domain.payment.order import MAX_NOTE
from tests.support.processes.servers import Server
from tests.support.processes.waiting import wait_for
from tests.support.screens.take_payment_screen import (
    CUSTOMER_NAME,
    POSTAL_CODE,
    VISA,
    TakePayment,
    new_reference,
)

# Choosing the product, Tab to the name (2), the reference and the card (2), and paying.
MOST_PRESSES: Final = 7
MOST_PRESSES_TO_THE_NEXT: Final = 2

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def broken_rules(page: Page) -> list[str]:
    """What axe finds: the rule, and where."""
    # Colours fade in, and what is being drawn anew fades out: contrast is measured on what stays.
    page.add_style_tag(content='[data-stale="true"] { opacity: 1 !important }')
    page.evaluate(
        "() => document.getAnimations().forEach("
        "(each) => each instanceof CSSTransition && each.finish())"
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
    """At each step: order, refusal, decline, dialog, receipt."""
    page = browser.new_context(color_scheme=scheme).new_page()
    screen = TakePayment(page, demo.url).open()
    broken = {"order": broken_rules(page)}
    screen.pay_button.click()
    page.locator("#wrong-product_id").wait_for()
    broken["refusal"] = broken_rules(page)
    screen.fill_order()
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


# A table, charts and panels before a merge, all pages for a release.
_SOME_PAGES: Final = ("payments", "insights", "operations")
_PAGES: Final = (
    *_SOME_PAGES,
    "take_payment", "audit", "disputes", "balance",
    "needs_review", "products", "settings", "attempts", "refunds", "customers",
)  # fmt: skip


@pytest.mark.parametrize(
    ("pages", "width", "scheme"),
    [
        pytest.param(_SOME_PAGES, 1280, "light", id="some-1280-light"),
        pytest.param(_PAGES, 1280, "light", id="1280-light", marks=pytest.mark.full),
        pytest.param(_PAGES, 390, "dark", id="390-dark", marks=pytest.mark.full),
    ],
)
def test_no_page_breaks_a_rule_or_scrolls_sideways(
    browser: Browser,
    demo: Server,
    pages: tuple[str, ...],
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    """Pages at rest, a payment's own, one that is not there, and the demo's menu."""
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    broken = {}

    def look(name: str) -> None:
        broken[name] = broken_rules(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            broken[name].append("it scrolls sideways")
        main = page.get_by_test_id("stMain")
        if main.evaluate("main => main.scrollWidth > main.clientWidth"):
            broken[name].append("it scrolls sideways inside")

    def visit(path: str) -> None:
        page.goto(f"{demo.url}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        app = page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-script-state", "notRunning")
        look(path)

    for path in pages:
        visit(path)
    page.goto(f"{demo.url}/payments")
    first = page.get_by_role("table").get_by_role("link").first
    visit((first.get_attribute("href") or "").removeprefix("/"))
    visit("payment?payment=none")
    page.get_by_role("button", name="Demo").click()
    page.get_by_text("What Stripe does next").wait_for()
    look("demo menu")
    context.close()
    assert not [f"{name}: {rule}" for name, rules in broken.items() for rule in rules]


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


class Keys:
    """A keyboard that keeps the presses beyond what is typed, each with where it was pressed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses: list[str] = []

    def press(self, key: str) -> None:
        """One press."""
        self.presses.append(f"{key} on {focused(self.page)!r}")
        self.page.keyboard.press(key)

    def tab_to(self, name: str) -> None:
        """Press Tab until the focus is where a screen reader says `name`."""
        for _ in range(60):
            if focused(self.page) == name:
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not reach {name!r}")

    def type_into(self, name: str, words: str) -> None:
        """Go there and type."""
        self.tab_to(name)
        self.page.keyboard.type(words)


def test_an_order_is_paid_with_few_presses_of_keys(page: Page, demo: Server) -> None:
    """From the first page to "Succeeded", then to the next order, as a screen reader names it.

    However slow the server is: a fast typist is ahead of it.
    """
    screen = TakePayment(page, demo.url).open()
    expect(screen.card_number).to_be_enabled()  # the form comes after the page
    keys = Keys(page)
    choose_product(keys)
    expect(screen.pay_button).to_have_text(re.compile("^Pay .*[0-9]"))
    with demo.held():
        keys.type_into("Customer name", CUSTOMER_NAME)
        keys.type_into("Order reference", new_reference())
        type_card(keys)
    expect(page.get_by_label("Name on card")).to_have_value(CUSTOMER_NAME)
    keys.press("Enter")
    screen.expect_status("Succeeded")
    assert len(keys.presses) <= MOST_PRESSES, keys.presses
    expect_focus(page, "New payment")
    keys.presses.clear()
    keys.press("Enter")
    expect_focus(page, "Product")
    assert len(keys.presses) <= MOST_PRESSES_TO_THE_NEXT, keys.presses


def choose_product(keys: Keys) -> None:
    """By its name, then to the next field."""
    expect_focus(keys.page, "Product")
    keys.page.keyboard.type("Consultation")
    keys.press("Enter")  # where more than one product is on sale
    keys.press("Tab")
    expect_focus(keys.page, "Quantity")  # with no button between them that would empty Product


def type_card(keys: Keys) -> None:
    """Its number by Tab; to each other field the focus moves on by itself."""
    keys.type_into("Card number", VISA)
    for name, words in (("Expiry date", "1230"), ("Security code", "123")):
        expect_focus(keys.page, name)
        keys.page.keyboard.type(words)
    expect_focus(keys.page, "Postal code")
    keys.page.keyboard.type(POSTAL_CODE)


def test_a_refusal_and_a_decline_have_the_focus(page: Page, demo: Server) -> None:
    """On the first wrong field, on the outcome, and on the card again; never on the body."""
    screen = TakePayment(page, demo.url).open()
    keys = Keys(page)
    screen.fill_order(reference="")
    screen.fill_card("4000000000000002")
    keys.press("Enter")
    expect_focus(page, "Order reference")
    expect(page.get_by_label("Order reference")).to_have_attribute("aria-invalid", "true")
    expect(screen.card_number).not_to_have_value("")
    page.keyboard.type(new_reference())
    screen.pay_button.click()
    screen.expect_status("Declined")
    expect(screen.status).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_role("button", name="Enter another card")).to_be_focused()
    keys.press("Enter")
    expect_focus(page, "Card number")


@pytest.mark.full
def test_a_wrong_field_that_is_folded_away_is_opened(page: Page, demo: Server) -> None:
    """The note lies in More, which was closed again; it has the focus after the refusal."""
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    more = page.locator(".st-key-order-more summary")
    more.click()
    note = page.get_by_label("Note", exact=True)
    note.fill("x" * (MAX_NOTE + 1))
    note.blur()
    more.click()
    expect(page.locator(".st-key-order-more [inert]")).to_have_count(1)
    screen.fill_card()
    screen.pay_button.click()
    expect(note).to_be_focused()
    expect(page.locator(".st-key-order-more [inert]")).to_have_count(0)


def focused(page: Page) -> str:
    """The name of what has the focus, as a screen reader says it."""
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
    words: list[str] = (named or "").strip().splitlines()
    return words[-1] if words else ""


def expect_focus(page: Page, name: str) -> None:
    """The focus comes to be there."""
    wait_until(lambda: focused(page) == name, page)


def wait_until(holds: Callable[[], bool], page: Page) -> None:
    """Look again and again, for as long as everything else is waited for."""
    wait_for(holds, lambda: f"the focus is on {focused(page)!r}")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is where a screen reader says `name`."""
    Keys(page).tab_to(name)


@pytest.mark.full
def test_an_order_is_paid_with_two_clicks_beyond_its_fields(page: Page, demo: Server) -> None:
    """Pay, and then New payment: everything else is typing and choosing."""
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded")
    screen.new_payment()
    expect_focus(page, "Product")
    expect(page.get_by_label("Order reference")).to_have_value("")
