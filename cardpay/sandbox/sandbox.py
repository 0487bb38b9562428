"""The simulated Stripe account as one object."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cardpay.sandbox import scheduled_changes
from cardpay.sandbox.fault_injection import FaultInjector
from cardpay.sandbox.http.request_handler import RecordedRequest, Reply, RequestHandler
from cardpay.sandbox.outside_changes import OutsideChanges
from cardpay.sandbox.pages import hosted_pages
from cardpay.sandbox.pages.hosted_pages import PAID_PAGE
from cardpay.sandbox.pages.page_layout import Page
from cardpay.sandbox.past import Past
from cardpay.sandbox.state.account_state import State, new_id
from cardpay.sandbox.state.clock import Clock
from cardpay.sandbox.state.home_country import IRELAND, HomeCountry
from cardpay.sandbox.state.sqlite_store import Store
from cardpay.sandbox.webhook_sender import WebhookSender


class Sandbox:
    """A Stripe account in a SQLite file, or in memory. Thread-safe."""

    def __init__(
        self, path: Path | None = None, *, moto: bool = True, home: HomeCountry = IRELAND
    ) -> None:
        """Open the file at `path`. `moto` enables telephone orders for the account."""
        self._store = Store(path)
        self.clock = Clock()
        self.faults = FaultInjector()
        with self._store.transaction():
            self.account_id = self._store.meta("account_id", new_id("acct_1", 15))
            self.secret_key = self._store.meta("secret_key", new_id("sk_test_51", 40))
            self.publishable_key = self._store.meta("publishable_key", new_id("pk_test_51", 40))
            self.webhook_secret = self._store.meta("webhook_secret", new_id("whsec_", 32))
        self._state = State(self._store, self.clock, self.account_id, moto, home=home)
        self._handler = RequestHandler(self._state, self.faults)
        self.outside = OutsideChanges(self._state)
        self.webhooks = WebhookSender(self._state, self.faults)

    @property
    def moto(self) -> bool:
        """Whether telephone orders are enabled for the account."""
        return self._state.moto

    @moto.setter
    def moto(self, allowed: bool) -> None:
        self._state.moto = allowed

    @property
    def declines_all(self) -> bool:
        """Whether every card is declined."""
        return self._state.declines_all

    @declines_all.setter
    def declines_all(self, declines: bool) -> None:
        self._state.declines_all = declines

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The response to one API request. `target` is the path with its query.

        Raises ConnectionDropped or TimeoutError if a fault says so.
        """
        return self._handler.handle(method, target, headers, body)

    def page(self, method: str, path: str, sent: Mapping[str, str]) -> Page:
        """One of the pages that Stripe hosts. `sent` are the fields of its form or query."""
        return hosted_pages.respond(self._state, method, path, sent)

    def reached_at(self, url: str) -> None:
        """Remember where browsers find the hosted pages: the address without a path."""
        self._state.public_url = url

    def paid_page(self) -> str:
        """The address of a page that thanks a customer, for a company that has none of its own."""
        return f"{self._state.public_url}{PAID_PAGE}"

    def restrict_key(self, key: str, permissions: Collection[str] | None) -> None:
        """Let a restricted key do only this (`rak_charge_read`, …), or with None everything.

        A permission to write allows reading too.
        """
        if permissions is None:
            self._state.permissions.pop(key, None)
        else:
            self._state.permissions[key] = frozenset(permissions)

    @property
    def requests(self) -> list[RecordedRequest]:
        """The last 1,000 API requests, oldest first."""
        return list(self._handler.requests)

    def clear_requests(self) -> None:
        """Delete the recorded requests."""
        self._handler.requests.clear()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Run many requests in one transaction. Other threads wait until it ends."""
        with self._store.transaction():
            yield

    def past(self) -> Past:
        """The account on a clock of its own, to make what happened before."""
        return Past(self._state)

    def recent_past(self) -> Past:
        """The last minutes: what happens is scheduled and sent as by the account itself."""
        return Past(self._state, recent=True)

    def run_due(self) -> None:
        """Make the scheduled changes that are due on the clock."""
        with self._store.transaction():
            scheduled_changes.run_due(self._state)

    def reset(self) -> None:
        """Delete everything except the account, its keys and its webhook endpoints."""
        self._store.clear()
        self.faults.clear()
        self.declines_all = False
        self.outside.reset()
        self.clock.release()
        self.clear_requests()

    def close(self) -> None:
        """Stop the deliveries and close the file."""
        self.webhooks.stop()
        self._store.close()
