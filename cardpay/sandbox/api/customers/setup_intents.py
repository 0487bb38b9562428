"""SetupIntents: save a card for later payments, without a payment now."""

from typing import Any

from cardpay.sandbox.api.payments import payment_intent_confirm, payment_methods
from cardpay.sandbox.http.api_errors import ApiError, CardError, InvalidParameter, doc_url
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    LIST_FIELDS,
    boolean,
    hash_of,
    list_of,
    merge_metadata,
    metadata,
    one_of,
    string,
)
from cardpay.sandbox.state.account_state import Call, State, new_id, public
from cardpay.sandbox.state.sqlite_store import Json
from cardpay.sandbox.stripe_test_cards import BY_NAME, Decline

_OPTIONS = hash_of(payment_intent_confirm.OPTIONS)
CONFIRM = {
    "allowed_payment_method_types": list_of(string()),
    "expand": EXPAND,
    "payment_method": string(),
    "payment_method_options": _OPTIONS,
    "return_url": string(),
    "use_stripe_sdk": boolean,
}
UPDATE = {
    "allowed_payment_method_types": list_of(string()),
    "customer": string(),
    "description": string(maximum=1000, clearable=True),
    "expand": EXPAND,
    "metadata": metadata,
    "payment_method": string(),
    "payment_method_options": _OPTIONS,
}
CREATE = {
    **CONFIRM,
    **UPDATE,
    "automatic_payment_methods": hash_of(
        {"enabled": boolean, "allow_redirects": one_of("always", "never")},
        required=("enabled",),
    ),
    "confirm": boolean,
    "usage": one_of("off_session", "on_session"),
}
CANCEL = {
    "cancellation_reason": one_of("abandoned", "duplicate", "requested_by_customer"),
    "expand": EXPAND,
}
LIST = {**LIST_FIELDS, "customer": string(), "payment_method": string()}
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(state: State, call: Call) -> Json:
    """`POST /v1/setup_intents`."""
    params = call.params
    _check_moto(params, confirming=params.get("confirm", False))
    if params.get("customer"):
        state.get("customer", params["customer"], "customer", in_url=False)
    intent_id = new_id("seti_1")
    automatic: Json = {"allow_redirects": "always", "enabled": True}
    automatic |= params.get("automatic_payment_methods", {})
    allowed = params.get("allowed_payment_method_types")
    intent: Json = {
        "id": intent_id,
        "object": "setup_intent",
        "allowed_payment_method_types": allowed,
        "application": None,
        "automatic_payment_methods": None if allowed else automatic,
        "cancellation_reason": None,
        "client_secret": new_id(f"{intent_id}_secret_", 25),
        "created": state.seconds(),
        "customer": params.get("customer"),
        "customer_account": None,
        "description": params.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
    }
    _take_method(state, intent, params)
    state.store.save(intent)
    state.emit("setup_intent.created", intent)
    return _confirm(state, intent, params) if params.get("confirm") else intent


def update(state: State, call: Call) -> Json:
    """`POST /v1/setup_intents/{id}`."""
    intent = _get_open(state, call.object_id, "updated")
    params = call.params
    if "customer" in params:
        state.get("customer", params["customer"], "customer", in_url=False)
    if "metadata" in params:
        intent["metadata"] = merge_metadata(intent["metadata"], params["metadata"])
    for name in ("allowed_payment_method_types", "customer", "description"):
        if name in params:
            intent[name] = params[name]
    _take_method(state, intent, params)
    state.store.save(intent)
    return intent


def confirm(state: State, call: Call) -> Json:
    """`POST /v1/setup_intents/{id}/confirm`."""
    return _confirm(state, _get_open(state, call.object_id, "confirmed"), call.params)


def cancel(state: State, call: Call) -> Json:
    """`POST /v1/setup_intents/{id}/cancel`."""
    intent = _get_open(state, call.object_id, "canceled")
    intent.update(
        status="canceled",
        cancellation_reason=call.params.get("cancellation_reason"),
        next_action=None,
    )
    state.store.save(intent)
    state.emit("setup_intent.canceled", intent)
    return intent


