"""API keys and API versions."""

import pytest
import requests
import stripe

from tests.contract.api import Api


def test_the_account(api: Api) -> None:
    """A key can retrieve its own account."""
    account = api.client.v1.accounts.retrieve_current()

    assert account.id.startswith("acct_")
    assert account.country


@pytest.mark.sandbox_only(reason="Stripe accepts its own keys only")
@pytest.mark.parametrize("key", ["sk_test_abc123", "rk_test_abc123"])
def test_any_test_key_is_accepted(api: Api, key: str) -> None:
    """The tests of another program can bring their own key."""
    reply = requests.get(f"{api.base}/v1/account", auth=(key, ""), timeout=5)

    assert reply.status_code == 200


@pytest.mark.parametrize("key", ["sk_" + "live_abc123", "sk_test_!", "hello", ""])
def test_no_other_key_is_accepted(api: Api, key: str) -> None:
    """The response is a 401 that does not contain the key."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    reply = requests.get(f"{api.base}/v1/account", headers=headers, timeout=5)

    assert reply.status_code == 401
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert "abc123" not in reply.text


def test_an_unknown_url(api: Api) -> None:
    """A 404 with Stripe's error object."""
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        api.client.raw_request("get", "/v1/frobnicate")


def test_an_unknown_version(api: Api) -> None:
    """An API version that does not exist is rejected."""
    with pytest.raises(stripe.InvalidRequestError):
        api.client.v1.accounts.retrieve_current(options={"stripe_version": "1999-01-01"})
