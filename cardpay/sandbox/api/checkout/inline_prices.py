"""The Price and the Product of each line item, which Stripe makes of `price_data`.

They are for that one item: not active, so that nothing else can be sold by them. No event tells of
them here.
"""

from dataclasses import replace
from typing import Any

from cardpay.sandbox.api.retrieve_and_list import list_page, list_query
from cardpay.sandbox.http.parameter_validation import (
    LIST_FIELDS,
    Reader,
    boolean,
    hash_of,
    integer,
    list_of,
    metadata,
    one_of,
    string,
)
from cardpay.sandbox.http.response_expansion import list_object
from cardpay.sandbox.state.account_state import Call, State, new_id
from cardpay.sandbox.state.sqlite_store import Json

PRICE_DATA: Reader = hash_of(
    {
        "currency": string(),
        "product_data": hash_of(
            {
                "description": string(),
                "images": list_of(string(), maximum=8),
                "metadata": metadata,
                "name": string(),
            },
            required=("name",),
        ),
        "unit_amount": integer(minimum=0),
    },
    required=("currency", "product_data", "unit_amount"),
)
LIST_PRICES = {
    **LIST_FIELDS,
    "active": boolean,
    "currency": string(),
    "product": string(),
    "type": one_of("one_time", "recurring"),
}
LIST_PRODUCTS = {**LIST_FIELDS, "active": boolean}


def list_prices(state: State, call: Call) -> Json:
    """`GET /v1/prices`: the active ones, unless the others are asked for.

    Stripe API reference: "Returns a list of your active prices, excluding inline prices. For the
    list of inactive prices, set `active` to false."
    """
    asked = replace(call, params={"active": True, **call.params})
    filters = ("active", "currency", "product", "type")
    return list_page(state, list_query(state, asked, "price", *filters))


def list_products(state: State, call: Call) -> Json:
    """`GET /v1/products`."""
    return list_page(state, list_query(state, call, "product", "active"))


def list_features(state: State, call: Call) -> Json:
    """`GET /v1/products/{id}/features`: none has any."""
    product = state.get("product", call.object_id, "id")
    return list_object([], f"/v1/products/{product['id']}/features", has_more=False)


def make(state: State, data: dict[str, Any], currency: str) -> Json:
    """Store both, and return the Price. `data` is what PRICE_DATA has read."""
    product = _product(state, data["product_data"])
    price = {
        "id": new_id("price_1"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": state.seconds(),
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product["id"],
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": data["unit_amount"],
        "unit_amount_decimal": str(data["unit_amount"]),
    }
    state.store.save(product)
    state.store.save(price)
    return price


def _product(state: State, data: dict[str, Any]) -> Json:
    unused = ("default_price", "package_dimensions", "shippable", "statement_descriptor",
              "tax_code", "tax_details", "unit_label", "url")  # fmt: skip
    return {
        "id": new_id("prod_", 14),
        "object": "product",
        "active": False,
        "created": state.seconds(),
        "description": data.get("description"),
        "images": data.get("images", []),
        "livemode": False,
        "marketing_features": [],
        "metadata": data.get("metadata") or {},
        "name": data["name"],
        "type": "service",
        "updated": state.seconds(),
        **dict.fromkeys(unused),
    }
