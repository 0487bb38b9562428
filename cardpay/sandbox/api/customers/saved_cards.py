"""A Customer's PaymentMethods: attached, listed, changed, and detached for ever."""

from typing import Any

from cardpay.sandbox.api.payments import payment_methods
from cardpay.sandbox.api.retrieve_and_list import list_query
from cardpay.sandbox.http.api_errors import ApiError, CardError
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    LIST_FIELDS,
    hash_of,
    integer,
    merge_metadata,
    metadata,
    one_of,
    string,
)
from cardpay.sandbox.http.response_expansion import list_object
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json, PageQuery
from cardpay.sandbox.stripe_test_cards import BY_NAME

_REDISPLAY = one_of("always", "limited", "unspecified")
ATTACH = {"customer": string(), "expand": EXPAND}
DETACH = {"expand": EXPAND}
LIST_OF_CUSTOMER = {**LIST_FIELDS, "allow_redisplay": _REDISPLAY, "type": string()}
LIST = {**LIST_OF_CUSTOMER, "customer": string()}
UPDATE = {
    "allow_redisplay": _REDISPLAY,
    "billing_details": hash_of(payment_methods.BILLING),
    "card": hash_of(
        {"exp_month": integer(minimum=1, maximum=12), "exp_year": integer(minimum=2000)}
    ),
    "expand": EXPAND,
    "metadata": metadata,
}


def attach(state: State, call: Call) -> Json:
    """`POST /v1/payment_methods/{id}/attach`: the Customer can then use it repeatedly."""
    return save(state, call.object_id, call.params["customer"], in_url=True)


def detach(state: State, call: Call) -> Json:
    """`POST /v1/payment_methods/{id}/detach`: it can never be used or attached again."""
    method = state.get("payment_method", call.object_id, "payment_method")
    if method["customer"] is None:
        raise ApiError(
            "The payment method you provided is not attached to a customer so detachment is"
            " impossible."
        )
    return release(state, method)


def update(state: State, call: Call) -> Json:
    """`POST /v1/payment_methods/{id}`: number and security code never change."""
    method = state.get("payment_method", call.object_id, "payment_method")
    if method["customer"] is None:
        raise ApiError(
            "You must save this PaymentMethod to a customer before you can update it.",
            code="payment_method_unactivated",
        )
    params: dict[str, Any] = call.params
    before = {name: method[name] for name in params if name in method}
    if "metadata" in params:
        method["metadata"] = merge_metadata(method["metadata"] or {}, params["metadata"])
    if "billing_details" in params:
        given = dict(params["billing_details"])
        address = given.pop("address", {})
        details = method["billing_details"]
        method["billing_details"] = {
            **details, **given, "address": {**details["address"], **address},
        }  # fmt: skip
    method["card"] = {**method["card"], **params.get("card", {})}
    method["allow_redisplay"] = params.get("allow_redisplay", method["allow_redisplay"])
    state.store.save(method)
    state.emit("payment_method.updated", method, before)
    return method


def list_all(state: State, call: Call) -> Json:
    """`GET /v1/payment_methods`: those that are attached to a Customer, if one is named."""
    return _page(state, call, "/v1/payment_methods", call.params.get("customer"))


def list_of_customer(state: State, call: Call) -> Json:
    """`GET /v1/customers/{id}/payment_methods`."""
    customer = state.get("customer", call.object_id, "customer")
    return _page(state, call, f"/v1/customers/{customer['id']}/payment_methods", customer["id"])


def retrieve_of_customer(state: State, call: Call) -> Json:
    """`GET /v1/customers/{id}/payment_methods/{id}`."""
    customer_id, method_id = call.ids
    method = state.get("payment_method", method_id, "payment_method")
    if method["customer"] != customer_id:
        raise ApiError(
            f"The payment method {method_id} does not belong to the customer {customer_id}.",
            code="resource_missing",
            param="payment_method",
        )
    return method


def save(state: State, method_id: str, customer_id: str, *, in_url: bool = False) -> Json:
    """Attach a PaymentMethod. Raises CardError if its bank declines that."""
    method = payment_methods.resolve(state, method_id, in_url=in_url)
    customer = state.get("customer", customer_id, "customer", in_url=False)
    if method["customer"] is not None:
        raise ApiError("The payment method you provided has already been attached to a customer.")
    if method["_spent"] or method["_used_by"] is not None:
        raise ApiError(
            "This PaymentMethod was previously used without being attached to a Customer or was"
            " detached from a Customer, and may not be used again."
        )
    decline = BY_NAME[method["_card"]].decline_at_setup
    if decline is not None:
        raise CardError(decline.message, code=decline.code, decline_code=decline.decline_code)
    payment_methods.attach_to(state, method, customer["id"])
    return method


def release(state: State, method: Json) -> Json:
    """Detach a PaymentMethod from its Customer."""
    before = {"customer": method["customer"]}
    method.update(customer=None, _spent=True)
    state.store.save(method)
    state.emit("payment_method.detached", method, before)
    return method


def of_customer(state: State, customer_id: str) -> list[Json]:
    """The newest hundred PaymentMethods of a Customer."""
    query = PageQuery("payment_method", limit=100, where=(("customer", customer_id),))
    return state.store.page(query)[0]


def _page(state: State, call: Call, url: str, customer_id: str | None) -> Json:
    if customer_id is None:
        return list_object([], url, has_more=False)  # only attached ones are listed
    call.params["customer"] = customer_id
    query = list_query(state, call, "payment_method", "allow_redisplay", "customer", "type")
    found, more = state.store.page(query)
    return list_object(found, url, has_more=more)
