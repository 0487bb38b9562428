"""What must not be kept or sent: looked for in everything that the browser suite left behind."""

import re

from playwright.sync_api import Page, WebSocket

from tests.support.processes.servers import FOLDERS, STRIPE_HOSTS, Server
from tests.support.screens.take_payment_screen import (
    CUSTOMER_EMAIL,
    CUSTOMER_NAME,
    TakePayment,
)
from tests.support.secrets.leftovers import LeftBehind
from tests.support.secrets.traffic import Traffic

_CLIENT_SECRET = re.compile(rb"pi_[A-Za-z0-9]+_secret_[A-Za-z0-9]+")
# How a page looks may be in there.
_STORED = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie, await indexedDB.databases(),
])"""


class Wire:
    """Everything that the desk's server sent to a page."""

    def __init__(self, page: Page, url: str) -> None:
        self.received: list[bytes] = []
        page.on("websocket", self._listen)
        page.on(
            "response",
            lambda response: (
                self.received.append(response.body())
                if response.url.startswith(f"{url}/_stcore") and response.ok
                else None
            ),
        )

    def _listen(self, socket: WebSocket) -> None:
        socket.on(
            "framereceived",
            lambda data: self.received.append(data if isinstance(data, bytes) else data.encode()),
        )

    def client_secrets(self) -> set[bytes]:
        """Those that came to the browser."""
        return {found for part in self.received for found in _CLIENT_SECRET.findall(part)}


def test_the_browser_gets_a_client_secret_only_for_an_action(page: Page, desk: Server) -> None:
    """A decline and a success go without; a challenge brings exactly its own.

    The browser's own storage gets nothing of the order.
    """
    wire = Wire(page, desk.url)
    screen = TakePayment(page, desk.url).open()
    reference = screen.fill_order()
    screen.pay("4000000000000002")
    screen.expect_status("Declined")
    screen.pay()
    screen.expect_status("Succeeded")
    assert wire.received, "nothing was recorded"
    assert wire.client_secrets() == set()
    stored = page.evaluate(_STORED)
    assert not [word for word in (CUSTOMER_NAME, CUSTOMER_EMAIL, reference) if word in stored]
    screen.new_payment()
    screen.fill_order()
    screen.pay("4000002500003155")
    screen.answer_challenge("Complete")
    screen.expect_status("Succeeded")
    assert len(wire.client_secrets()) == 1


def test_nothing_secret_was_kept_or_sent(
    page: Page, desk: Server, demo: Server, traffic: Traffic
) -> None:
    """Logs, databases, downloads and traffic, after whatever the suite did. It runs last.

    What has to travel is told in `LeftBehind`, case by case.
    """
    TakePayment(page, demo.url).open()
    left = LeftBehind(FOLDERS, traffic, STRIPE_HOSTS)
    for server in (desk, demo):
        assert server.log in left.logs
        assert server.folder / "desk.db" in left.databases
        assert '"level": "debug"' in server.log.read_text() or "[debug" in server.log.read_text()
    seen = {(piece.part, piece.to) for piece in traffic.pieces()}
    both = ("server", "browser")
    assert seen >= {(part, to) for part in ("headers", "body", "frame") for to in both}
    assert left.findings() == []
