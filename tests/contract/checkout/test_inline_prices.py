"""What Stripe makes of `price_data`: a Price and a Product for each line item."""

from typing import Any

import pytest
import requests
import stripe

from tests.contract.api import Api
from tests.contract.checkout.test_checkout_sessions import session, ticket
from tests.support.processes.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.sandbox_only(reason="what else the account sells is unknown")


def _price(api: Api, made: stripe.checkout.Session, *expand: str) -> dict[str, Any]:
    shown = api.client.v1.checkout.sessions.retrieve(made.id, {"expand": ["line_items", *expand]})
    price: dict[str, Any] = shown.to_dict()["line_items"]["data"][0]["price"]
    return price


def test_price_and_product(api: Api) -> None:
    """Each is retrieved by its id; nothing else can be sold by them."""
    data = {"name": "Ticket", "description": "Row 7", "metadata": {"row": "7"}}
    price_data = {"currency": "eur", "unit_amount": 500, "product_data": data}
    price = _price(api, session(api, line_items=[{"quantity": 2, "price_data": price_data}]))

    found = api.client.v1.prices.retrieve(price["id"])
    product = api.client.v1.products.retrieve(price["product"]).to_dict()

    assert found.to_dict() == price
    assert (found.active, found.unit_amount, found.currency) == (False, 500, "eur")
    assert (product["active"], {name: product[name] for name in data}) == (False, data)
    with pytest.raises(stripe.InvalidRequestError, match="The price specified is inactive"):
        session(api, line_items=[{"quantity": 1, "price": price["id"]}])


def test_listed(api: Api) -> None:
    """Prices without a filter are the active ones, of which there is none."""
    made = [_price(api, session(api, line_items=[ticket(unit_amount=1_000 + n)])) for n in (1, 2)]
    newest_first = [one["id"] for one in reversed(made)]
    v1 = api.client.v1

    assert v1.prices.list().data == []
    assert [one.id for one in v1.prices.list({"active": False}).data] == newest_first
    of_one = v1.prices.list({"active": False, "product": made[0]["product"]}).data
    assert [one.id for one in of_one] == [made[0]["id"]]
    assert [one.id for one in v1.products.list().data] == [
        one["product"] for one in reversed(made)
    ]
    assert v1.products.list({"active": True}).data == []
    assert v1.products.features.list(made[0]["product"]).data == []


def test_expanded(api: Api) -> None:
    """The Product below a line item, what is shown of discounts and taxes, and a Price's parts."""
    made = session(api)
    product = _price(api, made, "line_items.data.price.product")["product"]
    shown: Any = api.client.v1.checkout.sessions.retrieve(
        made.id,
        {
            "expand": [
                "line_items.data.discounts",
                "line_items.data.taxes",
                "total_details.breakdown",
            ]
        },
    ).to_dict()
    (price,) = api.client.v1.prices.list(
        {"active": False, "expand": ["data.currency_options", "data.product", "data.tiers"]}
    ).data

    assert product["name"] == "Ticket"
    (item,) = shown["line_items"]["data"]
    assert (item["discounts"], item["taxes"]) == ([], [])
    assert shown["total_details"]["breakdown"] == {"discounts": [], "taxes": []}
    assert price.to_dict()["currency_options"]["eur"]["unit_amount"] == 500
    assert price.to_dict()["product"] == product


def test_a_key_that_may_not_read_them(api: Api) -> None:
    """Stripe calls the permission for prices by their former name."""
    assert api.sandbox is not None
    api.sandbox.restrict_key("rk_test_reader", {"rak_product_read"})

    read = [
        requests.get(
            f"{api.base}/v1/{name}", auth=("rk_test_reader", ""), timeout=PATIENCE_SECONDS
        )
        for name in ("products", "prices")
    ]

    assert [one.status_code for one in read] == [200, 403]
    assert "rak_plan_read" in read[1].json()["error"]["message"]
