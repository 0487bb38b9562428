"""An answer about another object than was asked about says nothing of ours."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cardpay.gateway.errors import ObjectUnreadable, OutcomeUnknown
from cardpay.gateway.stripe_gateway import (
    NewCheckoutSession,
    NewPaymentIntent,
    NewRefund,
    StripeGateway,
)
from cardpay.sandbox.http.request_handler import Reply
from tests.support.desks.given_stripe import EXAMPLES, Json, example

AT = datetime(2026, 11, 1, tzinfo=UTC)
INTENT = example("payment_intent", "pi_1", amount=500, currency="gbp")
INTENT |= {"metadata": {"payment_id": "p1"}, "latest_charge": None}
REFUND = example("refund", "re_1", amount=500, currency="gbp", payment_intent="pi_1")
REFUND |= {"metadata": {"refund_id": "r1"}}
LINK = {
    "id": "cs_1",
    "object": "checkout.session",
    "status": "open",
    "livemode": False,
    "amount_total": 500,
    "currency": "gbp",
    "created": 1_760_000_000,
    "expires_at": 1_760_086_400,
    "client_reference_id": "p1",
    "payment_intent": "pi_1",
}
NEW = NewPaymentIntent(500, "gbp", "Order", {"payment_id": "p1"})
BACK = NewRefund("pi_1", 500, "duplicate", {"refund_id": "r1"})
LINKED = NewCheckoutSession("p1", "Ticket", 250, 2, "gbp", "Order", {}, AT, "https://x.example")


def _answering(answer: Json, status: int = 200) -> StripeGateway:
    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        del method, target, headers, body
        return Reply(status, {}, json.dumps(answer).encode())

    return StripeGateway("sk_test_given", send=send)


Ask = Callable[[StripeGateway], Any]
WRITES: Mapping[str, tuple[Json, Ask, list[Json]]] = {
    "create": (
        INTENT,
        lambda stripe: stripe.create_payment_intent(NEW, "key"),
        [{"amount": 501}, {"currency": "usd"}, {"metadata": {"payment_id": "p2"}}],
    ),
    "confirm": (
        INTENT,
        lambda stripe: stripe.confirm_payment_intent(
            "pi_1", "pm_1", moto=False, idempotency_key="key"
        ),
        [{"id": "pi_2"}, {"latest_charge": EXAMPLES["charge"] | {"payment_intent": "pi_2"}}],
    ),
    "cancel": (
        INTENT,
        lambda stripe: stripe.cancel_payment_intent("pi_1", "key"),
        [{"id": "pi_2"}],
    ),
    "capture": (
        INTENT,
        lambda stripe: stripe.capture_payment_intent("pi_1", 500, "key"),
        [{"id": "pi_2"}],
    ),
    "receipt": (
        INTENT,
        lambda stripe: stripe.email_receipt("pi_1", "a@example.com", "key"),
        [{"id": "pi_2"}],
    ),
    "refund": (
        REFUND,
        lambda stripe: stripe.create_refund(BACK, "key"),
        [
            *({"amount": 501}, {"payment_intent": "pi_2"}, {"payment_intent": None}),
            *({"metadata": {"refund_id": "r2"}}, {"metadata": {}}),
        ],
    ),
    "link": (
        LINK,
        lambda stripe: stripe.create_checkout_session(LINKED, "key"),
        [{"amount_total": 501}, {"currency": "usd"}, {"client_reference_id": "p2"}],
    ),
    "expire": (
        LINK,
        lambda stripe: stripe.expire_checkout_session("cs_1", "key"),
        [{"id": "cs_2"}],
    ),
}


@pytest.mark.parametrize("name", WRITES)
def test_what_a_write_did_is_unknown(name: str) -> None:
    """The same key asks again."""
    good, write, strange = WRITES[name]
    write(_answering(good))
    for one in strange:
        with pytest.raises(OutcomeUnknown) as unknown:
            write(_answering(good | one))
        assert unknown.value.replayable


@pytest.mark.parametrize(("status", "kind"), [(402, "card_error"), (400, "invalid_request_error")])
@pytest.mark.parametrize("name", ["confirm", "cancel", "capture", "receipt", "refund"])
def test_a_refusal_of_another(name: str, status: int, kind: str) -> None:
    """Nor does an error tell, whose PaymentIntent is another one."""
    error = {"type": kind, "code": "card_declined", "payment_intent": INTENT | {"id": "pi_2"}}
    with pytest.raises(OutcomeUnknown) as unknown:
        WRITES[name][1](_answering({"error": error}, status))
    assert unknown.value.replayable


READS: Mapping[str, Ask] = {
    "payment_intent": lambda stripe: stripe.retrieve_payment_intent("pi_1"),
    "charge": lambda stripe: stripe.retrieve_charge("ch_1"),
    "refund": lambda stripe: stripe.retrieve_refund("re_1"),
    "dispute": lambda stripe: stripe.retrieve_dispute("dp_1"),
    "payout": lambda stripe: stripe.retrieve_payout("po_1"),
    "balance_transaction": lambda stripe: stripe.retrieve_balance_transaction("txn_1"),
}
OTHERS: Mapping[str, tuple[Json, Ask]] = {
    "link": (LINK | {"id": "cs_2"}, lambda stripe: stripe.retrieve_checkout_session("cs_1")),
    "method": ({"id": "pm_2"}, lambda stripe: stripe.retrieve_payment_method("pm_1")),
    "event": (
        {
            "id": "evt_2",
            "type": "x",
            "created": 1_760_000_000,
            "livemode": False,
            "object": "event",
            "api_version": None,
            "data": {"object": {"id": "x"}},
        },
        lambda stripe: stripe.retrieve_event("evt_1"),
    ),
    "the link of a PaymentIntent": (
        {"object": "list", "data": [LINK | {"payment_intent": "pi_2"}], "has_more": False},
        lambda stripe: stripe.checkout_session_of("pi_1"),
    ),
    "the owner of a PaymentIntent": (
        {"object": "list", "data": [LINK | {"payment_intent": "pi_2"}], "has_more": False},
        lambda stripe: stripe.owner_of("pi_1"),
    ),
    "the refund of a PaymentIntent": (
        {"object": "list", "data": [REFUND | {"payment_intent": "pi_2"}], "has_more": False},
        lambda stripe: stripe.find_refund("pi_1", "r1"),
    ),
}


@pytest.mark.parametrize("kind", READS)
def test_a_read_of_another(kind: str) -> None:
    """It cannot be read."""
    with pytest.raises(ObjectUnreadable, match="another object"):
        READS[kind](_answering(EXAMPLES[kind] | {"id": EXAMPLES[kind]["id"] + "other"}))


@pytest.mark.parametrize("name", OTHERS)
def test_others_in_its_place(name: str) -> None:
    """Neither is what belongs to another."""
    answer, ask = OTHERS[name]
    with pytest.raises(ObjectUnreadable, match="another object"):
        ask(_answering(answer))
