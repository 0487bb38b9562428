"""Older API versions are answered, with the differences that a payment by card meets."""

from typing import Any

import pytest
import requests
import stripe

from tests.contract.api import Api
from tests.support.processes.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.sandbox_only(reason="an account keeps to the versions that it has used")

OLD = "2026-08-26.dahlia"


def _create(api: Api, version: str, **params: Any) -> stripe.PaymentIntent:
    wanted: Any = {"amount": 1000, "currency": "usd", **params}
    return api.client.v1.payment_intents.create(wanted, {"stripe_version": version})


@pytest.mark.parametrize("version", ["2020-08-27", "2024-09-30.acacia", "2025-08-27.basil", OLD])
def test_an_older_version(api: Api, version: str) -> None:
    """The answer says which version was asked for."""
    assert api.sandbox is not None

    reply = requests.get(
        f"{api.base}/v1/account",
        auth=(api.sandbox.secret_key, ""),
        headers={"Stripe-Version": version},
        timeout=PATIENCE_SECONDS,
    )

    assert (reply.status_code, reply.headers["Stripe-Version"]) == (200, version)


@pytest.mark.parametrize(
    "version",
    [
        "1999-01-01",
        "2026-08-26",
        "2026-08-26.basil",
        "2020-08-27.acacia",
        "2027-01-01.endive",
        "x",
    ],
)
def test_a_version_that_does_not_exist(api: Api, version: str) -> None:
    """Too early, too late, without the name of its release or with another's."""
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        api.client.v1.accounts.retrieve_current(options={"stripe_version": version})


def test_payment_method_types(api: Api) -> None:
    """Newer versions refuse them; older ones take them."""
    older = _create(api, OLD, payment_method_types=["card"])

    with pytest.raises(stripe.InvalidRequestError) as refused:
        _create(api, "2026-09-30.endive", payment_method_types=["card"])

    assert (older.payment_method_types, older.automatic_payment_methods) == (["card"], None)
    assert refused.value.code == "payment_method_types_no_longer_supported"


def test_a_bare_create(api: Api) -> None:
    """The default turned from a card captured at once into all methods captured later."""
    created = {
        version: _create(api, version)
        for version in ("2020-08-27", "2023-10-16", "2024-06-20", "2026-10-28.endive")
    }

    assert {
        version: (intent.capture_method, intent.automatic_payment_methods is not None)
        for version, intent in created.items()
    } == {
        "2020-08-27": ("automatic", False),
        "2023-10-16": ("automatic", True),
        "2024-06-20": ("automatic_async", True),
        "2026-10-28.endive": ("automatic_async", True),
    }


@pytest.mark.parametrize(("version", "within"), [("2022-08-01", True), ("2022-11-15", False)])
def test_lists_within_an_object(api: Api, version: str, within: bool) -> None:
    """A Charge had its refunds, and a PaymentIntent its charges, until `latest_charge` came."""
    intent = api.paid(amount=1000)
    refund = api.client.v1.refunds.create({"payment_intent": intent.id, "amount": 300})

    asked: Any = {"stripe_version": version}
    charge: Any = api.client.v1.charges.list({"payment_intent": intent.id}, asked).data[0]
    shown: Any = api.client.v1.payment_intents.retrieve(intent.id, options=asked)

    assert ("refunds" in charge, "charges" in shown) == (within, within)
    if within:
        assert [one.to_dict() for one in charge.refunds.data] == [refund.to_dict()]
        assert charge.refunds.url == f"/v1/charges/{charge.id}/refunds"
        assert [one.to_dict() for one in shown.charges.data] == [charge.to_dict()]
