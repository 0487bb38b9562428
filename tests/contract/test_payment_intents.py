"""PaymentIntents: create, retrieve, update, capture, cancel."""

from typing import Any

import pytest
import stripe

from tests.contract.api import Api, fields


def test_create_charges_nothing(api: Api) -> None:
    """A new PaymentIntent has no payment method."""
    made = api.intent(metadata={"payment_id": "p1"}, description="An order")

    assert made.status == "requires_payment_method"
    assert (made.amount, made.currency, made.amount_received) == (1000, "usd", 0)
    assert made.latest_charge is None
    assert made.payment_method_types == ["card"]
    assert made.metadata.to_dict() == {"payment_id": "p1"}
    assert made.livemode is False
    assert made.client_secret
    assert made.client_secret.startswith(f"{made.id}_secret_")


def test_retrieve_finds_it(api: Api) -> None:
    """A PaymentIntent can be retrieved, and the response has a request id."""
    made = api.intent()

    found = api.client.v1.payment_intents.retrieve(made.id)

    assert found.to_dict() == made.to_dict()
    assert found.last_response is not None
    assert str(found.last_response.request_id).startswith("req_")


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        pytest.param({"amount": "ten"}, "parameter_invalid_integer", "amount", id="not a number"),
        pytest.param({"amount": 10.5}, "parameter_invalid_integer", "amount", id="a fraction"),
        pytest.param({"amount": 0}, "parameter_invalid_integer", "amount", id="zero"),
        pytest.param({"amount": -5}, "parameter_invalid_integer", "amount", id="negative"),
        pytest.param({"amount": 49}, "amount_too_small", "amount", id="below the minimum"),
        pytest.param({"amount": 100_000_000}, "amount_too_large", "amount", id="nine digits"),
        pytest.param({"currency": "xyz"}, None, "currency", id="no such currency"),
        pytest.param({"frobnicate": "1"}, "parameter_unknown", "frobnicate", id="unknown"),
        pytest.param(
            {"payment_method_options": {"card": {"frobnicate": "1"}}},
            "parameter_unknown",
            "payment_method_options[card][frobnicate]",
            id="unknown within",
        ),
        pytest.param({"capture_method": "perhaps"}, None, "capture_method", id="not a choice"),
        pytest.param({"metadata": {"k" * 41: "v"}}, None, None, id="long metadata key"),
        pytest.param({"metadata": {"k": "v" * 501}}, None, None, id="long metadata value"),
        pytest.param(
            {"metadata": {f"k{n}": "v" for n in range(51)}}, None, None, id="51 metadata keys"
        ),
    ],
)
def test_create_refuses(
    api: Api, params: dict[str, Any], code: str | None, param: str | None
) -> None:
    """An invalid parameter is a 400 that names it."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.intent(**params)

    error = refused.value
    assert error.http_status == 400
    if code is not None:
        assert error.code == code
    if param is not None:
        assert error.param == param
    assert error.request_id


@pytest.mark.parametrize("missing", ["amount", "currency"])
def test_create_needs_amount_and_currency(api: Api, missing: str) -> None:
    """Neither has a default."""
    params: dict[str, Any] = {"amount": 1000, "currency": "usd"}
    del params[missing]

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.create(params)  # type: ignore[arg-type]

    assert (refused.value.code, refused.value.param) == ("parameter_missing", missing)


@pytest.mark.parametrize(
    ("amount", "currency"), [(500, "jpy"), (10_000, "kwd"), (50_000, "isk"), (30, "gbp")]
)
def test_amounts_follow_the_currency(api: Api, amount: int, currency: str) -> None:
    """Zero- and three-decimal currencies have amounts in their own minor unit."""
    made = api.intent(amount=amount, currency=currency)

    assert (made.amount, made.currency) == (amount, currency)


@pytest.mark.parametrize(("amount", "currency"), [(10_001, "kwd"), (50_050, "isk")])
def test_amounts_that_the_currency_cannot_have(api: Api, amount: int, currency: str) -> None:
    """A three-decimal amount must end in 0, and one in krónur in 00."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.intent(amount=amount, currency=currency)

    assert refused.value.param == "amount"


