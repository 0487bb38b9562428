"""Verifies the signature and age of a webhook request, and parses its event."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

import stripe

from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.stripe_ids import is_stripe_id

# Against replay attacks (Stripe docs: "Receive Stripe events"). It is the SDK's default too.
TOLERANCE_SECONDS: Final = 300
_MOST_DIGITS: Final = 18  # of a number, so that it fits into 64 bits


class SignatureRefused(CardpayError):
    """The request was not signed with our secret, or was signed too long ago."""

    def __init__(self) -> None:
        super().__init__("The signature doesn't match the body, or is too old.")


class MalformedEvent(CardpayError):
    """The request was signed by Stripe, but has no event that can be stored."""

    def __init__(self) -> None:
        super().__init__("The body is not a Stripe event.")


def verified_event(body: bytes, signature: str | None, secret: str) -> EventSnapshot:
    """The event in a request's raw body. `signature` is the header `Stripe-Signature`.

    Raises SignatureRefused or MalformedEvent. The SDK's own event parser is not used, because it
    builds objects of which nearly every field is dropped again.
    """
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
        raise SignatureRefused from None  # TypeError: the header is not all ASCII (`hmac`)
    try:
        return snapshot_parsing.event(_read(body))
    except (*snapshot_parsing.PARSING_ERRORS, RecursionError):
        raise MalformedEvent from None


def _read(body: bytes) -> Any:
    """The JSON of the body. ValueError for what Stripe does not write, and rows could not hold."""
    return json.loads(
        body,
        parse_int=_integer,
        parse_float=_fraction,
        parse_constant=_refuse,
        object_pairs_hook=_without_doubles,
    )


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise ValueError
    return value


def _refuse(_name: str) -> None:
    """NaN and Infinity, which JSON does not have."""
    raise ValueError


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which each name stands for one thing, whoever reads it."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def payment_intent_id(event: EventSnapshot) -> str | None:
    """The id of the PaymentIntent that the event's object is, or belongs to; None for neither."""
    if event.object.get("object") == "payment_intent":
        return event.object_id
    named = event.object.get("payment_intent")
    found: Any = named.get("id") if isinstance(named, Mapping) else named
    return found if is_stripe_id(found) else None
