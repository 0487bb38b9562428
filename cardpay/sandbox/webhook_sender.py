"""Sends events to webhook endpoints: signed, retried for three days, in no guaranteed order.

Stripe docs: "Receive Stripe events in your webhook endpoint", "Event delivery behaviors".
"""

import hashlib
import hmac
import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import TypeAlias

from cardpay.sandbox import scheduled_changes
from cardpay.sandbox.fault_injection import FaultInjector
from cardpay.sandbox.state.account_state import State, public

_log = logging.getLogger(__name__)

Deliver: TypeAlias = Callable[[str, Mapping[str, str], bytes], int]

_MINUTE = 60
_HOUR = 3600
# The wait after each failed try; the last one repeats.
BACKOFF_SECONDS = (5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 12 * _HOUR)
GIVE_UP_AFTER_SECONDS = 3 * 24 * _HOUR
_TIMEOUT_SECONDS = 10.0
_SIGNATURE = "Stripe-Signature"


@dataclass(frozen=True)
class _Endpoint:
    secret: str
    deliver: Deliver


@dataclass(frozen=True)
class _Delivery:
    seq: int
    event_id: str
    url: str
    tries: int
    first_at: int


class WebhookSender:
    """Sends the queued deliveries. The queue survives a restart, but the endpoints do not."""

    def __init__(self, state: State, faults: FaultInjector) -> None:
        self._state = state
        self._faults = faults
        self._endpoints: dict[str, _Endpoint] = {}
        self._delivering = Lock()
        self._stopped = Event()
        self._thread: Thread | None = None

    def add_endpoint(self, url: str, secret: str, deliver: Deliver | None = None) -> None:
        """Send every later event to `url`, by `deliver` or over HTTP.

        `deliver` takes URL, headers and body, and returns the HTTP status.
        """
        self._endpoints[url] = _Endpoint(secret, deliver or post)
        if url not in self._state.endpoints:
            self._state.endpoints.append(url)

    def drain(self) -> int:
        """Deliver until nothing more is due. Returns the number of tries."""
        tries = 0
        while made := self.deliver_due():
            tries += made
        return tries

    def deliver_due(self) -> int:
        """Deliver once what is due on the sandbox's clock. Returns the number of tries."""
        with self._delivering:
            with self._state.store.transaction():
                scheduled_changes.run_due(self._state)
                due = self._due()
            held_back: list[_Delivery] = []
            tries = 0
            for delivery in due:
                times = self._times_to_send(delivery, held_back)
                tries += times
                for _ in range(times):
                    self._try(delivery)
            for delivery in held_back:
                self._try(delivery)
            return tries + len(held_back)

    def start(self, every_seconds: float = 0.5) -> None:
        """Deliver in a background thread until `stop` is called."""
        self._stopped.clear()
        self._thread = Thread(
            target=self._run, args=(every_seconds,), name="sandbox-webhooks", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the background thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self, every_seconds: float) -> None:
        while not self._stopped.wait(every_seconds):
            self.drain()

    def _due(self) -> list[_Delivery]:
        rows = self._state.store.run(
            "SELECT seq, event_id, url, tries, first_at FROM delivery"
            " WHERE due_at <= ? ORDER BY due_at, seq",
            (self._state.clock.seconds(),),
        )
        return [_Delivery(*row) for row in rows if row[2] in self._endpoints]

    def _times_to_send(self, delivery: _Delivery, held_back: list[_Delivery]) -> int:
        """How many times to send it now: once, unless there is a fault for it."""
        event = self._state.store.find("event", delivery.event_id)
        fault = self._faults.take_webhook(event["type"]) if event else None
        if fault is None:
            return 1
        if fault.kind == "duplicate":
            return 2
        if fault.kind == "reorder":
            held_back.append(delivery)
        elif fault.kind == "lose":
            self._remove(delivery)
        else:
            self._postpone(delivery, int(fault.seconds), delivery.tries)
        return 0

    def _try(self, delivery: _Delivery) -> None:
        event = self._state.store.find("event", delivery.event_id)
        if event is None:
            self._remove(delivery)
            return
        endpoint = self._endpoints[delivery.url]
        body = json.dumps(public(event), indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            _SIGNATURE: signature(body, endpoint.secret, int(time.time())),
        }
        try:
            status = endpoint.deliver(delivery.url, headers, body)
        except Exception:  # noqa: BLE001 - any error is a failed delivery
            _log.warning("delivery of %s to %s failed", delivery.event_id, delivery.url)
            status = 0
        age_seconds = self._state.clock.seconds() - delivery.first_at
        delivered = 200 <= status < 300
        if delivered:
            self._count_delivered(delivery)
        if delivered or age_seconds >= GIVE_UP_AFTER_SECONDS:
            self._remove(delivery)
        else:
            wait = BACKOFF_SECONDS[min(delivery.tries, len(BACKOFF_SECONDS) - 1)]
            self._postpone(delivery, wait, delivery.tries + 1)

    def _count_delivered(self, delivery: _Delivery) -> None:
        """A webhook less is pending. One that was sent twice is counted once."""
        with self._state.store.transaction():
            queued = self._state.store.run("SELECT 1 FROM delivery WHERE seq = ?", (delivery.seq,))
            event = self._state.store.find("event", delivery.event_id)
            if queued and event is not None:
                event["pending_webhooks"] -= 1
                self._state.store.save(event)

    def _remove(self, delivery: _Delivery) -> None:
        self._state.store.run("DELETE FROM delivery WHERE seq = ?", (delivery.seq,))

    def _postpone(self, delivery: _Delivery, seconds: int, tries: int) -> None:
        self._state.store.run(
            "UPDATE delivery SET due_at = ?, tries = ? WHERE seq = ?",
            (self._state.clock.seconds() + seconds, tries, delivery.seq),
        )


def signature(body: bytes, secret: str, at: int) -> str:
    """The `Stripe-Signature` header.

    `at` is the real time in Unix seconds, even if the sandbox's clock was changed, because
    receivers compare it with their own clock.
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={digest.hexdigest()}"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Stripe does not follow redirects: one is a failed delivery."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


_opener = urllib.request.build_opener(_NoRedirects)


def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Deliver over HTTP. Returns the status. Raises OSError if there is no response."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
    try:
        with _opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
