"""API keys and versions."""

import pytest
import requests
import stripe

from tests.contract.api import Api


def test_the_account(api: Api) -> None:
    """The key's account says what it is."""
    account = api.client.v1.accounts.retrieve_current()

    assert account.id.startswith("acct_")
    assert account.country


@pytest.mark.sandbox_only(reason="Stripe knows its own keys only")
@pytest.mark.parametrize("key", ["sk_test_abc123", "rk_test_abc123"])
def test_any_test_key_is_let_in(api: Api, key: str) -> None:
    """A suite may bring a key of its own."""
    reply = requests.get(f"{api.base}/v1/account", auth=(key, ""), timeout=5)

    assert reply.status_code == 200


@pytest.mark.parametrize("key", ["sk_" + "live_abc123", "sk_test_!", "hello", ""])
def test_no_other_key_is(api: Api, key: str) -> None:
    """401, and the key is not repeated."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    reply = requests.get(f"{api.base}/v1/account", headers=headers, timeout=5)

    assert reply.status_code == 401
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert "abc123" not in reply.text


def test_an_unknown_url(api: Api) -> None:
    """404 in Stripe's error shape."""
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        api.client.raw_request("get", "/v1/frobnicate")


def test_an_unknown_version(api: Api) -> None:
    """Only versions that exist are spoken."""
    with pytest.raises(stripe.InvalidRequestError):
        api.client.v1.accounts.retrieve_current(options={"stripe_version": "1999-01-01"})
