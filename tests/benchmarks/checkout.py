"""How long a person waits for an outcome: python -m tests.benchmarks.checkout.

Chromium drives the app in test mode against the sandbox on its own. Beside it, in the same run
and turn by turn, runs the least that Streamlit can do: a page whose one button changes a text.
The difference is what the desk adds: commits, Stripe's SDK over HTTP, and drawing the page.

The clock runs in the browser, from the click's own time stamp to the change of the document
that shows the outcome, so that the driver's time is not counted. Bytes are those that the
browser's network layer reports, with its cache on. A table goes to stderr, JSON to stdout;
the exit code is 1 when a bound is not kept.
"""

import argparse
import base64
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.benchmarks import printed
from tests.support.processes import servers
from tests.support.processes.chromium import launch_arguments
from tests.support.processes.servers import PUBLISHABLE_KEY, SECRET_KEY
from tests.support.screens.take_payment_screen import TakePayment

# What the desk's three steps may add to a bare rerun, at the median and for all but one in twenty:
# a wait that nobody notices.
MOST_ADDED_MS = 150.0
MOST_ADDED_MS_P95 = 200.0

_BARE_PAGE = """
import streamlit as st

clicks = st.session_state.setdefault("clicks", 0)

def count():
    st.session_state.clicks += 1

st.button("Count", on_click=count)
st.text(f"Counted {st.session_state.clicks}")
"""

# Started before the click; ends at the first change of the document after which `shown` holds.
_STOPWATCH = """(shown) => {
  const holds = new Function("return " + shown);
  window.measured = new Promise((resolve) => {
    let clickedAt = null;
    addEventListener("click", (event) => { clickedAt ??= event.timeStamp; },
                     { capture: true, once: true });
    const observer = new MutationObserver(() => {
      if (clickedAt !== null && holds()) {
        observer.disconnect();
        resolve(performance.now() - clickedAt);
      }
    });
    observer.observe(document, { subtree: true, childList: true, characterData: true,
                                 attributes: true });
  });
}"""
_IDLE = """() => document.querySelector("[data-testid=stApp]")
  ?.getAttribute("data-test-script-state") === "notRunning\""""
_SUCCEEDED = """document.querySelector('[role=status]')?.textContent.includes('Succeeded')"""


@dataclass(frozen=True)
class Waits:
    """The waits of one kind, in milliseconds."""

    name: str
    milliseconds: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        """All but one in twenty are shorter."""
        return statistics.quantiles(self.milliseconds, n=20, method="inclusive")[-1]


@dataclass
class Wire:
    """What crosses the wire, in bytes: the card form's bundle, and messages from the server."""

    bundle: int = 0
    messages: int = 0

    def watch(self, network: CDPSession) -> None:
        """Count from now on."""
        bundle_requests: set[str] = set()

        def responded(event: dict[str, Any]) -> None:
            if "/bidi-components/" in event["response"]["url"]:
                bundle_requests.add(event["requestId"])

        def finished(event: dict[str, Any]) -> None:
            if event["requestId"] in bundle_requests:
                self.bundle += int(event["encodedDataLength"])

        def received(event: dict[str, Any]) -> None:
            self.messages += len(base64.b64decode(event["response"]["payloadData"]))

        network.on("Network.responseReceived", responded)
        network.on("Network.loadingFinished", finished)
        network.on("Network.webSocketFrameReceived", received)
        network.send("Network.enable")

    def since_last(self) -> "Wire":
        """What was counted since the last call."""
        counted = Wire(self.bundle, self.messages)
        self.bundle = self.messages = 0
        return counted


@dataclass(frozen=True)
class Traffic:
    """Bytes of the bundle at each step, and of the messages when the form's data changes."""

    bundle_first_load: int
    bundle_rerun: int
    bundle_next_page_load: int
    messages_per_data_change: int


def clicked(page: Page, button: str, shown: str) -> float:
    """Click when nothing is running, and wait until `shown`; in milliseconds."""
    page.wait_for_function(_IDLE)
    page.evaluate(_STOPWATCH, shown)
    page.get_by_role("button", name=button).click(no_wait_after=True)
    return float(page.evaluate("() => window.measured"))


