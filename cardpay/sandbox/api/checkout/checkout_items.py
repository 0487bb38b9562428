"""What a Checkout Session sells: its line items and their sum."""

from typing import Any

from cardpay.sandbox.api.checkout import inline_prices
from cardpay.sandbox.api.checkout.inline_prices import PRICE_DATA
from cardpay.sandbox.currency_rules import check_amount, check_currency
from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.parameter_validation import (
    Reader,
    hash_of,
    integer,
    list_of,
    metadata,
    string,
)
from cardpay.sandbox.state.account_state import State, new_id
from cardpay.sandbox.state.sqlite_store import Json

MAX_LINE_ITEMS = 100
LINE_ITEMS: Reader = list_of(
    hash_of(
        {
            "metadata": metadata,
            "price": string(),
            "price_data": PRICE_DATA,
            "quantity": integer(minimum=1),
        }
    ),
    maximum=MAX_LINE_ITEMS,
)


def line_items(state: State, given: list[dict[str, Any]]) -> tuple[list[Json], int, str]:
    """The line items, their sum, and its currency. Raises InvalidParameter."""
    if not given:
        raise InvalidParameter(
            "Missing required param: line_items.", code="parameter_missing", param="line_items"
        )
    items = [_line_item(state, one, f"line_items[{place}]") for place, one in enumerate(given)]
    currencies = sorted({item["currency"] for item in items})
    if len(currencies) > 1:
        raise InvalidParameter(
            f"All line items must have the same currency: {', '.join(currencies)}.",
            param="line_items",
        )
    total = sum(item["amount_total"] for item in items)
    check_amount(total, currencies[0])
    return items, total, currencies[0]


def _line_item(state: State, given: dict[str, Any], name: str) -> Json:
    if "price" in given:
        state.get("price", given["price"], f"{name}[price]", in_url=False)
        raise InvalidParameter(
            "The price specified is inactive. This field only accepts active prices.",
            param=f"{name}[price]",
        )
    for required in ("price_data", "quantity"):
        if required not in given:
            raise InvalidParameter(
                f"Missing required param: {name}[{required}].",
                code="parameter_missing",
                param=f"{name}[{required}]",
            )
    data = given["price_data"]
    currency = check_currency(data["currency"])
    amount = data["unit_amount"] * given["quantity"]
    return {
        "id": new_id("li_1"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": currency,
        "description": data["product_data"]["name"],
        "metadata": given.get("metadata") or {},
        "price": inline_prices.make(state, data, currency),
        "quantity": given["quantity"],
    }