def finish(state: State, intent: Json, outcome: str) -> None:
    """The cardholder's 3-D Secure dialog ended: complete, fail or cancel."""
    method = state.get("payment_method", intent["payment_method"], "payment_method")
    if outcome == "complete":
        _succeed(state, intent, method)
        return
    _fail(state, intent, method, {
        "code": "setup_intent_authentication_failure",
        "doc_url": doc_url("setup_intent_authentication_failure"),
        "message": "The customer could not be authenticated. Ask for another payment method.",
        "type": "invalid_request_error",
    })  # fmt: skip


def _confirm(state: State, intent: Json, params: dict[str, Any]) -> Json:
    _check_moto(params, confirming=True)
    _take_method(state, intent, params)
    if intent["payment_method"] is None:
        raise _unexpected_state(intent, "confirmed, because it has no payment method")
    method = state.get("payment_method", intent["payment_method"], "payment_method")
    card = BY_NAME[method["_card"]]
    moto = payment_intent_confirm.is_moto(state, params)
    intent["latest_attempt"] = new_id("setatt_1")
    if card.decline_at_setup is not None:
        raise _declined(state, intent, method, card.decline_at_setup)
    if card.three_d_secure.startswith("required") and not moto:
        intent.update(
            status="requires_action",
            last_setup_error=None,
            next_action=payment_intent_confirm.next_action(state, intent, params),
        )
        state.store.save(intent)
        state.emit("setup_intent.requires_action", intent)
        return intent
    return _succeed(state, intent, method)


def _succeed(state: State, intent: Json, method: Json) -> Json:
    if intent["customer"] is not None and method["customer"] is None:
        payment_methods.attach_to(state, method, intent["customer"])
    method["_set_up"] = method["_set_up"] or intent["usage"] == "off_session"
    state.store.save(method)
    intent.update(status="succeeded", last_setup_error=None, next_action=None)
    state.store.save(intent)
    state.emit("setup_intent.succeeded", intent)
    return intent


def _declined(state: State, intent: Json, method: Json, decline: Decline) -> CardError:
    error: Json = {
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": doc_url(decline.code),
        "message": decline.message,
        "type": "card_error",
    }
    _fail(state, intent, method, error)
    return CardError(
        decline.message,
        setup_intent=public(intent),
        **{name: value for name, value in error.items() if name != "message"},
    )


def _fail(state: State, intent: Json, method: Json, error: Json) -> None:
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_setup_error={**error, "payment_method": public(method)},
    )
    state.store.save(intent)
    state.emit("setup_intent.setup_failed", intent)


def _take_method(state: State, intent: Json, params: dict[str, Any]) -> None:
    card = params.get("payment_method_options", {}).get("card", {})
    if "request_three_d_secure" in card:
        requested = card["request_three_d_secure"]
        intent["payment_method_options"]["card"]["request_three_d_secure"] = requested
    if "payment_method" not in params:
        return
    method = payment_methods.resolve(state, params["payment_method"], in_url=False)
    payment_methods.check_usable(method, intent)
    intent.update(payment_method=method["id"], status="requires_confirmation", next_action=None)


def _check_moto(params: dict[str, Any], *, confirming: bool) -> None:
    card = params.get("payment_method_options", {}).get("card", {})
    name = "payment_method_options[card][moto]"
    if "moto" in card and not confirming:
        # As users report (GitHub, stripe/stripe-dotnet, issue 2898).
        raise InvalidParameter(
            f"Received unknown parameter: {name}", code="parameter_unknown", param=name
        )


def _get_open(state: State, intent_id: str, verb: str) -> Json:
    intent = state.get("setup_intent", intent_id, "intent")
    if intent["status"] not in _OPEN:
        raise _unexpected_state(intent, f"{verb}, because it has a status of {intent['status']}")
    return intent


def _unexpected_state(intent: Json, what: str) -> ApiError:
    return ApiError(
        f"This SetupIntent could not be {what}.",
        code="setup_intent_unexpected_state",
        setup_intent=public(intent),
    )
