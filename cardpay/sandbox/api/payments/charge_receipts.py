"""Receipts: a page for every paid Charge, and a number once a receipt was sent to an address."""

import secrets
from typing import Any

from cardpay.sandbox.api.payments import order_details
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    hash_of,
    merge_metadata,
    metadata,
    one_of,
    string,
)
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json

UPDATE = {
    "customer": string(),
    "description": string(maximum=1000, clearable=True),
    "expand": EXPAND,
    "fraud_details": hash_of({"user_report": one_of("fraudulent", "safe")}),
    "metadata": metadata,
    "receipt_email": string(clearable=True),
    "shipping": order_details.SHIPPING,
}


def update(state: State, call: Call) -> Json:
    """`POST /v1/charges/{id}`: texts, and another address to send the receipt to."""
    charge = state.get("charge", call.object_id, "charge")
    params: dict[str, Any] = call.params
    if params.get("customer"):
        state.get("customer", params["customer"], "customer", in_url=False)
    before = {name: charge[name] for name in params if name in charge}
    if "metadata" in params:
        charge["metadata"] = merge_metadata(charge["metadata"], params["metadata"])
    if "shipping" in params:
        order_details.apply(charge, {"shipping": params["shipping"]})
    for name in ("customer", "description", "fraud_details"):
        if name in params:
            charge[name] = params[name]
    if "receipt_email" in params:
        send_receipt(charge, params["receipt_email"])
    state.store.save(charge)
    state.emit("charge.updated", charge, before)
    return charge


def add_receipt(state: State, charge: Json) -> None:
    """Give a paid Charge its page, and send the receipt if it names an address."""
    charge["_receipt"] = secrets.token_urlsafe(32)
    charge["receipt_url"] = f"{state.public_url}/receipts/{charge['_receipt']}"
    send_receipt(charge, charge["receipt_email"])


def send_receipt(charge: Json, email: str | None) -> None:
    """Send the receipt of a paid Charge, which gives it a number.

    Here it is only said to be sent: no test key sends any e-mail (Stripe docs, "Receipts").
    """
    charge["receipt_email"] = email
    if email and charge["paid"] and charge["receipt_number"] is None:
        charge["receipt_number"] = new_receipt_number()


def new_receipt_number() -> str:
    """A receipt's number, such as `1024-7731`."""
    return f"{secrets.randbelow(10_000):04}-{secrets.randbelow(10_000):04}"
