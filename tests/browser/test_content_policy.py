"""Everything works under the strict content policy: the browser reports no violation."""

import re

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.support.processes.servers import Server, StripeServer
from tests.support.screens.page_condition import wait_on
from tests.support.screens.take_payment_screen import TakePayment

_REFUSED = re.compile(r"content security policy|permissions policy violation", re.IGNORECASE)
_LISTEN = """
window.cardpayViolations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.cardpayViolations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""


class Watch:
    """What the browser held back, in the page and in each frame within it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._console: list[str] = []
        page.add_init_script(_LISTEN)
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if _REFUSED.search(message.text):
            self._console.append(message.text)

    @property
    def violations(self) -> list[str]:
        """Each, as the browser words it."""
        found = list(self._console)
        for frame in self._page.frames:
            found += frame.evaluate("window.cardpayViolations || []")
        return found


@pytest.fixture
def watch(page: Page) -> Watch:
    """Listening before the first page is loaded."""
    return Watch(page)


@pytest.fixture(params=[pytest.param("demo", marks=pytest.mark.full), "desk"])
def server(request: pytest.FixtureRequest) -> Server:
    """The demo, and test mode with a stand-in for Stripe at another address."""
    found: Server = request.getfixturevalue(request.param)
    return found


def test_a_whole_payment_breaks_no_rule(
    page: Page, watch: Watch, server: Server, stripe: StripeServer
) -> None:
    """Declined, challenged with 3-D Secure, paid, printed, and found again in the table."""
    screen = TakePayment(page, server.url).open()
    reference = screen.fill_order()
    screen.pay("4000000000000002")
    screen.expect_status("Declined")
    screen.pay("4000002500003155")
    screen.answer_challenge("Complete")
    screen.expect_status("Succeeded")
    page.context.add_init_script("window.print = () => { window.cardpayPrinted = true; }")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Print receipt").click()
    wait_on(opened.value, "window.cardpayPrinted")
    opened.value.close()
    page.goto(f"{server.url}/payments")
    search = page.get_by_label("Search", exact=True)
    search.fill(reference)
    search.press("Enter")
    expect(page.get_by_role("table", name="Payments, newest first")).to_be_visible()
    page.goto(f"{server.url}/settings")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    assert watch.violations == []


def test_the_watch_sees_a_violation(page: Page, watch: Watch, demo: Server) -> None:
    """A script from elsewhere, an inline one and a frame are each held back and reported."""
    page.goto(demo.url)
    page.evaluate(
        """() => {
          for (const [tag, change] of [
            ["script", (it) => { it.src = "https://example.com/x.js"; }],
            ["script", (it) => { it.textContent = "window.cardpayInjected = true"; }],
            ["iframe", (it) => { it.src = "https://example.com/"; }],
          ]) {
            const element = document.createElement(tag);
            change(element);
            document.body.append(element);
          }
        }"""
    )
    wait_on(page, "window.cardpayViolations.length >= 3")
    assert len(watch.violations) >= 3
    assert not page.evaluate("window.cardpayInjected")
