"""Webhooks: signed as at Stripe, retried, and subject to injected faults."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest
import stripe

from cardpay.sandbox import Reply, Sandbox
from cardpay.sandbox.webhook_sender import post
from tests.support.processes.waiting import PATIENCE_SECONDS
from tests.unit.sandbox.conftest import Ask

SECRET = "whsec_of_this_endpoint"
URL = "http://desk.example.com/webhooks/stripe"
PAYMENT = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


@dataclass
class Endpoint:
    """Receives events, verifies them with Stripe's SDK, and returns `status`."""

    status: int = 200
    received: list[str] = field(default_factory=list)

    def deliver(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """One delivery."""
        assert url == URL
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)
        self.received.append(json.loads(body)["type"])
        return self.status


@pytest.fixture
def endpoint(sandbox: Sandbox) -> Endpoint:
    """A registered endpoint."""
    made = Endpoint()
    sandbox.webhooks.add_endpoint(URL, SECRET, made.deliver)
    return made


def test_signed_and_in_order(
    sandbox: Sandbox, endpoint: Endpoint, pay: Callable[[], Reply]
) -> None:
    """Stripe's SDK accepts the signature. Each event is delivered once."""
    pay()

    assert sandbox.webhooks.drain() == 3
    assert endpoint.received == PAYMENT
    assert sandbox.webhooks.drain() == 0


def test_another_secret(sandbox: Sandbox, pay: Callable[[], Reply]) -> None:
    """An endpoint with another secret rejects the event, which counts as a failed delivery."""
    refused = Endpoint()
    sandbox.webhooks.add_endpoint(URL, "whsec_other", refused.deliver)
    pay()

    assert sandbox.webhooks.drain() == 3
    assert refused.received == []


def test_late_events_arrive(
    sandbox: Sandbox, endpoint: Endpoint, pay: Callable[[], Reply]
) -> None:
    """Events of scheduled changes are delivered without an API request."""
    pay()
    sandbox.webhooks.drain()
    sandbox.clock.advance(timedelta(seconds=5))

    sandbox.webhooks.drain()

    assert endpoint.received[len(PAYMENT) :] == ["charge.updated"]


@pytest.mark.parametrize("status", [500, 404, 302])
def test_tried_again(sandbox: Sandbox, endpoint: Endpoint, ask: Ask, status: int) -> None:
    """Anything but a 2xx is retried, at growing intervals of the sandbox's clock."""
    endpoint.status = status
    sandbox.clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    ask("POST", "/v1/payment_intents", amount=1000, currency="usd")
    tries = [sandbox.webhooks.drain(), sandbox.webhooks.drain()]
    for minutes in (4, 1, 29, 1):
        sandbox.clock.advance(timedelta(minutes=minutes))
        tries.append(sandbox.webhooks.drain())

    assert tries == [1, 0, 0, 1, 0, 1]


def test_given_up_after_three_days(
    sandbox: Sandbox, endpoint: Endpoint, pay: Callable[[], Reply]
) -> None:
    """An endpoint that fails for three days never gets the event."""
    endpoint.status = 500
    pay()
    for _ in range(4 * 24):
        sandbox.webhooks.drain()
        sandbox.clock.advance(timedelta(hours=1))
    endpoint.status = 200
    endpoint.received.clear()
    sandbox.clock.advance(timedelta(days=1))

    sandbox.webhooks.drain()

    assert endpoint.received == []


@pytest.mark.parametrize(
    ("kind", "at_once", "after_a_minute"),
    [
        ("lose", [PAYMENT[1], PAYMENT[2]], []),
        ("duplicate", [PAYMENT[0], *PAYMENT], []),
        ("reorder", [PAYMENT[1], PAYMENT[2], PAYMENT[0]], []),
        ("delay_webhook", [PAYMENT[1], PAYMENT[2]], [PAYMENT[0]]),
    ],
)
def test_faults(
    sandbox: Sandbox,
    endpoint: Endpoint,
    pay: Callable[[], Reply],
    kind: str,
    at_once: list[str],
    after_a_minute: list[str],
) -> None:
    """The fault applies to the first event only."""
    sandbox.faults.add(kind, path="payment_intent.created", seconds=60)
    pay()

    sandbox.webhooks.drain()
    first = list(endpoint.received)
    sandbox.clock.advance(timedelta(minutes=1))
    sandbox.webhooks.drain()

    assert first == at_once
    assert [kind for kind in endpoint.received[len(first) :] if kind != "charge.updated"] == (
        after_a_minute
    )


def test_only_from_now_on(sandbox: Sandbox, pay: Callable[[], Reply]) -> None:
    """An endpoint gets no events from before it was added."""
    pay()
    late = Endpoint()
    sandbox.webhooks.add_endpoint(URL, SECRET, late.deliver)

    assert sandbox.webhooks.drain() == 0


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_over_http(status: int) -> None:
    """The body arrives as it was signed. A redirect is not followed."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        answered = post(
            f"http://127.0.0.1:{server.server_port}/", {"Stripe-Signature": "t=1"}, b"{}"
        )
        server.shutdown()

    assert (answered, bodies) == (status, [b"{}"])


def test_from_the_background(sandbox: Sandbox, pay: Callable[[], Reply]) -> None:
    """The background thread delivers until it is stopped."""
    arrived = Event()

    def deliver(*_: object) -> int:
        arrived.set()
        return 200

    sandbox.webhooks.add_endpoint(URL, SECRET, deliver)
    sandbox.webhooks.start(every_seconds=0.01)
    pay()

    assert arrived.wait(PATIENCE_SECONDS)
    sandbox.webhooks.stop()
