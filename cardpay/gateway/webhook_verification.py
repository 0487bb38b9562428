"""Verifies the signature and age of a webhook request, and parses its event."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import stripe

from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.gateway import snapshot_parsing

# Against replay attacks (Stripe docs: "Receive Stripe events"). It is the SDK's default too.
TOLERANCE_SECONDS: Final = 300
# The characters that an event's id, type, API version and account id can have in our columns.
_TOKEN: Final = re.compile(r"[\w.:\-]{1,255}", re.ASCII)


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
        data = json.loads(body)
        event = snapshot_parsing.event(data)
        tokens = (event.event_id, event.type, event.api_version, event.account_id)
        if not isinstance(data["livemode"], bool) or not all(
            token is None or _TOKEN.fullmatch(token) for token in tokens
        ):
            raise MalformedEvent
        if not _TOKEN.fullmatch(event.object_id or ""):
            # Users of Stripe choose the ids of some objects, such as coupons. The desk applies
            # none of those, but must store the event, or Stripe would send it again for days.
            event = replace(event, object_id=None)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise MalformedEvent from None
    return event


def payment_intent_id(event: EventSnapshot) -> str | None:
    """The id of the PaymentIntent that the event's object is, or belongs to; None for neither."""
    if event.object.get("object") == "payment_intent":
        return event.object_id
    named = event.object.get("payment_intent")
    found: Any = named.get("id") if isinstance(named, Mapping) else named
    return found if isinstance(found, str) and _TOKEN.fullmatch(found) else None
