"""Checkout Sessions: create, change, list and expire. `checkout_payment` pays them."""

from dataclasses import replace
from typing import Any

from cardpay.sandbox.api.checkout.checkout_items import LINE_ITEMS, line_items
from cardpay.sandbox.api.payments import payment_intent_cancel, payment_intent_confirm
from cardpay.sandbox.api.payments.order_details import SHIPPING
from cardpay.sandbox.api.retrieve_and_list import list_page, list_query
from cardpay.sandbox.http.api_errors import ApiError, InvalidParameter
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    LIST_FIELDS,
    Reader,
    boolean,
    hash_of,
    integer,
    list_of,
    merge_metadata,
    metadata,
    one_of,
    string,
)
from cardpay.sandbox.http.response_expansion import list_object
from cardpay.sandbox.state.account_state import Call, State, new_id
from cardpay.sandbox.state.clock import DAY_SECONDS
from cardpay.sandbox.state.sqlite_store import Json

SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = DAY_SECONDS
_LOCALES = """
    auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt
    nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW
""".split()
_CARD = {"request_three_d_secure": one_of("any", "automatic", "challenge")}
_INTENT: dict[str, Reader] = {
    "capture_method": one_of("automatic", "automatic_async", "manual"),
    "description": string(maximum=1000),
    "metadata": metadata,
    "receipt_email": string(),
    "setup_future_usage": one_of("off_session", "on_session"),
    "shipping": SHIPPING,
    "statement_descriptor_suffix": string(maximum=22),
}
CREATE = {
    "adaptive_pricing": hash_of({"enabled": boolean}),
    "allowed_payment_method_types": list_of(one_of("card")),
    "billing_address_collection": one_of("auto", "required"),
    "cancel_url": string(),
    "client_reference_id": string(maximum=200),
    "currency": string(),
    "custom_text": hash_of({"submit": hash_of({"message": string(maximum=1200)})}),
    "customer": string(),
    "customer_creation": one_of("always", "if_required"),
    "customer_email": string(),
    "expand": EXPAND,
    "expires_at": integer(),
    "line_items": LINE_ITEMS,
    "locale": one_of(*_LOCALES),
    "metadata": metadata,
    "mode": one_of("payment"),
    "payment_intent_data": hash_of(_INTENT),
    "payment_method_options": hash_of({"card": hash_of(_CARD)}),
    "submit_type": one_of("auto", "book", "donate", "pay"),
    "success_url": string(),
    "ui_mode": one_of("hosted_page"),
}
UPDATE = {"metadata": metadata, "expand": EXPAND}
LIST = {
    **LIST_FIELDS,
    "customer": string(),
    "customer_details": hash_of({"email": string()}),
    "payment_intent": string(),
    "payment_link": string(),
    "status": one_of("open", "complete", "expired"),
}


def create(state: State, call: Call) -> Json:
    """`POST /v1/checkout/sessions`: only payments by card, on a hosted page."""
    params = call.params
    if "customer" in params and "customer_email" in params:
        raise InvalidParameter(
            "You may only specify one of these parameters: customer, customer_email.",
            param="customer",
        )
    if "customer" in params:
        state.get("customer", params["customer"], "customer", in_url=False)
    items, total, currency = line_items(state, params.get("line_items", []))
    expires_at = _expires_at(state, params.get("expires_at"))
    session_id = new_id("cs_test_a1", 58)
    session: Json = {
        **_new(params),
        "id": session_id,
        "amount_subtotal": total,
        "amount_total": total,
        "created": state.seconds(),
        "currency": currency,
        "expires_at": expires_at,
        "url": f"{state.public_url}/checkout/{session_id}",
        "_line_items": items,
        "_payment_intent_data": params.get("payment_intent_data", {}),
    }
    state.store.save(session)
    state.schedule(expires_at - state.seconds(), "checkout_expires", session_id)
    return session


def update(state: State, call: Call) -> Json:
    """`POST /v1/checkout/sessions/{id}`: metadata only."""
    session = state.get("checkout.session", call.object_id, "session")
    session["metadata"] = merge_metadata(session["metadata"], call.params.get("metadata", {}))
    state.store.save(session)
    return session


def expire(state: State, call: Call) -> Json:
    """`POST /v1/checkout/sessions/{id}/expire`: nobody can pay it any more."""
    session = state.get("checkout.session", call.object_id, "session")
    if session["status"] != "open":
        raise ApiError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of {session['status']}."
        )
    return _end(state, session)


def expire_in_time(state: State, session_id: str) -> None:
    """Nobody paid it until `expires_at`."""
    session = state.store.find("checkout.session", session_id)
    if session is not None and session["status"] == "open":
        _end(state, session)


def list_sessions(state: State, call: Call) -> Json:
    """`GET /v1/checkout/sessions`."""
    query = list_query(
        state, call, "checkout.session", "customer", "payment_intent", "payment_link", "status"
    )
    email = call.params.get("customer_details", {}).get("email")
    if email is not None:
        query = replace(query, where=(*query.where, ("customer_details.email", email)))
    return list_page(state, query)


def list_line_items(state: State, call: Call) -> Json:
    """`GET /v1/checkout/sessions/{id}/line_items`, all of them on one page."""
    session = state.get("checkout.session", call.object_id, "session")
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return list_object(session["_line_items"], url, has_more=False)


def _end(state: State, session: Json) -> Json:
    intent_id = session["payment_intent"]
    intent = state.store.find("payment_intent", intent_id) if intent_id else None
    if intent is not None and intent["status"] in payment_intent_confirm.CONFIRMABLE:
        payment_intent_cancel.cancel_intent(state, intent, "expired")
    session.update(status="expired", url=None)
    state.store.save(session)
    state.emit("checkout.session.expired", session)
    return session


def _expires_at(state: State, given: int | None) -> int:
    now = state.seconds()
    if given is None:
        return now + LONGEST_SECONDS
    if not SHORTEST_SECONDS <= given - now <= LONGEST_SECONDS:
        raise InvalidParameter(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from"
            " Checkout Session creation.",
            param="expires_at",
        )
    return given


def _new(params: dict[str, Any]) -> Json:
    """The fields that do not depend on the state."""
    texts = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    copied = ("allowed_payment_method_types", "billing_address_collection", "cancel_url",
              "client_reference_id", "customer", "customer_email", "locale", "submit_type",
              "success_url")  # fmt: skip
    unused = ("after_expiration", "allow_promotion_codes", "client_secret",
              "collected_information", "consent", "consent_collection", "currency_conversion",
              "customer_account", "customer_details", "integration_identifier", "invoice",
              "managed_payments", "origin_context", "payment_intent", "payment_link",
              "payment_method_configuration_details", "permissions", "recovered_from",
              "setup_intent", "shipping_address_collection", "shipping_cost", "subscription",
              "wallet_options")  # fmt: skip
    card = params.get("payment_method_options", {}).get("card", {})
    return {
        "object": "checkout.session",
        **{name: params.get(name) for name in copied},
        **dict.fromkeys(unused),
        "adaptive_pricing": params.get("adaptive_pricing") or {"enabled": False},
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": {name: params.get("custom_text", {}).get(name) for name in texts},
        "customer_creation": (
            None if "customer" in params else params.get("customer_creation", "if_required")
        ),
        "discounts": [],
        "invoice_creation": None,
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic", **card}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "saved_payment_method_options": None,
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
    }
