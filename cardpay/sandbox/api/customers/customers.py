"""Customers: create, update and delete."""

from typing import Any

from cardpay.sandbox.api.customers import saved_cards
from cardpay.sandbox.api.payments.order_details import SHIPPING
from cardpay.sandbox.api.payments.payment_methods import ADDRESS
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    RETRIEVE_FIELDS,
    hash_of,
    integer,
    list_of,
    merge_metadata,
    metadata,
    one_of,
    string,
)
from cardpay.sandbox.state.account_state import Call, State, new_id
from cardpay.sandbox.state.sqlite_store import Json

_TEXTS = ("business_name", "description", "email", "individual_name", "name", "phone")
UPDATE = {
    "address": hash_of(ADDRESS),
    "balance": integer(),
    "business_name": string(maximum=150, clearable=True),
    "description": string(clearable=True),
    "email": string(maximum=512, clearable=True),
    "expand": EXPAND,
    "individual_name": string(maximum=150, clearable=True),
    "invoice_prefix": string(maximum=12),
    "invoice_settings": hash_of(
        {"default_payment_method": string(clearable=True), "footer": string(clearable=True)}
    ),
    "metadata": metadata,
    "name": string(maximum=256, clearable=True),
    "next_invoice_sequence": integer(minimum=1),
    "phone": string(maximum=20, clearable=True),
    "preferred_locales": list_of(string()),
    "shipping": SHIPPING,
    "tax_exempt": one_of("none", "exempt", "reverse"),
}
CREATE = {**UPDATE, "payment_method": string()}
DELETE = RETRIEVE_FIELDS
_DELETED = "deleted_customer"  # kept apart, so that lists and payments do not find it


def create(state: State, call: Call) -> Json:
    """`POST /v1/customers`, with a card that is saved at once if one is named."""
    customer: Json = {
        "id": new_id("cus_", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": state.seconds(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("", 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _take(customer, call.params)
    state.store.save(customer)
    state.emit("customer.created", customer)
    if "payment_method" in call.params:
        saved_cards.save(state, call.params["payment_method"], customer["id"])
    return customer


def retrieve(state: State, call: Call) -> Json:
    """`GET /v1/customers/{id}`. A deleted one says that it is deleted, and nothing else."""
    deleted = state.store.find(_DELETED, call.object_id)
    return deleted or state.get("customer", call.object_id, "id")


def update(state: State, call: Call) -> Json:
    """`POST /v1/customers/{id}`."""
    customer = state.get("customer", call.object_id, "id")
    before = {name: customer.get(name) for name in call.params if name != "expand"}
    default = call.params.get("invoice_settings", {}).get("default_payment_method")
    if default is not None:
        state.get("payment_method", default, "payment_method", in_url=False)
    _take(customer, call.params)
    state.store.save(customer)
    changed = {name: value for name, value in before.items() if value != customer.get(name)}
    state.emit("customer.updated", customer, changed)
    return customer


def delete(state: State, call: Call) -> Json:
    """`DELETE /v1/customers/{id}`: at once and for ever; its cards cannot be charged any more."""
    customer = state.get("customer", call.object_id, "id")
    for method in saved_cards.of_customer(state, customer["id"]):
        saved_cards.release(state, method)
    state.store.run("UPDATE object SET kind = ? WHERE id = ?", (_DELETED, customer["id"]))
    deleted: Json = {"id": customer["id"], "object": "customer", "deleted": True}
    state.store.save(deleted)
    state.emit("customer.deleted", customer)
    return deleted


def _take(customer: Json, params: dict[str, Any]) -> None:
    if "metadata" in params:
        customer["metadata"] = merge_metadata(customer["metadata"], params["metadata"])
    if "address" in params:
        given = params["address"]
        customer["address"] = {name: given.get(name) for name in ADDRESS} if given else None
    if "shipping" in params:
        given = params["shipping"]
        address = {name: given["address"].get(name) for name in ADDRESS} if given else {}
        customer["shipping"] = (
            {"address": address, "name": given["name"], "phone": given.get("phone")}
            if given
            else None
        )
    if "invoice_settings" in params:
        customer["invoice_settings"] |= params["invoice_settings"]
    for name in (*_TEXTS, "balance", "invoice_prefix", "next_invoice_sequence",
                 "preferred_locales", "tax_exempt"):  # fmt: skip
        if name in params:
            customer[name] = params[name]
    for name in ("business_name", "individual_name"):
        if customer.get(name, "") is None:
            del customer[name]  # Stripe leaves these two out where they are not set
