"""A Stripe that serves the objects that a test gives it, by id and in lists, in this process.

For what the sandbox does not make: objects of a shop, of older versions, of tomorrow. The real SDK
asks, and parses what it answers.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cardpay.gateway.stripe_gateway import API_VERSION
from cardpay.sandbox.http.request_handler import Reply

Json = dict[str, Any]

ACCOUNT_ID = "acct_1given"
BEGUN_AT = 1_709_208_000  # 29 February 2024, noon
# Stripe's own example objects (github.com/stripe/openapi, MIT), of the kinds that the desk reads,
# without fields that it never looks at.
EXAMPLES: Mapping[str, Json] = json.loads(
    (Path(__file__).parent / "example_objects.json").read_text()
)
_LISTS = {
    "payment_intents": "payment_intent",
    "charges": "charge",
    "invoice_payments": "invoice_payment",
    "sessions": "checkout.session",
    "refunds": "refund",
    "disputes": "dispute",
    "balance_transactions": "balance_transaction",
    "payouts": "payout",
    "events": "event",
}


def example(kind: str, object_id: str, **changes: Any) -> Json:
    """One of Stripe's examples under an id of its own, made when a test begins, and changed."""
    made = deepcopy(EXAMPLES[kind]) | {"id": object_id, "created": BEGUN_AT}
    if kind == "payment_intent":
        made |= {"canceled_at": None, "last_payment_error": None, "next_action": None}
    return made | changes


@dataclass(frozen=True)
class Happening:
    """Something happens to an object, of which Stripe tells by an event of this type.

    `others` are objects that are there from then on, and `paid_out` the balance transactions that
    are known to be in the payout that this is about.
    """

    type: str
    object: Json
    others: Sequence[Json] = ()
    paid_out: Sequence[str] = ()


@dataclass
class GivenStripe:
    """What it holds, what it has told, and what it was asked: method and path."""

    objects: dict[str, Json] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    _in_payout: dict[str, Sequence[str]] = field(default_factory=dict)

    def hold(self, *objects: Json) -> None:
        """Serve these from now on, instead of what was served under their ids."""
        for one in objects:
            self.objects[one["id"]] = one

    def happen(self, happening: Happening) -> Json:
        """Let it happen; the event that tells it."""
        told = happening.object
        self.hold(*happening.others, told)
        if happening.paid_out:
            self._in_payout[told["id"]] = happening.paid_out
        number = len(self.events())
        event = {
            "id": f"evt_{number:04}",
            "object": "event",
            "api_version": API_VERSION,
            "created": BEGUN_AT + number,
            "data": {"object": told},
            "livemode": False,
            "pending_webhooks": 0,
            "request": None,
            "type": happening.type,
        }
        self.hold(event)
        return event

    def events(self) -> list[Json]:
        """All that it has told, oldest first."""
        return [one for one in self.objects.values() if one["object"] == "event"]

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer a request of the SDK's, whose address says all that matters."""
        del headers, body
        parts = urlsplit(target)
        self.asked.append((method, parts.path))
        asked = parse_qs(parts.query)
        names = parts.path.removeprefix("/v1/").split("/")
        if method != "GET":
            return _reply(400, {"error": {"type": "invalid_request_error", "code": "not_here"}})
        if names[0] in {"account", "accounts"}:
            return _reply(200, {"id": ACCOUNT_ID, "object": "account", "settings": {}})
        if names == ["checkout", "sessions"]:
            names = names[1:]
        if len(names) == 1:
            return _reply(200, self._page(_LISTS[names[0]], parts.path, asked))
        found = self.objects.get(names[1])
        if found is None:
            missing = {"type": "invalid_request_error", "code": "resource_missing"}
            return _reply(404, {"error": missing})
        return _reply(200, self._expanded(found, asked.get("expand[0]", [])))

    def _page(self, kind: str, path: str, asked: Mapping[str, list[str]]) -> Json:
        found = [one for one in self.objects.values() if one["object"] == kind]
        found = [one for one in found if all(one_of(one) for one_of in self._filters(asked))]
        found.sort(key=lambda one: int(one["created"]), reverse=True)
        if "starting_after" in asked:
            ids = [one["id"] for one in found]
            found = found[ids.index(asked["starting_after"][0]) + 1 :]
        limit = int(asked.get("limit", ["10"])[0])
        expand = [one.removeprefix("data.") for one in asked.get("expand[0]", [])]
        return {
            "object": "list",
            "url": path,
            "has_more": len(found) > limit,
            "data": [self._expanded(one, expand) for one in found[:limit]],
        }

    def _filters(self, asked: Mapping[str, list[str]]) -> list[Callable[[Json], bool]]:
        types = [value for name, values in asked.items() if "types" in name for value in values]
        first, last = (int(asked.get(f"created[{end}]", ["-1"])[0]) for end in ("gte", "lte"))
        source, payout = (asked.get(name, [""])[0] for name in ("source", "payout"))
        asked_of = ("payment_intent", "payment[payment_intent]")
        paid_by = next((asked[name][0] for name in asked_of if name in asked), "")
        in_payout = self._in_payout.get(payout, ())
        return [
            lambda one: not types or one["type"] in types,
            lambda one: first < 0 or first <= one["created"] <= last,
            lambda one: not source or one["source"] == source,
            lambda one: not paid_by or intent_of(one) == paid_by,
            lambda one: not payout or one["id"] in in_payout,
        ]

    def _expanded(self, found: Json, names: Sequence[str]) -> Json:
        held = {name: self.objects.get(str(found.get(name))) for name in names}
        return found | {name: one for name, one in held.items() if one is not None}


def intent_of(one: Json) -> str | None:
    """The PaymentIntent that an object names."""
    named: str | None = (one.get("payment") or one).get("payment_intent")
    return named


def _reply(status: int, body: Json) -> Reply:
    return Reply(status, {"Request-Id": "req_given"}, json.dumps(body).encode())
