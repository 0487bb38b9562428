"""The control API, for tests in another process."""

from typing import Any

import pytest
import requests
import stripe

from tests.contract.api import Api
from tests.support.processes.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.sandbox_only(reason="Stripe has no control API")


def _control(api: Api, method: str, name: str, **body: Any) -> requests.Response:
    return requests.request(
        method, f"{api.base}/_control/{name}", json=body, timeout=PATIENCE_SECONDS
    )


def test_faults(api: Api) -> None:
    """They can be added, listed and cleared, and are used up."""
    _control(api, "POST", "faults", kind="rate_limit", path="/v1/account", times=2)
    with pytest.raises(stripe.RateLimitError):
        api.client.v1.accounts.retrieve_current()

    waiting = _control(api, "GET", "faults").json()
    _control(api, "DELETE", "faults")

    assert [(fault["kind"], fault["times"]) for fault in waiting] == [("rate_limit", 1)]
    assert api.client.v1.accounts.retrieve_current().id


def test_clock(api: Api) -> None:
    """It can be set, advanced and released. Scheduled changes that become due are made."""
    _control(api, "POST", "clock", set="2030-01-01T00:00:00+00:00")
    paid = api.paid()

    moved = _control(api, "POST", "clock", advance_seconds=60).json()
    charge = api.client.v1.charges.retrieve(str(paid.latest_charge))
    released = _control(api, "POST", "clock").json()

    assert moved == {"now": "2030-01-01T00:01:00+00:00"}
    assert charge.balance_transaction is not None
    assert not released["now"].startswith("2030-01-01")


def test_requests(api: Api) -> None:
    """Requests are recorded without card data."""
    _control(api, "DELETE", "requests")
    api.typed_card("4242424242424242")
    api.intent()

    reply = _control(api, "GET", "requests")

    assert [(entry["method"], entry["path"]) for entry in reply.json()] == [
        ("POST", "/v1/payment_methods"),
        ("POST", "/v1/payment_intents"),
    ]
    assert "4242424242424242" not in reply.text


def test_moto_and_reset(api: Api) -> None:
    """Telephone orders can be disabled. A reset keeps the keys."""
    assert api.sandbox is not None
    _control(api, "POST", "moto", allowed=False)
    assert api.sandbox.moto is False
    api.intent()

    _control(api, "POST", "reset")

    assert api.client.v1.payment_intents.list().data == []


@pytest.mark.parametrize(
    ("method", "name", "body", "status"),
    [
        pytest.param("POST", "faults", {"kind": "frobnicate"}, 400, id="no such fault"),
        pytest.param("POST", "clock", {"set": "yesterday"}, 400, id="no time"),
        pytest.param("POST", "frobnicate", {}, 404, id="no such control"),
    ],
)
def test_nonsense(api: Api, method: str, name: str, body: dict[str, str], status: int) -> None:
    """It is rejected with an error message."""
    reply = _control(api, method, name, **body)

    assert reply.status_code == status
    assert reply.json()["error"]
