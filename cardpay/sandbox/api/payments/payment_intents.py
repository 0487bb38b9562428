"""PaymentIntents: create, retrieve and update. Other files confirm, capture and cancel them."""

from typing import Any

from cardpay.sandbox.api.payments import charge_receipts, order_details, payment_methods
from cardpay.sandbox.api.payments.payment_intent_confirm import (
    CONFIRM_FIELDS,
    confirm_intent,
    set_options,
    unexpected_state,
)
from cardpay.sandbox.currency_rules import check_amount, check_currency
from cardpay.sandbox.http import api_versions
from cardpay.sandbox.http.api_errors import InvalidParameter, ResourceMissing
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    RETRIEVE_FIELDS,
    boolean,
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

_COMMON = {
    "amount": integer(minimum=1),
    "currency": string(),
    "description": string(maximum=1000, clearable=True),
    "metadata": metadata,
    "payment_method_types": list_of(string()),  # until `api_versions.ONLY_ALLOWED_TYPES`
    "allowed_payment_method_types": list_of(string()),
    **order_details.FIELDS,
    "shipping": order_details.SHIPPING,
    "statement_descriptor": string(maximum=22, clearable=True),
    "statement_descriptor_suffix": string(maximum=22, clearable=True),
    "expand": EXPAND,
}
CREATE = {
    **CONFIRM_FIELDS,
    **_COMMON,
    "automatic_payment_methods": hash_of(
        {"enabled": boolean, "allow_redirects": one_of("always", "never")},
        required=("enabled",),
    ),
    "confirm": boolean,
    "confirmation_method": one_of("automatic", "manual"),
    "customer": string(),
}
UPDATE = {
    **_COMMON,
    "customer": string(),
    **{
        name: CONFIRM_FIELDS[name]
        for name in ("capture_method", "payment_method", "payment_method_options",
                     "receipt_email", "setup_future_usage")
    },
}  # fmt: skip
RETRIEVE = {**RETRIEVE_FIELDS, "client_secret": string()}

_COPIED = ("allowed_payment_method_types", "amount", "capture_method", "description",
           "receipt_email", "setup_future_usage", "statement_descriptor",
           "statement_descriptor_suffix")  # fmt: skip
_TYPES = ("payment_method_types", "allowed_payment_method_types")
_CONFIRM_ONLY = ("error_on_requires_action", "off_session", "return_url")
_BEFORE_PAYMENT = ("amount", "currency", "payment_method", "capture_method", "customer",
                   "amount_details")  # fmt: skip
_CHANGEABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
# The fields that a publishable key can see (Stripe.js reference: PaymentIntent).
_PUBLISHABLE = (
    "id", "object", "amount", "automatic_payment_methods", "canceled_at", "cancellation_reason",
    "capture_method", "client_secret", "confirmation_method", "created", "currency",
    "description", "last_payment_error", "livemode", "next_action", "payment_method",
    "payment_method_types", "processing", "receipt_email", "setup_future_usage", "shipping",
    "source", "status",
)  # fmt: skip


