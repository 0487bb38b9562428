"""`expand`: what may be expanded follows from the kinds of objects, not from what they hold."""

from typing import Any

import pytest
import stripe

from cardpay.sandbox.http.expandable_fields import EXPANDABLE
from tests.contract.api import Api
from tests.contract.schema import stripe_schema


def test_what_may_be_expanded() -> None:
    """The sandbox's table is what Stripe's types say."""
    stated = {kind: fields for kind, fields in stripe_schema.expandable().items() if fields}

    assert {
        kind: {field: set(kinds) for field, kinds in fields.items()}
        for kind, fields in EXPANDABLE.items()
    } == {
        kind: {field: kinds - {""} for field, kinds in fields.items()}
        for kind, fields in stated.items()
    }


@pytest.mark.parametrize(
    "path",
    [
        "latest_charge.balance_transaction.source",
        "payment_method.customer",
        "transfer_data.destination",
        "application",
        "review",
        "last_payment_error.payment_method.customer",
    ],
)
def test_a_right_path_below_nothing(api: Api, path: str) -> None:
    """It is accepted before there is anything to expand."""
    made = api.intent()

    found = api.client.v1.payment_intents.retrieve(made.id, {"expand": [path]})

    assert found.id == made.id


@pytest.mark.parametrize(
    "path",
    [
        "amount",
        "latest_charge.amount",
        "latest_charge.nonsense",
        "latest_charge.balance_transaction.source.nonsense",
        "last_payment_error.payment_method",
        "data.latest_charge",
        "latest_charge.payment_intent.latest_charge.payment_intent.latest_charge",  # five levels
    ],
)
@pytest.mark.parametrize("paid", [True, False])
def test_a_wrong_path(api: Api, path: str, *, paid: bool) -> None:
    """It is refused, whether there would be something to expand or not."""
    made = api.paid() if paid else api.intent()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.retrieve(made.id, {"expand": [path]})

    assert refused.value.param == "expand"


def test_a_list_is_a_level(api: Api) -> None:
    """Four levels may be expanded, of which `data.` is one."""
    api.paid()
    listed = api.client.v1.charges.list
    three = "data.payment_intent.latest_charge.payment_intent"

    found = listed({"limit": 1, "expand": [three]}).data[0]
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        listed({"limit": 1, "expand": [f"{three}.latest_charge"]})
    with pytest.raises(stripe.InvalidRequestError, match=r"'data\.payment_intent'"):
        listed({"limit": 1, "expand": ["payment_intent"]})

    charge: Any = found.to_dict()
    assert charge["payment_intent"]["latest_charge"]["payment_intent"]["id"].startswith("pi_")


def test_below_an_expanded_list(api: Api) -> None:
    """A Charge has its refunds only when they are expanded, and below them theirs."""
    paid = api.paid()
    api.client.v1.refunds.create({"payment_intent": paid.id, "amount": 100})

    charge: Any = api.client.v1.charges.retrieve(
        str(paid.latest_charge), {"expand": ["refunds.data.payment_intent"]}
    ).to_dict()

    assert [one["payment_intent"]["id"] for one in charge["refunds"]["data"]] == [paid.id]