def test_unknown_id(api: Api) -> None:
    """A 404 with `resource_missing` and Stripe's name of the parameter."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.retrieve("pi_nothing")

    error = refused.value
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "intent")
    assert "No such payment_intent: 'pi_nothing'" in str(error)


def test_update_merges_metadata(api: Api) -> None:
    """Keys are added and changed; an empty value removes its key."""
    made = api.intent(metadata={"a": "1", "b": "2"})

    changed = api.client.v1.payment_intents.update(
        made.id, {"amount": 2000, "metadata": {"b": "", "c": "3"}}
    )

    assert changed.amount == 2000
    assert changed.metadata.to_dict() == {"a": "1", "c": "3"}


def test_moto_belongs_to_the_confirm(api: Api) -> None:
    """A create and an update reject it."""
    moto: Any = {"payment_method_options": {"card": {"moto": True}}}
    made = api.intent()

    with pytest.raises(stripe.InvalidRequestError):
        api.intent(**moto)
    with pytest.raises(stripe.InvalidRequestError):
        api.client.v1.payment_intents.update(made.id, moto)


def test_update_after_success_changes_texts_only(api: Api) -> None:
    """The amount of a paid PaymentIntent cannot be changed, but its description can."""
    paid = api.paid()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.update(paid.id, {"amount": 2000})
    renamed = api.client.v1.payment_intents.update(paid.id, {"description": "Renamed"})

    assert refused.value.code == "payment_intent_unexpected_state"
    assert renamed.description == "Renamed"


def test_manual_capture_holds_and_captures(api: Api) -> None:
    """An authorisation has an expiry time. Capturing less releases the rest."""
    held = api.paid(capture_method="manual", expand=["latest_charge"])
    assert isinstance(held.latest_charge, stripe.Charge)
    details = held.latest_charge.to_dict()["payment_method_details"]["card"]

    captured = api.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 400})

    assert (held.status, held.amount_capturable) == ("requires_capture", 1000)
    assert held.latest_charge.captured is False
    assert details["capture_before"] > held.created
    assert (captured.status, captured.amount_received) == ("succeeded", 400)
    assert captured.amount_capturable == 0


def test_capture_takes_no_more_than_was_held(api: Api) -> None:
    """Capturing more is rejected, and the authorisation stays."""
    held = api.paid(capture_method="manual")

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 1001})

    assert refused.value.param == "amount_to_capture"
    assert api.client.v1.payment_intents.retrieve(held.id).status == "requires_capture"


def test_a_second_capture_needs_multicapture(api: Api) -> None:
    """Cards do not offer it here, so that a capture is always the last one."""
    held = api.paid(capture_method="manual")

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.capture(
            held.id, {"amount_to_capture": 400, "final_capture": False}
        )

    assert refused.value.param == "final_capture"
    assert api.client.v1.payment_intents.capture(held.id, {"final_capture": True}).amount == 1000


def test_capture_of_what_is_not_held(api: Api) -> None:
    """The error contains the current PaymentIntent."""
    made = api.intent()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.capture(made.id)

    assert refused.value.code == "payment_intent_unexpected_state"
    assert fields(refused.value)["payment_intent"]["id"] == made.id


@pytest.mark.sandbox_only(reason="it takes seven days")
def test_a_hold_expires(api: Api) -> None:
    """After seven days the PaymentIntent is cancelled."""
    held = api.paid(capture_method="manual")

    api.wait(days=7)

    found = api.client.v1.payment_intents.retrieve(held.id)
    assert (found.status, found.cancellation_reason) == ("canceled", "automatic")


def test_cancel(api: Api) -> None:
    """A cancelled PaymentIntent has a reason and a time, and cannot be confirmed."""
    made = api.intent()

    cancelled = api.client.v1.payment_intents.cancel(made.id, {"cancellation_reason": "abandoned"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})

    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    assert cancelled.canceled_at is not None
    assert refused.value.code == "payment_intent_unexpected_state"


def test_cancel_releases_a_hold(api: Api) -> None:
    """The authorised Charge is shown as refunded."""
    held = api.paid(capture_method="manual")

    cancelled = api.client.v1.payment_intents.cancel(held.id, {"expand": ["latest_charge"]})

    assert cancelled.status == "canceled"
    assert isinstance(cancelled.latest_charge, stripe.Charge)
    assert cancelled.latest_charge.refunded is True


@pytest.mark.parametrize("end", ["succeeded", "canceled"])
def test_cancel_after_the_end(api: Api, end: str) -> None:
    """Neither a paid nor a cancelled PaymentIntent can be cancelled."""
    ended = api.paid() if end == "succeeded" else api.intent()
    if end == "canceled":
        api.client.v1.payment_intents.cancel(ended.id)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.cancel(ended.id)

    assert refused.value.code == "payment_intent_unexpected_state"


def test_expand(api: Api) -> None:
    """An expandable field is an id unless it is expanded."""
    paid = api.paid()

    plain = api.client.v1.payment_intents.retrieve(paid.id)
    full = api.client.v1.payment_intents.retrieve(
        paid.id, {"expand": ["latest_charge", "payment_method"]}
    )

    assert isinstance(plain.latest_charge, str)
    assert isinstance(full.latest_charge, stripe.Charge)
    assert isinstance(full.payment_method, stripe.PaymentMethod)
    assert "refunds" not in full.latest_charge.to_dict()


def test_expand_of_what_is_no_object(api: Api) -> None:
    """A plain field cannot be expanded."""
    made = api.intent()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.retrieve(made.id, {"expand": ["amount"]})

    assert refused.value.http_status == 400
