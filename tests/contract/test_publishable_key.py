"""A publishable key can create a PaymentMethod and retrieve its own payment, and nothing else."""

import pytest
import requests

from tests.contract.api import Api
from tests.support.processes.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.sandbox_only(reason="typed card numbers belong to Stripe.js alone")


def test_a_typed_card(api: Api) -> None:
    """Spaces are allowed. The response contains neither the number nor the security code."""
    reply = api.typed_card("4242 4242 4242 4242")

    made = reply.json()
    assert reply.status_code == 200
    assert made["card"]["last4"] == "4242"
    assert (made["card"]["exp_month"], made["card"]["exp_year"]) == (12, 2040)
    assert "4242424242424242" not in reply.text
    assert 'cvc"' not in reply.text


@pytest.mark.parametrize(
    ("number", "card", "code", "param"),
    [
        pytest.param("4242424242424241", {}, "incorrect_number", "number", id="checksum"),
        pytest.param("hello", {}, "incorrect_number", "number", id="no number"),
        pytest.param("4111111111111111", {}, "card_declined", "number", id="not a test card"),
        pytest.param(
            "4242424242424242", {"exp_month": "13"}, "invalid_expiry_month", "exp_month",
            id="month",
        ),
        pytest.param(
            "4242424242424242", {"exp_year": "20"}, "invalid_expiry_year", "exp_year",
            id="past year",
        ),
        pytest.param("4242424242424242", {"cvc": "12"}, "invalid_cvc", "cvc", id="short code"),
        pytest.param("4242424242424242", {"cvc": "1234"}, "invalid_cvc", "cvc", id="long code"),
    ],
)  # fmt: skip
def test_cards_that_are_refused(
    api: Api, number: str, card: dict[str, str], code: str, param: str
) -> None:
    """A 402 that names the invalid field."""
    reply = api.typed_card(number, **card)

    error = reply.json()["error"]
    assert reply.status_code == 402
    assert (error["type"], error["code"], error["param"]) == ("card_error", code, param)


def test_it_sees_its_own_payment(api: Api) -> None:
    """It needs the client_secret, and gets a part of the fields."""
    made = api.intent(metadata={"taken_by": "someone"})

    reply = api.browser("GET", f"/v1/payment_intents/{made.id}", client_secret=made.client_secret)

    assert reply.status_code == 200
    assert reply.json()["status"] == "requires_payment_method"
    assert {"metadata", "latest_charge", "amount_received"}.isdisjoint(reply.json())


@pytest.mark.parametrize(("secret", "status"), [(None, 400), ("pi_x_secret_y", 404)])
def test_it_sees_no_other(api: Api, secret: str | None, status: int) -> None:
    """Without the right client_secret nothing is returned."""
    made = api.intent()
    params = {"client_secret": secret} if secret else {}

    reply = api.browser("GET", f"/v1/payment_intents/{made.id}", **params)

    assert reply.status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/payment_intents"),
        ("GET", "/v1/payment_intents"),
        ("POST", "/v1/payment_intents/pi_1/confirm"),
        ("POST", "/v1/refunds"),
        ("GET", "/v1/charges"),
        ("GET", "/v1/events"),
        ("GET", "/v1/account"),
    ],
)
def test_all_else_needs_the_secret_key(api: Api, method: str, path: str) -> None:
    """It cannot charge, list or refund."""
    reply = api.browser(method, path)

    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "secret_key_required")


def test_cross_origin_requests(api: Api) -> None:
    """In development the script's page has another origin than the sandbox."""
    preflight = requests.options(f"{api.base}/v1/payment_methods", timeout=PATIENCE_SECONDS)
    reply = api.typed_card("4242424242424242")

    assert preflight.status_code == 204
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_the_script_is_served(api: Api) -> None:
    """Its path is that of Stripe.js."""
    reply = requests.get(f"{api.base}/v3/stripe.js", timeout=PATIENCE_SECONDS)

    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/javascript")
