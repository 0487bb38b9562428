"""Answers of Stripe's to a write or a read that are not what they should be."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cardpay.domain.errors import MoneyMoved
from cardpay.gateway.errors import (
    CardDeclined,
    OutcomeUnknown,
    RequestRefused,
    StripeUnavailable,
)
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.sandbox.http.request_handler import Reply
from tests.support.desks.given_stripe import EXAMPLES

INTENT = EXAMPLES["payment_intent"]


def _answering(status: int, answer: bytes | dict[str, Any]) -> StripeGateway:
    answered = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        del method, target, headers, body
        return Reply(status, {"Request-Id": "req_1"}, answered)

    return StripeGateway("sk_test_given", send=send)


@pytest.mark.parametrize(
    "answer",
    [b"<html>", b'{"id": "pi_1', b"[" * 100_000, INTENT | {"status": 7}, INTENT | {"id": ""}],
)
def test_a_write_may_have_run(answer: bytes | dict[str, Any]) -> None:
    """A success whose words were lost on the way is no refusal: the same key asks again."""
    with pytest.raises(OutcomeUnknown, match="can't be read") as unknown:
        _answering(200, answer).cancel_payment_intent("pi_1", "key")
    assert unknown.value.replayable
    assert unknown.value.money is MoneyMoved.UNKNOWN


@pytest.mark.parametrize("answer", [b"<html>", b'{"id": "pi_1', b"[" * 100_000])
def test_a_read_can_be_repeated(answer: bytes) -> None:
    """It is no refusal either."""
    with pytest.raises(StripeUnavailable, match="can't be read"):
        _answering(200, answer).retrieve_payment_intent("pi_1")


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"type": "card_error", "code": ["x"]},
        {"type": "card_error", "payment_intent": INTENT | {"id": "4242424242424242"}},
        {"type": "card_error", "payment_intent": "pi_1"},
        {"type": "card_error", "payment_method": {"id": "pm_1", "type": "card", "card": 7}},
    ],
    ids=["none", "a list for a code", "a number for an id", "an id alone", "an odd method"],
)
def test_a_decline_without_readable_details(details: dict[str, Any]) -> None:
    """It is a decline all the same."""
    with pytest.raises(CardDeclined) as declined:
        _answering(402, {"error": details}).cancel_payment_intent("pi_1", "key")
    assert declined.value.payment_intent is None


@pytest.mark.parametrize(
    "details",
    [{"message": {"a": 1}, "code": [1], "param": 7}, {"payment_intent": {"id": "pi_1"}}],
    ids=["odd texts", "an odd payment"],
)
def test_a_refusal_without_readable_details(details: dict[str, Any]) -> None:
    """It is a refusal all the same, of a write and of a read."""
    stripe = _answering(400, {"error": {"type": "invalid_request_error", **details}})
    asks: tuple[Callable[[], object], ...] = (
        lambda: stripe.cancel_payment_intent("pi_1", "key"),
        lambda: stripe.retrieve_payment_intent("pi_1"),
    )
    for ask in asks:
        with pytest.raises(RequestRefused) as refused:
            ask()
        told = refused.value
        assert (told.message, told.code, told.param) == ("no reason given", None, None)
        assert told.payment_intent is None
