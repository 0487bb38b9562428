"""The signature and age of a webhook, and which of its fields are stored."""

import json
import time
from typing import Any

import pytest

from cardpay.gateway import event_allow_list, snapshot_parsing
from cardpay.gateway.text_sanitizer import sanitize_text
from cardpay.gateway.webhook_verification import (
    MalformedEvent,
    SignatureRefused,
    payment_intent_id,
    verified_event,
)
from cardpay.sandbox.webhook_sender import signature

SECRET = "whsec_of_this_endpoint"
NUMBER = "4242424242424242"
CUSTOMER = {"id": "cus_1", "object": "customer", "name": "Customer One"}
OURS = "3f2b8c1e-0d4a-4c7b-9e6f-5a1d2c3b4e5f"
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "requires_payment_method",
    "amount": 1000,
    "currency": "gbp",
    "livemode": False,
    "created": 1_709_208_000,
    "client_secret": "pi_1_secret_x",
    "receipt_email": "customer.one@example.com",
    "description": "For Customer One",
    "latest_charge": {"id": "ch_1", "billing_details": {"name": "Customer One"}},
    "last_payment_error": {
        "code": "card_declined",
        "message": "Dear Customer One",
        "payment_method": {
            "id": "pm_1",
            "type": "card",
            "billing_details": {"email": "customer.one@example.com"},
            "card": {"brand": "visa", "last4": "0002", "checks": {"cvc_check": "pass"}},
        },
    },
    "metadata": {
        "payment_id": OURS,
        "order_reference": "SO-1, card 4242 4242 4242 4242",
        "taken_by": "Customer One",
    },
}


def _body(**changes: Any) -> bytes:
    made = {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1_709_208_000,
        "data": {"object": INTENT},
        "livemode": False,
        "type": "payment_intent.created",
        **changes,
    }
    return json.dumps(made).encode()


def _signed(body: bytes, *, secret: str = SECRET, age_seconds: int = 0) -> str:
    return signature(body, secret, int(time.time()) - age_seconds)


def test_a_signed_event_is_parsed() -> None:
    """Its columns are set, and its repr does not show the object."""
    event = verified_event(_body(), _signed(_body()), SECRET)
    assert (event.event_id, event.type, event.object_id) == (
        "evt_1",
        "payment_intent.created",
        "pi_1",
    )
    assert payment_intent_id(event) == "pi_1"
    assert "secret" not in repr(event)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("nonsense", id="nonsense"),
        pytest.param(_signed(_body(), secret="whsec_other"), id="another secret"),
        pytest.param(_signed(_body() + b" "), id="another body"),
        pytest.param(_signed(_body(), age_seconds=301), id="too old"),
    ],
)
def test_an_invalid_signature_is_refused(header: str | None) -> None:
    """A signature that is too old is rejected too, because it may be a replay."""
    with pytest.raises(SignatureRefused):
        verified_event(_body(), header, SECRET)


def test_an_empty_secret_verifies_nothing() -> None:
    """An empty secret rejects even a body that is signed with it."""
    with pytest.raises(SignatureRefused):
        verified_event(_body(), _signed(_body(), secret=""), "")


def test_a_clock_may_be_five_minutes_off() -> None:
    """Stripe's own tolerance."""
    assert verified_event(_body(), _signed(_body(), age_seconds=290), SECRET).event_id == "evt_1"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(_body(data={}), id="no object"),
        pytest.param(_body(data={"object": "pi_1"}), id="an id for an object"),
        pytest.param(_body(livemode=None), id="no mode"),
        pytest.param(_body(created="yesterday"), id="no time"),
        pytest.param(_body(id="evt_\u0000"), id="what no column can hold"),
        pytest.param(_body(type="a" * 300), id="an endless type"),
    ],
)
def test_a_malformed_event_is_refused(body: bytes) -> None:
    """A signed body that is no event raises MalformedEvent."""
    with pytest.raises(MalformedEvent):
        verified_event(body, _signed(body), SECRET)


@pytest.mark.parametrize(
    "chosen", ["25% OFF", "SUMMER/24", "SUMMER24", NUMBER, "4242 4242 4242 4242", "\x00", ""]
)
def test_an_id_that_somebody_chose_is_left_out(chosen: str) -> None:
    """The event, of a coupon for example, is stored, or Stripe would send it again for days."""
    body = _body(type="coupon.created", data={"object": {"object": "coupon", "id": chosen}})
    event = verified_event(body, _signed(body), SECRET)
    assert (event.type, event.object_id) == ("coupon.created", None)


def test_characters_that_no_database_stores_are_removed() -> None:
    """PostgreSQL cannot store NUL, nor UTF-8 an unpaired surrogate."""
    written = {**INTENT, "metadata": {"order_reference": "SO\x00-\ud8001 "}}
    assert event_allow_list.allowed_fields(written)["metadata"] == {"order_reference": "SO-1 "}
    assert sanitize_text("SO\x00-\ud8001 ") == "SO-1 "


def test_only_fields_that_applying_needs_are_stored() -> None:
    """They parse like the whole object. Names, addresses, secrets and other metadata are not."""
    kept = event_allow_list.allowed_fields(INTENT)
    intent = snapshot_parsing.payment_intent(kept)
    assert intent.latest_charge_id == "ch_1"
    assert intent.metadata == {"payment_id": OURS, "order_reference": "SO-1, card •••• 4242"}
    assert intent.last_error is not None
    assert intent.last_error.method is not None
    assert intent.last_error.method.last4 == "0002"
    assert not any(word in json.dumps(kept) for word in ("Customer", "secret", "@", "checks"))