def create(state: State, call: Call) -> Json:
    """`POST /v1/payment_intents`."""
    params = call.params
    confirming = params.get("confirm", False)
    _check_create(call, confirming=confirming)
    currency = check_currency(params["currency"])
    check_amount(params["amount"], currency)
    automatic = _automatic(call)
    _check_customer(state, params)
    intent_id = new_id("pi_3")
    intent: Json = {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", _default_capture_method(call)),
        "client_secret": new_id(f"{intent_id}_secret_", 25),
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": state.seconds(),
        "currency": currency,
        "customer": params.get("customer"),
        "customer_account": None,
        "description": params.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card", "link"] if automatic else ["card"],
        "payment_record": None,
        "processing": None,
        "receipt_email": params.get("receipt_email"),
        "review": None,
        "setup_future_usage": params.get("setup_future_usage"),
        "shipping": None,
        "source": None,
        "statement_descriptor": params.get("statement_descriptor"),
        "statement_descriptor_suffix": params.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    order_details.apply(intent, params)
    set_options(intent, params)
    _attach_method(state, intent, params, confirming=confirming)
    state.store.save(intent)
    state.emit("payment_intent.created", intent)
    return confirm_intent(state, intent, params) if confirming else intent


def retrieve(state: State, call: Call) -> Json:
    """`GET /v1/payment_intents/{id}`. A publishable key needs the client_secret."""
    if call.publishable and "client_secret" not in call.params:
        raise InvalidParameter(
            "Missing required param: client_secret.",
            code="parameter_missing",
            param="client_secret",
        )
    intent = state.get("payment_intent", call.object_id, "intent")
    if call.params.get("client_secret") not in {None, intent["client_secret"]}:
        raise ResourceMissing("payment_intent", call.object_id, "intent")
    if call.publishable:
        return {name: intent[name] for name in _PUBLISHABLE}
    return intent


def update(state: State, call: Call) -> Json:
    """`POST /v1/payment_intents/{id}`. A final status allows changes of texts only."""
    intent = state.get("payment_intent", call.object_id, "intent")
    params = call.params
    for name in _BEFORE_PAYMENT:
        if name in params and intent["status"] not in _CHANGEABLE:
            raise unexpected_state(
                intent,
                f"This PaymentIntent's {name} could not be updated because it has a status of"
                f" {intent['status']}. You may only update the {name} of a PaymentIntent with"
                f" one of the following statuses: {', '.join(_CHANGEABLE)}.",
            )
    currency = check_currency(params.get("currency") or intent["currency"])
    if "amount" in params or "currency" in params:
        check_amount(params.get("amount") or intent["amount"], currency)
    _check_types(call)
    _check_not_confirming(params)
    intent["metadata"] = merge_metadata(intent["metadata"], params.get("metadata", {}))
    intent["currency"] = currency
    for name in _COPIED:
        if name in params:
            intent[name] = params[name]
    if _check_customer(state, params):
        intent["customer"] = params["customer"]
    order_details.apply(intent, params)
    set_options(intent, params)
    _begin_anew(intent)
    _attach_method(state, intent, params, confirming=False)
    state.store.save(intent)
    if "receipt_email" in params and intent["latest_charge"]:
        _send_receipt(state, intent)
    return intent


def _check_customer(state: State, params: dict[str, Any]) -> bool:
    """Whether a Customer is named. Raises ResourceMissing if there is none such."""
    if "customer" not in params:
        return False
    state.get("customer", params["customer"], "customer", in_url=False)
    return True


def _begin_anew(intent: Json) -> None:
    """An update clears the last error, and gives up an authentication that has begun."""
    intent["last_payment_error"] = None
    if intent["status"] == "requires_action":
        intent.update(status="requires_payment_method", payment_method=None, next_action=None)


def _send_receipt(state: State, intent: Json) -> None:
    charge = state.get("charge", intent["latest_charge"], "charge")
    before = {"receipt_email": charge["receipt_email"]}
    charge_receipts.send_receipt(charge, intent["receipt_email"])
    state.store.save(charge)
    state.emit("charge.updated", charge, before)


def _check_create(call: Call, *, confirming: bool) -> None:
    params = call.params
    _check_types(call)
    if not confirming:
        _check_not_confirming(params)
    exclusive = [name for name in ("automatic_payment_methods", *_TYPES) if name in params]
    if len(exclusive) > 1:
        raise InvalidParameter(
            f"You may only specify one of these parameters: {', '.join(exclusive)}.",
            param=exclusive[0],
        )


def _check_not_confirming(params: dict[str, Any]) -> None:
    """Reject parameters that only a confirm takes (SDK: "can only be provided during …")."""
    names = [name for name in _CONFIRM_ONLY if name in params]
    if "moto" in params.get("payment_method_options", {}).get("card", {}):
        names.append("payment_method_options[card][moto]")
    if names:
        raise InvalidParameter(
            f"The parameter `{names[0]}` can only be provided during confirmation.",
            param=names[0],
        )


def _default_capture_method(call: Call) -> str:
    older = api_versions.is_before(call.api_version, api_versions.ASYNCHRONOUS_CAPTURE)
    return "automatic" if older else "automatic_async"


def _check_types(call: Call) -> None:
    params = call.params
    older = api_versions.is_before(call.api_version, api_versions.ONLY_ALLOWED_TYPES)
    if "payment_method_types" in params and not older:
        raise InvalidParameter(
            "The parameter `payment_method_types` is no longer supported. Use"
            " `allowed_payment_method_types` instead.",
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
        )
    for name in _TYPES:
        if any(kind != "card" for kind in params.get(name, ())):
            raise InvalidParameter(
                "The payment method type provided is invalid. Please ensure the provided type is"
                " activated in your dashboard.",
                code="payment_intent_invalid_parameter",
                param=name,
            )


def _automatic(call: Call) -> Json | None:
    params = call.params
    if any(name in params for name in _TYPES):
        return None
    older = api_versions.is_before(call.api_version, api_versions.AUTOMATIC_PAYMENT_METHODS)
    given = params.get("automatic_payment_methods", {"enabled": not older})
    return {"allow_redirects": "always", **given} if given["enabled"] else None


def _attach_method(
    state: State, intent: Json, params: dict[str, Any], *, confirming: bool
) -> None:
    if "payment_method" not in params or confirming:
        return
    method = payment_methods.resolve(state, params["payment_method"], in_url=False)
    payment_methods.check_usable(method, intent)
    intent.update(payment_method=method["id"], status="requires_confirmation", next_action=None)
