"""Events as Stripe sends them: who sent this, is it fresh, and what does it say."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import stripe

from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.gateway import parsing

# Stripe docs: "Receive Stripe events", replay attacks; the SDK's own default.
TOLERANCE_SECONDS: Final = 300
# What the columns of an event may hold: ids, type and version are plain words.
_WORD: Final = re.compile(r"[\w.:\-]{1,255}", re.ASCII)


class SignatureRefused(CardpayError):
    """Not signed with our secret, or too long ago."""

    def __init__(self) -> None:
        super().__init__("The signature does not fit the body, or is too old.")


class MalformedEvent(CardpayError):
    """Signed by Stripe, but not an event that this version can read."""

    def __init__(self) -> None:
        super().__init__("This is not an event with an object in it.")


def read_event(body: bytes, signature: str | None, secret: str) -> EventSnapshot:
    """The event in a request's raw body; SignatureRefused, MalformedEvent.

    `signature` is the header `Stripe-Signature`. The SDK's own reading of events is not used:
    it builds objects of which nearly all fields are thrown away again.
    """
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        raise SignatureRefused from None
    try:
        data = json.loads(body)
        event = parsing.event(data)
        words = (event.event_id, event.type, event.api_version, event.account_id)
        if not isinstance(data["livemode"], bool) or not all(
            word is None or _WORD.fullmatch(word) for word in words
        ):
            raise MalformedEvent
        if not _WORD.fullmatch(event.object_id or ""):
            # People choose the ids of some objects, a coupon's for one: none that the desk takes.
            event = replace(event, object_id=None)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise MalformedEvent from None
    return event


def payment_intent_id(event: EventSnapshot) -> str | None:
    """The PaymentIntent that the event's object is, or belongs to."""
    if event.object.get("object") == "payment_intent":
        return event.object_id
    named = event.object.get("payment_intent")
    found: Any = named.get("id") if isinstance(named, Mapping) else named
    return found if isinstance(found, str) and _WORD.fullmatch(found) else None
