"""Answers of Stripe's to a write or a read that are not what they should be."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cardpay.domain.errors import MoneyMoved
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.errors import (
    CardDeclined,
    ObjectUnreadable,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    SetupProblem,
    StripeUnavailable,
)
from cardpay.gateway.pagination import PAYMENT_INTENTS, ListQuery
from cardpay.gateway.snapshot_parsing import WrongForm
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.gateway.text_sanitizer import sanitize_text
from cardpay.sandbox.fault_injection import ConnectionDropped
from cardpay.sandbox.http.request_handler import Reply
from tests.support.desks.given_stripe import EXAMPLES

INTENT = EXAMPLES["payment_intent"]


def _answering(status: int, answer: bytes | dict[str, Any], **headers_of_it: str) -> StripeGateway:
    answered = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    told = {"Request-Id": "req_1"} | {
        name.replace("_", "-"): value for name, value in headers_of_it.items()
    }

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        del method, target, headers, body
        return Reply(status, told, answered)

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


@pytest.mark.parametrize("rate", [0, -1.5, 1e308, 5e-324])
def test_a_rate_that_is_no_currency_s_is_not_read(rate: float) -> None:
    """No column of a file would hold it."""
    with pytest.raises(WrongForm):
        snapshot_parsing.balance_transaction(
            EXAMPLES["balance_transaction"] | {"exchange_rate": rate}
        )


ON_THE_WAY = [
    (408, b"<html>Request Time-out</html>"),
    (400, b""),
    (402, b"<html>"),
    (403, b"<html>Forbidden</html>"),
    (413, b"{}"),
    (451, b'{"message": "no"}'),
    (499, b"null"),
    (422, b'{"error": "x"}'),
]


@pytest.mark.parametrize(("status", "answer"), ON_THE_WAY)
def test_what_is_on_the_way_refuses_nothing(status: int, answer: bytes) -> None:
    """A proxy does not know what Stripe has done: a refund told as refused would be made again."""
    stripe = _answering(status, answer)
    with pytest.raises(OutcomeUnknown) as unknown:
        stripe.cancel_payment_intent("pi_1", "key")
    assert unknown.value.replayable
    with pytest.raises((StripeUnavailable, ObjectUnreadable)):
        stripe.retrieve_payment_intent("pi_1")


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("first", ["no answer", "an error"])
def test_a_key_that_is_refused_at_the_second_try(status: int, first: str) -> None:
    """The first may have been carried out: Stripe looks at the key of idempotency after it."""
    refusal = {"error": {"type": "invalid_request_error", "message": "Expired"}}
    sent: list[str] = []

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        del method, headers, body
        sent.append(target)
        if len(sent) > 1:
            return Reply(status, {"Request-Id": "req_1"}, json.dumps(refusal).encode())
        if first == "no answer":
            raise ConnectionDropped
        return Reply(503, {"Request-Id": "req_1"}, b"{}")

    stripe = StripeGateway("sk_test_given", send=send)
    with pytest.raises(OutcomeUnknown) as unknown:
        stripe.cancel_payment_intent("pi_1", "key")
    assert len(sent) == 2
    assert unknown.value.replayable
    with pytest.raises(SetupProblem):  # the next call is one of its own
        stripe.cancel_payment_intent("pi_1", "key")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"data": [INTENT], "has_more": True}, id="the same again and again"),
        pytest.param({"data": [], "has_more": True}, id="nothing, and more of it"),
    ],
)
def test_a_list_without_an_end_is_not_followed(answer: dict[str, Any]) -> None:
    """Neither by whoever looks for one object, nor page by page."""
    answer = {"object": "list", "url": "/v1/payment_intents", **answer}
    stripe = _answering(200, answer)
    day = datetime(2026, 11, 30, tzinfo=UTC)
    asks: tuple[Callable[[], object], ...] = (
        lambda: [*stripe.list_payment_intents(day, day)],
        lambda: [*stripe.list_checkout_sessions(day, day)],
        lambda: stripe.list_balance_transactions_of("tr_1"),
        lambda: stripe.find_refund("pi_1", "none"),
        lambda: stripe.list_page(PAYMENT_INTENTS, ListQuery(day, day, after=INTENT["id"])),
    )
    for ask in asks:
        with pytest.raises(ObjectUnreadable):
            ask()


def test_more_is_more_only_if_stripe_says_so() -> None:
    """A text, whatever it says, is no answer to that."""
    day = datetime(2026, 11, 30, tzinfo=UTC)
    stripe = _answering(200, {"data": [INTENT], "has_more": "false"})
    assert not stripe.list_page(PAYMENT_INTENTS, ListQuery(day, day)).has_more


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("nan", None), ("inf", 60.0), ("86400", 60.0), ("-1", None), ("soon", None)],
)
def test_nobody_waits_for_longer_than_a_minute(header: str, seconds: float | None) -> None:
    """Threads that wait cannot be stopped."""
    stripe = _answering(429, {"error": {"type": "invalid_request_error"}}, Retry_After=header)
    with pytest.raises(RateLimited) as limited:
        stripe.retrieve_payment_intent("pi_1")
    assert limited.value.retry_after_seconds == seconds


def test_a_page_of_nothing_is_no_page() -> None:
    """As an answer without content, from something on the way."""
    day = datetime(2026, 11, 30, tzinfo=UTC)
    with pytest.raises(StripeUnavailable):
        _answering(204, b"{}").list_page(PAYMENT_INTENTS, ListQuery(day, day))


def test_a_text_as_long_as_a_book_is_not_read() -> None:
    """It would be looked through for card numbers, for seconds."""
    assert sanitize_text("a " * 2_500) == "a " * 250
    assert sanitize_text("a " * 2_501) == ""


def test_a_message_as_long_as_a_book_is_not_read() -> None:
    """It would be looked through for card numbers, and be shown."""
    stripe = _answering(400, {"error": {"type": "x", "message": "4 " * 500_000}})
    with pytest.raises(RequestRefused) as refused:
        stripe.retrieve_payment_intent("pi_1")
    assert refused.value.message == "no reason given"
