"""Requests to the simulated Stripe as it was, without its SDK: thousands are made in a demo."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from cardpay.sandbox.http.request_handler import Reply
from cardpay.sandbox.stripe_test_cards import BY_NAME

Json = dict[str, Any]
_DECLINED: Final = 402


class Answers(Protocol):
    """A sandbox, or its past."""

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The response to one API request."""


def post(stripe: Answers, key: str, path: str, fields: Mapping[str, str]) -> Json:
    """What Stripe answers; of a declined card, the PaymentIntent. RuntimeError if it refuses."""
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    reply = stripe.handle("POST", path, headers, urlencode(fields).encode())
    body: Json = json.loads(reply.body)
    if reply.status == _DECLINED and "payment_intent" in body["error"]:
        declined: Json = body["error"]["payment_intent"]
        return declined
    if reply.status >= 400:
        raise RuntimeError(f"the sandbox refused {path}: {body}")
    return body


def card_fields(card: str, name: str, expiry: tuple[int, int], postal_code: str) -> dict[str, str]:
    """The fields of a PaymentMethod with one of the test cards. `expiry` is month and year."""
    number = BY_NAME[card].number
    return {
        "type": "card",
        "card[number]": number,
        "card[exp_month]": str(expiry[0]),
        "card[exp_year]": str(expiry[1]),
        "card[cvc]": "1234" if BY_NAME[card].brand == "amex" else "123",
        "billing_details[name]": name,
        "billing_details[address][postal_code]": postal_code,
    }


def created_at(thing: Json) -> datetime:
    """When Stripe created an object."""
    return datetime.fromtimestamp(thing["created"], UTC)
