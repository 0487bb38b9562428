"""Customers, which PaymentMethods can be attached to."""

from cardpay.sandbox.http.api_errors import ApiError
from cardpay.sandbox.http.parameter_validation import EXPAND, metadata, string
from cardpay.sandbox.state.account_state import Call, State, new_id
from cardpay.sandbox.state.sqlite_store import Json

CREATE = {
    "description": string(clearable=True),
    "email": string(clearable=True),
    "expand": EXPAND,
    "metadata": metadata,
    "name": string(clearable=True),
    "phone": string(clearable=True),
}
ATTACH = {"customer": string(), "expand": EXPAND}


def create(state: State, call: Call) -> Json:
    """`POST /v1/customers`."""
    customer: Json = {
        "id": new_id("cus_", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": state.seconds(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "discount": None,
        "invoice_prefix": new_id("", 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": call.params.get("metadata") or {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
        **{name: call.params.get(name) for name in ("description", "email", "name", "phone")},
    }
    state.store.save(customer)
    state.emit("customer.created", customer)
    return customer


def attach(state: State, call: Call) -> Json:
    """`POST /v1/payment_methods/{id}/attach`: the Customer can then use it repeatedly."""
    method = state.get("payment_method", call.object_id, "payment_method")
    customer = state.get("customer", call.params["customer"], "customer", in_url=False)
    if method["customer"] is not None:
        raise ApiError("The payment method you provided has already been attached to a customer.")
    if method["_spent"] or method["_used_by"] is not None:
        raise ApiError(
            "This PaymentMethod was previously used without being attached to a Customer or was"
            " detached from a Customer, and may not be used again."
        )
    method["customer"] = customer["id"]
    state.store.save(method)
    state.emit("payment_method.attached", method)
    return method
