"""The stand-in as one object."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from starlette.types import ASGIApp

from cardpay.sandbox import scheduled_changes
from cardpay.sandbox.fault_injection import FaultInjector
from cardpay.sandbox.http import asgi_app
from cardpay.sandbox.http.control_api import ControlApi
from cardpay.sandbox.http.request_handler import RecordedRequest, Reply, RequestHandler
from cardpay.sandbox.state.account_state import State, new_id
from cardpay.sandbox.state.clock import Clock
from cardpay.sandbox.state.sqlite_store import Store
from cardpay.sandbox.webhook_sender import WebhookSender


class Sandbox:
    """A Stripe account in one SQLite file (`path`), or in memory. Safe to use from threads."""

    def __init__(self, path: Path | None = None, *, moto: bool = True) -> None:
        """Open the file. `moto`: whether the account may mark telephone orders."""
        self._store = Store(path)
        self.clock = Clock()
        self.faults = FaultInjector()
        with self._store.transaction():
            self.account_id = self._store.meta("account_id", new_id("acct_1", 15))
            self.secret_key = self._store.meta("secret_key", new_id("sk_test_51", 40))
            self.publishable_key = self._store.meta("publishable_key", new_id("pk_test_51", 40))
            self.webhook_secret = self._store.meta("webhook_secret", new_id("whsec_", 32))
        self._state = State(self._store, self.clock, self.account_id, moto)
        self._answering = RequestHandler(self._state, self.faults)
        self.webhooks = WebhookSender(self._state, self.faults)

    @property
    def moto(self) -> bool:
        """Whether the account may mark telephone orders."""
        return self._state.moto

    @moto.setter
    def moto(self, allowed: bool) -> None:
        self._state.moto = allowed

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one API request. `target` is the path with its query.

        Raises ConnectionDropped or TimeoutError where a fault says so.
        """
        return self._answering.answer(method, target, headers, body)

    def asgi(self, *, control: bool = False) -> ASGIApp:
        """The same over HTTP, with the browser script; mountable under a prefix.

        `control` adds `/_control/…`, for tests only: whoever reaches it rules the sandbox.
        """
        return asgi_app.make_app(self.handle, ControlApi(self).answer if control else None)

    @property
    def requests(self) -> list[RecordedRequest]:
        """The last API requests, oldest first."""
        return list(self._answering.requests)

    def clear_requests(self) -> None:
        """Forget the recorded requests."""
        self._answering.requests.clear()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Many requests in one transaction. Others wait until it ends."""
        with self._store.transaction():
            yield

    def run_due(self) -> None:
        """Let happen what the clock has made due."""
        with self._store.transaction():
            scheduled_changes.run_due(self._state)

    def reset(self) -> None:
        """As new, but for the account and its keys."""
        self._store.clear()
        self.faults.clear()
        self.clock.release()
        self.clear_requests()

    def close(self) -> None:
        """End the deliveries and let go of the file."""
        self.webhooks.stop()
        self._store.close()
