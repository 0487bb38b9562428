"""Requests to a receiver as Stripe makes them."""

import json
import time
import urllib.error
import urllib.request
from typing import Any

from cardpay.sandbox.webhook_sender import signature
from tests.support.processes.servers import WEBHOOK_SECRET, Server
from tests.support.processes.waiting import PATIENCE_SECONDS


def post(server: Server, body: bytes, header: str | None = None) -> int:
    """The status of the answer to a body, signed rightly unless `header` says otherwise."""
    signed = signature(body, WEBHOOK_SECRET, int(time.time())) if header is None else header
    request = urllib.request.Request(
        f"{server.url}/webhooks/stripe",
        data=body,
        headers={"Content-Type": "application/json", "Stripe-Signature": signed},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def event(event_id: str, kind: str = "customer.created", **changes: Any) -> bytes:
    """An event's body."""
    made = {
        "id": event_id,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1_709_208_000,
        "data": {"object": {"id": "cus_1", "object": "customer", "email": "a@example.com"}},
        "livemode": False,
        "type": kind,
        **changes,
    }
    return json.dumps(made).encode()