def measure_waits(bare: Page, desk: TakePayment, rounds: int) -> list[Waits]:
    """The two clicks turn by turn; the first round warms up and is not counted."""
    waits = [Waits("Bare rerun"), Waits("Pay")]
    for turn in range(rounds + 1):
        counted = f"document.body.innerText.includes('Counted {turn + 1}')"
        took = [clicked(bare, "Count", counted)]
        desk.page.wait_for_function(_IDLE)
        desk.fill_order()
        desk.fill_card()
        took.append(clicked(desk.page, "Pay ", _SUCCEEDED))
        desk.new_payment()
        if turn:
            for kind, milliseconds in zip(waits, took, strict=True):
                kind.milliseconds.append(milliseconds)
    return waits


def measure_traffic(browser: Browser, url: str) -> Traffic:
    """One browser with an empty cache: a payment, a rerun, a declined card, a reload."""
    with browser.new_context() as context:
        page = context.new_page()
        wire = Wire()
        wire.watch(context.new_cdp_session(page))
        screen = TakePayment(page, url).open()
        screen.fill_order()
        page.wait_for_function(_IDLE)
        first = wire.since_last()
        screen.pay("4000000000000002")
        screen.expect_status("Declined")
        page.wait_for_function(_IDLE)
        rerun = wire.since_last()
        page.reload()
        screen.card_number.wait_for()
        return Traffic(first.bundle, rerun.bundle, wire.since_last().bundle, rerun.messages)


def run(rounds: int) -> tuple[list[Waits], Traffic]:
    """Start everything, measure, and stop everything."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bare_server = stack.enter_context(servers.bare_streamlit(folder, _BARE_PAGE))
        stripe = stack.enter_context(servers.stripe_server(folder))
        desk = stack.enter_context(
            servers.app(
                folder,
                STRIPE_SECRET_KEY=SECRET_KEY,
                STRIPE_PUBLISHABLE_KEY=PUBLISHABLE_KEY,
                CARDPAY_STRIPE_API_BASE=stripe.url,
            )
        )
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(playwright.chromium.launch(**launch_arguments()))
        # A window each: a tab in the background is given less time.
        bare = browser.new_context().new_page()
        bare.goto(bare_server.url)
        screen = TakePayment(browser.new_context().new_page(), desk.url).open()
        return measure_waits(bare, screen, rounds), measure_traffic(browser, desk.url)


def report(waits: list[Waits], traffic: Traffic) -> bool:
    """Print what was found; whether all bounds are kept."""
    bare = waits[0]
    lines = [f"{'click to outcome, ms':<24}{'p50':>8}{'p95':>8}{'above bare p50':>16}"]
    lines += [
        f"{kind.name:<24}{kind.p50:>8.0f}{kind.p95:>8.0f}{kind.p50 - bare.p50:>16.0f}"
        for kind in waits
    ]
    lines += [
        f"{name.replace('_', ' '):<28}{size:>12,} B" for name, size in asdict(traffic).items()
    ]
    is_quick = all(
        kind.p50 - bare.p50 <= MOST_ADDED_MS and kind.p95 - bare.p95 <= MOST_ADDED_MS_P95
        for kind in waits
    )
    kept = is_quick and (
        traffic.bundle_first_load > 0
        and traffic.bundle_rerun == 0
        and traffic.bundle_next_page_load == 0
    )
    lines.append(
        f"at most {MOST_ADDED_MS:.0f} ms above (p95 {MOST_ADDED_MS_P95:.0f}), bundle sent once: "
        f"{'yes' if kept else 'NO'}"
    )
    found = {
        "milliseconds": {
            kind.name: {"p50": kind.p50, "p95": kind.p95, "count": len(kind.milliseconds)}
            for kind in waits
        },
        "bytes": asdict(traffic),
        "kept": kept,
    }
    printed.show(lines, found)
    return kept


def main() -> int:
    """0 when each bound is kept."""
    parser = argparse.ArgumentParser(description="Time from click to outcome, and bytes sent.")
    parser.add_argument("--rounds", type=int, default=50)
    return 0 if report(*run(parser.parse_args().rounds)) else 1


if __name__ == "__main__":
    sys.exit(main())
