"""A sandbox whose every answer and every webhook is held against the schema, whoever asks."""

import base64
import json
from collections.abc import Mapping
from threading import Lock
from typing import Any

from cardpay.sandbox import Reply, Sandbox
from tests.contract.schema import stripe_schema

_URL = "https://contract.example/webhooks"
_WITHOUT_CHARGES = "2022-11-15"  # from then on PaymentIntents are as the schema has them
_OWN = "/v1/sandbox/"  # the sandbox's own endpoints, for its browser script


class CheckedSandbox(Sandbox):
    """It counts what it looked at, and keeps what was wrong until `take_violations`."""

    def __init__(self) -> None:
        super().__init__()
        self.answers_checked = 0
        self.webhooks_checked = 0
        self._violations: list[str] = []
        self._checking = Lock()
        self.webhooks.add_endpoint(_URL, self.webhook_secret, self._receive)

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The answer of the sandbox, checked."""
        reply = super().handle(method, target, headers, body)
        path = target.partition("?")[0]
        if not path.startswith(_OWN):
            self._check(f"{method} {path}", reply, partial=_is_publishable(headers))
        return reply

    def take_violations(self) -> list[str]:
        """What was wrong since the last call. Webhooks that are due are sent first."""
        self.webhooks.drain()
        with self._checking:
            taken, self._violations = self._violations, []
        return taken

    def _check(self, request: str, reply: Reply, *, partial: bool) -> None:
        content = json.loads(reply.body)
        if reply.headers["Stripe-Version"] < _WITHOUT_CHARGES:
            _drop_charges(content)
        wrong = (
            stripe_schema.of_response(content, partial=partial)
            if reply.status == 200
            else stripe_schema.of_error(content)
        )
        with self._checking:
            self.answers_checked += 1
            self._violations += [f"{request} {reply.status}: {one}" for one in wrong]

    def _receive(self, _url: str, _headers: Mapping[str, str], body: bytes) -> int:
        event: dict[str, Any] = json.loads(body)
        wrong = stripe_schema.of_event(event)
        with self._checking:
            self.webhooks_checked += 1
            self._violations += [f"webhook {event['type']}: {one}" for one in wrong]
        return 200


def _drop_charges(content: Any) -> None:
    """Take away from every PaymentIntent what it had in older versions only."""
    if isinstance(content, dict):
        if content.get("object") == "payment_intent":
            content.pop("charges", None)
        content = list(content.values())
    if isinstance(content, list):
        for one in content:
            _drop_charges(one)


def _is_publishable(headers: Mapping[str, str]) -> bool:
    """Whether the request has a publishable key. With it, the answer has fewer fields."""
    named = {name.lower(): value for name, value in headers.items()}
    scheme, _, given = named.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        given = base64.b64decode(f"{given}==").decode(errors="replace")
    return given.strip().startswith("pk_")
