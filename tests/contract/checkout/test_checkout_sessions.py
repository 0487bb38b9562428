"""Checkout Sessions by the API: made, listed, expired; what may not be asked for."""

from typing import Any

import pytest
import stripe

from tests.contract.api import Api

pytestmark = pytest.mark.sandbox_only(reason="it advances the clock")

HALF_AN_HOUR = 1800


def ticket(quantity: int = 2, unit_amount: int = 500, currency: str = "eur") -> dict[str, Any]:
    """One line item."""
    data = {"currency": currency, "unit_amount": unit_amount, "product_data": {"name": "Ticket"}}
    return {"quantity": quantity, "price_data": data}


def session(api: Api, **params: Any) -> stripe.checkout.Session:
    """A Session over ten euros."""
    wanted: Any = {"mode": "payment", "line_items": [ticket()],
                   "success_url": "https://desk.example/done?s={CHECKOUT_SESSION_ID}",
                   **params}  # fmt: skip
    return api.client.v1.checkout.sessions.create(wanted)


def test_a_link(api: Api) -> None:
    """It is open, unpaid, and without a PaymentIntent, for a day."""
    made = session(api, client_reference_id="A-7", metadata={"order": "7"}, locale="en-GB")

    shown = api.client.v1.checkout.sessions.retrieve(made.id, {"expand": ["line_items"]})
    items = api.client.v1.checkout.sessions.line_items.list(made.id).data

    assert (made.status, made.payment_status, made.payment_intent) == ("open", "unpaid", None)
    assert (made.amount_total, made.currency) == (1000, "eur")
    assert made.url
    assert made.expires_at - made.created == 86_400
    assert shown.line_items is not None
    assert [item.id for item in shown.line_items.data] == [item.id for item in items]
    assert (items[0].description, items[0].quantity, items[0].amount_total) == ("Ticket", 2, 1000)


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"line_items": []}, id="nothing sold"),
        pytest.param({"line_items": [ticket(), ticket(currency="usd")]}, id="two currencies"),
        pytest.param({"line_items": [ticket(1, 1)]}, id="too little"),
        pytest.param({"line_items": [{"price": "price_1", "quantity": 1}]}, id="no such price"),
        pytest.param({"line_items": [{"quantity": 1}]}, id="no price at all"),
        pytest.param({"expires_at": 1}, id="in the past"),
        pytest.param({"payment_method_types": ["card"]}, id="no longer a parameter"),
        pytest.param({"payment_method_options": {"card": {"moto": True}}}, id="by telephone"),
        pytest.param({"customer": "cus_none"}, id="no such customer"),
        pytest.param({"customer": "cus_none", "customer_email": "a@b.example"}, id="both"),
        pytest.param({"success_url": ""}, id="no way back"),
    ],
)
def test_refused(api: Api, params: dict[str, Any]) -> None:
    """It says which parameter is wrong."""
    with pytest.raises(stripe.InvalidRequestError):
        session(api, **params)


def test_expired_by_request(api: Api) -> None:
    """Only an open one can be; its page says so, and its address is gone."""
    made = session(api)

    ended = api.client.v1.checkout.sessions.expire(made.id)

    assert (ended.status, ended.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        api.client.v1.checkout.sessions.expire(made.id)
    assert api.client.v1.events.list({"type": "checkout.session.expired"}).data


def test_expired_in_time(api: Api) -> None:
    """At `expires_at`, between half an hour and a day."""
    assert api.sandbox is not None
    at = api.sandbox.clock.seconds() + HALF_AN_HOUR + 5
    made = session(api, expires_at=at)

    api.wait(seconds=HALF_AN_HOUR + 6)

    assert api.client.v1.checkout.sessions.retrieve(made.id).status == "expired"


def test_listed(api: Api) -> None:
    """By status and by customer; metadata can be changed."""
    customer = api.client.v1.customers.create({})
    made = session(api, customer=customer.id)
    other = session(api)
    api.client.v1.checkout.sessions.expire(other.id)
    sessions = api.client.v1.checkout.sessions

    changed = sessions.update(made.id, {"metadata": {"order": "8"}})

    assert changed.to_dict()["metadata"] == {"order": "8"}
    assert [one.id for one in sessions.list({"status": "open"}).data] == [made.id]
    assert [one.id for one in sessions.list({"status": "expired"}).data] == [other.id]
    assert [one.id for one in sessions.list({"customer": customer.id}).data] == [made.id]
