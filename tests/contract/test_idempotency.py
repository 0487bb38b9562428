"""Idempotency keys, as Stripe's reference describes them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.contract.api import Api, fields
from tests.support.processes.waiting import PATIENCE_SECONDS, wait_for

CREATE = {"amount": 1000, "currency": "usd", "allowed_payment_method_types": ["card"]}
NEEDS_FAULTS = pytest.mark.sandbox_only(reason="Stripe's test mode has no fault injection")


def _create(api: Api, key: str, **params: Any) -> stripe.PaymentIntent:
    wanted: Any = {**CREATE, **params}
    return api.client.v1.payment_intents.create(wanted, {"idempotency_key": key})


def test_the_same_request_again(api: Api) -> None:
    """The first response is repeated and marked as replayed. Nothing is created twice."""
    key = api.key()

    first, second = _create(api, key), _create(api, key)

    assert first.to_dict() == second.to_dict()
    assert first.last_response is not None
    assert second.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.request_id


def test_other_parameters(api: Api) -> None:
    """They are an error, and the first PaymentIntent is unchanged."""
    key = api.key()
    first = _create(api, key)

    with pytest.raises(stripe.IdempotencyError) as refused:
        _create(api, key, amount=2000)

    assert refused.value.http_status == 400
    assert api.client.v1.payment_intents.retrieve(first.id).amount == 1000


def test_another_endpoint(api: Api) -> None:
    """A key can be used for one endpoint only."""
    key = api.key()
    made = _create(api, key)

    with pytest.raises(stripe.IdempotencyError):
        api.client.v1.payment_intents.cancel(made.id, {}, {"idempotency_key": key})


def test_a_decline_is_saved(api: Api) -> None:
    """The same key returns the same decline, without a second Charge."""
    made, key = api.intent(), api.key()

    messages = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            api.client.v1.payment_intents.confirm(
                made.id,
                {"payment_method": "pm_card_chargeDeclined"},
                {"idempotency_key": key},
            )
        messages.append(declined.value.json_body)

    assert messages[0] == messages[1]
    assert len(api.client.v1.charges.list({"payment_intent": made.id}).data) == 1


def test_a_failed_validation_is_not_saved(api: Api) -> None:
    """The endpoint did not run, so the key can be used with valid parameters."""
    key = api.key()
    with pytest.raises(stripe.InvalidRequestError):
        _create(api, key, amount="ten")

    assert _create(api, key).status == "requires_payment_method"


def test_a_long_key(api: Api) -> None:
    """At most 255 characters."""
    assert _create(api, (api.key() * 8)[:255]).id
    with pytest.raises((stripe.IdempotencyError, stripe.InvalidRequestError)):
        _create(api, (api.key() * 8)[:256])


@pytest.mark.sandbox_only(reason="it takes a day")
def test_keys_are_kept_for_a_day(api: Api) -> None:
    """Afterwards the same key makes a new request."""
    key = api.key()
    first = _create(api, key)

    api.wait(hours=23, minutes=59)
    repeated = _create(api, key)
    api.wait(minutes=1)
    anew = _create(api, key)

    assert repeated.id == first.id
    assert anew.id != first.id


@NEEDS_FAULTS
def test_a_key_in_use(api: Api) -> None:
    """While the first request runs, a second with its key gets 409, which is not saved."""
    assert api.sandbox is not None
    key = api.key()
    faults = api.sandbox.faults
    faults.add("delay", path="/v1/payment_intents", seconds=PATIENCE_SECONDS)

    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(_create, api, key)
        wait_for(lambda: not faults.pending(), "the first request never came")
        with pytest.raises(stripe.StripeError) as second:
            _create(api, key)
        faults.clear()

    assert (second.value.http_status, fields(second.value)["code"]) == (
        409,
        "idempotency_key_in_use",
    )
    assert _create(api, key).id == first.result().id


@NEEDS_FAULTS
@pytest.mark.parametrize("executed", [True, False])
def test_a_500_is_saved(api: Api, executed: bool) -> None:
    """It is repeated as long as the key is kept, whether the request ran or not."""
    assert api.sandbox is not None
    made, key = api.intent(), api.key()
    api.sandbox.faults.add("error_500", path="*/confirm", executed=executed)

    for replayed in (None, "true"):
        with pytest.raises(stripe.APIError) as failed:
            api.client.v1.payment_intents.confirm(
                made.id, {"payment_method": "pm_card_visa"}, {"idempotency_key": key}
            )
        assert failed.value.http_status == 500
        assert (failed.value.headers or {}).get("Idempotent-Replayed") == replayed

    found = api.client.v1.payment_intents.retrieve(made.id)
    assert found.status == ("succeeded" if executed else "requires_payment_method")


@NEEDS_FAULTS
@pytest.mark.parametrize(
    ("kind", "code"), [("rate_limit", "rate_limit"), ("lock_timeout", "lock_timeout")]
)
def test_429_comes_before_the_key(api: Api, kind: str, code: str) -> None:
    """The key can be used afterwards."""
    assert api.sandbox is not None
    key = api.key()
    api.sandbox.faults.add(kind)

    with pytest.raises(stripe.StripeError) as limited:
        _create(api, key)
    made = _create(api, key)

    assert limited.value.http_status == 429
    assert fields(limited.value)["code"] == code
    assert made.last_response is not None
    assert "Idempotent-Replayed" not in made.last_response.headers


@NEEDS_FAULTS
@pytest.mark.parametrize(
    ("kind", "ran"),
    [
        ("timeout_before", False),
        ("timeout_after", True),
        ("drop_before", False),
        ("drop_after", True),
    ],
)
def test_a_lost_answer(api: Api, kind: str, ran: bool) -> None:
    """The client cannot tell which. The same key returns the outcome of a single PaymentIntent."""
    assert api.sandbox is not None
    key = api.key()
    api.sandbox.faults.add(kind, path="/v1/payment_intents", seconds=0.05)

    with pytest.raises(stripe.APIConnectionError) as lost:
        _create(api, key)
    then = len(api.client.v1.payment_intents.list().data)
    made = _create(api, key)

    assert lost.value.should_retry
    assert then == (1 if ran else 0)
    assert [found.id for found in api.client.v1.payment_intents.list().data] == [made.id]


@NEEDS_FAULTS
def test_the_sdk_retries_with_the_same_key(api: Api) -> None:
    """A confirm whose response was lost charges once."""
    assert api.sandbox is not None
    made = api.intent()
    api.sandbox.faults.add("drop_after", path="*/confirm")

    paid = api.client.v1.payment_intents.confirm(
        made.id, {"payment_method": "pm_card_visa"}, {"max_network_retries": 1}
    )

    confirms = [entry for entry in api.sandbox.requests if entry.path.endswith("/confirm")]
    assert paid.status == "succeeded"
    assert [entry.status for entry in confirms] == [None, 200]
    assert confirms[0].idempotency_key == confirms[1].idempotency_key
    assert len(api.client.v1.charges.list({"payment_intent": made.id}).data) == 1
