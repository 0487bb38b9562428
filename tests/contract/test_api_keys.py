"""API keys, what they may do, and their account."""

from typing import Any

import pytest
import requests
import stripe

from tests.contract.api import Api, fields
from tests.support.processes.waiting import PATIENCE_SECONDS


def test_the_account(api: Api) -> None:
    """A key can retrieve its own account."""
    account = api.client.v1.accounts.retrieve_current()

    assert account.id.startswith("acct_")
    assert account.country


@pytest.mark.sandbox_only(reason="Stripe accepts its own keys only")
@pytest.mark.parametrize("key", ["sk_test_abc123", "rk_test_abc123"])
def test_any_test_key_is_accepted(api: Api, key: str) -> None:
    """The tests of another program can bring their own key."""
    reply = requests.get(f"{api.base}/v1/account", auth=(key, ""), timeout=PATIENCE_SECONDS)

    assert reply.status_code == 200


@pytest.mark.parametrize("key", ["sk_" + "live_abc123", "sk_test_!", "hello", ""])
def test_no_other_key_is_accepted(api: Api, key: str) -> None:
    """The response is a 401 that does not contain the key."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    reply = requests.get(f"{api.base}/v1/account", headers=headers, timeout=PATIENCE_SECONDS)

    assert reply.status_code == 401
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert "abc123" not in reply.text


def test_an_unknown_url(api: Api) -> None:
    """A 404 with Stripe's error object."""
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        api.client.raw_request("get", "/v1/frobnicate")


def test_another_account(api: Api) -> None:
    """A key has access to its own account only, which may be named."""
    own = api.client.v1.accounts.retrieve_current().id

    named = api.client.v1.accounts.retrieve_current(options={"stripe_account": own})
    with pytest.raises(stripe.PermissionError) as refused:
        api.client.v1.accounts.retrieve_current(options={"stripe_account": "acct_1Other"})

    assert named.id == own
    assert refused.value.http_status == 403
    assert fields(refused.value)["code"] == "account_invalid"


@pytest.mark.sandbox_only(reason="the permissions of Stripe's keys are set in its Dashboard")
def test_a_restricted_key(api: Api) -> None:
    """It does what its permissions name; one to write allows reading too."""
    assert api.sandbox is not None
    api.sandbox.restrict_key("rk_test_charges", ["rak_payment_intent_write", "rak_charge_read"])
    restricted: Any = {"api_key": "rk_test_charges"}
    paid = api.paid()
    v1 = api.client.v1

    v1.payment_intents.retrieve(paid.id, {}, restricted)
    v1.payment_intents.update(paid.id, {"description": "Seen"}, restricted)
    v1.refunds.list({}, restricted)
    with pytest.raises(stripe.PermissionError, match="'rak_charge_write'") as refused:
        v1.refunds.create({"payment_intent": paid.id}, restricted)

    assert refused.value.http_status == 403
    assert "rk_test_charges" not in str(refused.value)
    api.sandbox.restrict_key("rk_test_charges", None)
    assert v1.refunds.create({"payment_intent": paid.id}, restricted).status == "succeeded"