@pytest.mark.parametrize("text", ["&#52;", "%34%32", "O0lI", "cvc 123 ", "4242 "])
def test_a_text_beyond_stripes_limit_is_left_out_unread(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading 900 kB would hold up everybody; half a card number would look like none."""
    read: list[int] = []

    def sanitized(given: str) -> str:
        read.append(len(given))
        return sanitize_text(given)

    monkeypatch.setattr(event_allow_list, "sanitize_text", sanitized)
    long = text * (900_000 // len(text))
    error = {"code": long, "payment_method": {"type": long}}
    metadata = {"order_reference": "x" * 490 + NUMBER}
    written = {**INTENT, "status": long, "last_payment_error": error, "metadata": metadata}
    kept = event_allow_list.allowed_fields(written)
    assert max(read) <= 500
    assert "status" not in kept
    assert kept["metadata"] == {}
    assert kept["amount"] == INTENT["amount"]
    assert len(json.dumps(kept)) < 500


def test_an_id_of_ours_is_kept_only_if_it_is_one() -> None:
    """Metadata can be written by others."""
    theirs = {**INTENT, "metadata": {"payment_id": "4242424242424242"}}
    assert event_allow_list.allowed_fields(theirs)["metadata"] == {"payment_id": ""}


def test_an_object_that_is_never_applied_leaves_nothing() -> None:
    """Nothing of a Customer is stored."""
    assert (
        event_allow_list.allowed_fields(
            {"id": "cus_1", "object": "customer", "name": "Customer One"}
        )
        == {}
    )


ABSURD = {
    "nested 50,000 deep": _body().replace(b'"pi_1"', b"[" * 50_000 + b"]" * 50_000, 1),
    "nested objects": _body().replace(b'"pi_1"', b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 1),
    "10^400": _body().replace(b"1000", b"1" + b"0" * 400),
    "10^5000": _body().replace(b"1000", b"1" + b"0" * 5_000),
    "NaN": _body().replace(b"1000", b"NaN"),
    "Infinity": _body().replace(b"1000", b"Infinity"),
    "-Infinity": _body().replace(b"1000", b"-Infinity"),
    "1e999": _body().replace(b"1000", b"1e999"),
    "a time of 10^18": _body(created=10**17),
    "a time before all": _body(created=-(10**11)),
    "a time before Stripe": _body(created=86_400),
    "a time of other centuries": _body(created=9_000_000_000),
    "half a time": _body(created=1_709_208_000.5),
    "an id twice": _body().replace(b'"livemode"', b'"id": "evt_2", "livemode"', 1),
    "NUL in an id": _body(id="evt_\0"),
    "half a surrogate pair in a type": _body(type="payment_intent.\ud800"),
    "no object": _body(data={"object": [1]}),
    "no type": _body(type=None),
    "a number for a type": _body(type=7),
    "a card number for a type": _body(type=NUMBER),
    "a card number for a version": _body(api_version=NUMBER),
    "a list for a version": _body(api_version=[]),
    "a card number for an account": _body(account=NUMBER),
    "no id": _body(id=None),
    "an object for an id": _body(id={"id": "evt_1"}),
    "a card number for an id": _body(id=NUMBER),
    "a card number for an object's id": _body(data={"object": {**INTENT, "id": NUMBER}}),
    "no id of an object that is applied": _body(data={"object": {**INTENT, "id": None}}),
}


@pytest.mark.parametrize("kind", ABSURD)
def test_what_stripe_does_not_write_is_refused(kind: str) -> None:
    """Whoever signed it; without an error of another kind."""
    body = ABSURD[kind]
    with pytest.raises(MalformedEvent):
        verified_event(body, _signed(body), SECRET)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 12.5},
        {"amount": True},
        {"amount_received": 1.0},
        {"amount_received": "12"},
        {"amount_capturable": 10**30},
        {"created": 10**12},
        {"canceled_at": -1},
        {"livemode": "no"},
        {"currency": "g\0p"},
        {"status": {"a": 1}},
        {"payment_method": "pm_\0"},
        {"latest_charge": {"id": 7}},
        {"cancellation_reason": ["x"]},
        {"metadata": {"payment_id": 7}},
    ],
    ids=str,
)
def test_an_object_that_no_row_could_hold_is_unreadable(changes: dict[str, Any]) -> None:
    """It is asked for at Stripe, or set aside: the database never sees it."""
    with pytest.raises(snapshot_parsing.PARSING_ERRORS):
        snapshot_parsing.payment_intent(INTENT | changes)


def test_what_is_kept_of_an_event_can_be_stored_anywhere() -> None:
    """PostgreSQL's JSON has no NUL, and UTF-8 no half of a surrogate pair."""
    odd = {
        "id": "dp_1\0",
        "object": "dispute",
        "status": "lost\0\ud800",
        "reason": "fra\0ud",
        "charge": {"id": "ch_\udfff"},
        "balance_transactions": 7,
    }
    kept = event_allow_list.allowed_fields(odd)
    assert json.dumps(kept, ensure_ascii=False).encode()
    assert "\\u0000" not in json.dumps(kept)
    assert (kept["id"], kept["charge"], kept["balance_transactions"]) == (None, None, [])
