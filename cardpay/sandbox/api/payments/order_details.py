"""What a PaymentIntent says about the order: line items, tax, references, and the delivery.

Stripe docs: "Payment line items"; API changelog 2026-01-28 for what happens to wrong sums.
"""

from typing import Any

from cardpay.sandbox.api.payments.payment_methods import ADDRESS
from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.parameter_validation import (
    Reader,
    boolean,
    hash_of,
    integer,
    list_of,
    string,
)
from cardpay.sandbox.http.response_expansion import list_object
from cardpay.sandbox.state.account_state import Call, State, new_id
from cardpay.sandbox.state.sqlite_store import Json

MAX_LINE_ITEMS = 200
_AMOUNT = integer(minimum=0)
_COMMODITY = hash_of({"commodity_code": string(maximum=12)})
_LINE_ITEM = hash_of(
    {
        "discount_amount": integer(minimum=1),
        "payment_method_options": hash_of({"card": _COMMODITY, "card_present": _COMMODITY}),
        "product_code": string(maximum=12),
        "product_name": string(maximum=1024),
        "quantity": integer(minimum=1),
        "tax": hash_of({"total_tax_amount": _AMOUNT}, required=("total_tax_amount",)),
        "unit_cost": _AMOUNT,
        "unit_of_measure": string(maximum=12),
    },
    required=("product_name", "quantity", "unit_cost"),
)
SHIPPING = hash_of(
    {
        "address": hash_of(ADDRESS),
        "carrier": string(clearable=True),
        "name": string(),
        "phone": string(clearable=True),
        "tracking_number": string(clearable=True),
    },
    required=("address", "name"),
)
FIELDS: dict[str, Reader] = {
    "amount_details": hash_of(
        {
            "discount_amount": integer(minimum=1),
            "enforce_arithmetic_validation": boolean,
            "line_items": list_of(_LINE_ITEM, maximum=MAX_LINE_ITEMS),
            "shipping": hash_of(
                {
                    "amount": _AMOUNT,
                    "from_postal_code": string(maximum=10),
                    "to_postal_code": string(maximum=10),
                }
            ),
            "tax": hash_of({"total_tax_amount": _AMOUNT}, required=("total_tax_amount",)),
        }
    ),
    "payment_details": hash_of(
        {
            "customer_reference": string(maximum=200, clearable=True),
            "order_reference": string(maximum=200, clearable=True),
        }
    ),
}


def apply(intent: Json, params: dict[str, Any], captured: int | None = None) -> None:
    """Take the details over, and check their sums. Raises InvalidParameter.

    They have to add up to the amount, or to what is `captured`.
    """
    if "shipping" in params:
        intent["shipping"] = _shipping(params["shipping"])
    if "payment_details" in params:
        before = intent.get("payment_details", {})
        given = {**before, **params["payment_details"]}
        intent["payment_details"] = {
            name: given.get(name) for name in ("customer_reference", "order_reference")
        }
    if "amount_details" in params:
        _take(intent, params["amount_details"])
    if "amount_details" in params or "amount" in params:
        enforced = params.get("amount_details", {}).get("enforce_arithmetic_validation", True)
        _check(intent, captured or intent["amount"], enforced=enforced)


def list_line_items(state: State, call: Call) -> Json:
    """`GET /v1/payment_intents/{id}/amount_details_line_items`, all of them on one page."""
    intent = state.get("payment_intent", call.object_id, "intent")
    url = f"/v1/payment_intents/{intent['id']}/amount_details_line_items"
    return list_object(intent.get("_line_items", []), url, has_more=False)


def _shipping(given: Json) -> Json | None:
    if not given:
        return None
    names = ("carrier", "name", "phone", "tracking_number")
    address = {name: given["address"].get(name) for name in ADDRESS}
    return {"address": address, **{name: given.get(name) for name in names}}


def _take(intent: Json, given: Json) -> None:
    details: Json = {"tip": {}}
    if "discount_amount" in given:
        details["discount_amount"] = given["discount_amount"]
    if "tax" in given:
        details["tax"] = given["tax"]
    if "shipping" in given:
        names = ("amount", "from_postal_code", "to_postal_code")
        details["shipping"] = {name: given["shipping"].get(name) for name in names}
    intent["amount_details"] = details
    intent["_line_items"] = [_line_item(line) for line in given.get("line_items", ())]
    for name in ("discount_amount", "tax"):
        if name in given and any(line[name] is not None for line in intent["_line_items"]):
            raise InvalidParameter(
                f"You can set {name} in total or for each line item, not both.",
                param=f"amount_details[{name}]",
            )


def _line_item(given: Json) -> Json:
    options = given.get("payment_method_options")
    names = ("discount_amount", "product_code", "product_name", "quantity", "tax", "unit_cost",
             "unit_of_measure")  # fmt: skip
    return {
        "id": new_id("uli_1"),
        "object": "payment_intent_amount_details_line_item",
        **{name: given.get(name) for name in names},
        "payment_method_options": {
            kind: {"commodity_code": value.get("commodity_code")}
            for kind, value in options.items()
        }
        if options
        else None,
    }


def _check(intent: Json, amount: int, *, enforced: bool) -> None:
    """Compare the sums with the amount. If that is not `enforced`, only say what is wrong."""
    details = intent["amount_details"]
    details.pop("error", None)
    found = _wrong(intent, amount)
    if found is None:
        return
    code, message = found
    if enforced:
        raise InvalidParameter(message, code=code, param="amount_details")
    details["error"] = {"code": code, "message": message}


def _wrong(intent: Json, amount: int) -> tuple[str, str] | None:
    details, lines = intent["amount_details"], intent.get("_line_items", [])
    tax = details.get("tax", {}).get("total_tax_amount", 0)
    shipping = details.get("shipping", {}).get("amount") or 0
    discount = details.get("discount_amount", 0)
    if not lines:
        if tax + shipping + discount <= amount:
            return None
        return (
            "amount_details_tax_shipping_discount_greater_than_amount",
            "Tax, shipping and discount are together greater than the amount.",
        )
    items = sum(
        line["quantity"] * line["unit_cost"]
        - (line["discount_amount"] or 0)
        + (line["tax"] or {}).get("total_tax_amount", 0)
        for line in lines
    )
    total = items + tax + shipping - discount
    if total == amount:
        return None
    return (
        "amount_details_amount_mismatch",
        f"The line items, tax, shipping and discount add up to {total}, and not to the amount of"
        f" {amount}.",
    )
