"""Confirms a PaymentIntent: checks it, and then charges the card or requires 3-D Secure."""

from typing import Any

from cardpay.sandbox.api.payments import charges, order_details, payment_methods
from cardpay.sandbox.http.api_errors import ApiError, CardError, InvalidParameter, doc_url
from cardpay.sandbox.http.parameter_validation import EXPAND, boolean, hash_of, one_of, string
from cardpay.sandbox.state.account_state import Call, State, new_id, public
from cardpay.sandbox.state.sqlite_store import Json
from cardpay.sandbox.stripe_test_cards import BY_NAME, Decline, TestCard

OPTIONS = {
    "card": hash_of(
        {
            "moto": boolean,
            "request_three_d_secure": one_of("any", "automatic", "challenge"),
        }
    )
}
CONFIRM_FIELDS = {
    "capture_method": one_of("automatic", "automatic_async", "manual"),
    "error_on_requires_action": boolean,
    "expand": EXPAND,
    "off_session": boolean,
    "payment_method": string(),
    "payment_method_options": hash_of(OPTIONS),
    "receipt_email": string(clearable=True),
    "return_url": string(),
    "setup_future_usage": one_of("off_session", "on_session"),
    **order_details.FIELDS,
    "shipping": order_details.SHIPPING,
    "use_stripe_sdk": boolean,
}
_AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
_LOOKUP_FAILED = Decline("card_declined", "generic_decline", "Your card was declined.")
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def confirm(state: State, call: Call) -> Json:
    """`POST /v1/payment_intents/{id}/confirm`."""
    intent = state.get("payment_intent", call.object_id, "intent")
    refuse_checkout(intent, "confirm")
    return confirm_intent(state, intent, call.params)


def refuse_checkout(intent: Json, verb: str) -> None:
    """Raise ApiError for a PaymentIntent that belongs to a Checkout Session."""
    if "_checkout_session" in intent:
        raise ApiError(
            f"You cannot {verb} a PaymentIntent that was created by Checkout. Expire the"
            f" Checkout Session {intent['_checkout_session']} instead.",
            code="payment_intent_unexpected_state",
            payment_intent=public(intent),
        )


def confirm_intent(state: State, intent: Json, params: dict[str, Any]) -> Json:
    """The PaymentIntent after a confirm: charged, authorised, or in need of 3-D Secure."""
    _check_confirmable(intent, params)
    moto = is_moto(state, params)
    method = _method(state, intent, params)
    card = BY_NAME[method["_card"]]
    method["_used_by"] = intent["id"]
    state.store.save(method)
    set_options(intent, params)
    requested = intent["payment_method_options"]["card"]["request_three_d_secure"]
    intent["payment_method"] = method["id"]
    for name in ("capture_method", "receipt_email", "setup_future_usage"):
        if name in params:
            intent[name] = params[name]
    order_details.apply(intent, params)
    off_session = bool(params.get("off_session"))
    if off_session and params.get("setup_future_usage"):
        # As users report (GitHub, artsy/exchange, issue 484).
        raise InvalidParameter(
            "You cannot confirm with `off_session=true` when `setup_future_usage` is set.",
            param="off_session",
        )
    asked = requested in {"any", "challenge"}
    if moto or not _authenticates(card, method, asked=asked, off_session=off_session):
        return charge_card(state, intent, method, moto=moto, authenticated=None)
    if card.lookup_fails:
        raise _declined(state, intent, method, _LOOKUP_FAILED, None)
    if card.three_d_secure == "frictionless":
        return charge_card(state, intent, method, moto=False, authenticated="frictionless")
    if params.get("error_on_requires_action") or off_session:
        raise _declined(state, intent, method, _AUTHENTICATION_REQUIRED, None)
    return _require_action(state, intent, params)


def _authenticates(card: TestCard, method: Json, *, asked: bool, off_session: bool) -> bool:
    """Whether 3-D Secure is tried, because of the card or because it was asked for.

    A card that was set up for it needs none when its holder is absent.
    """
    if card.three_d_secure == "not_supported":
        return False
    if card.three_d_secure == "required_on_session":
        return not off_session
    if card.three_d_secure == "required_until_set_up":
        return not (off_session and method["_set_up"])
    return asked or card.three_d_secure == "required"


def set_options(intent: Json, params: dict[str, Any]) -> None:
    """Store `request_three_d_secure`. `moto` belongs to a single confirm and is not stored."""
    card = params.get("payment_method_options", {}).get("card", {})
    if "request_three_d_secure" in card:
        requested = card["request_three_d_secure"]
        intent["payment_method_options"]["card"]["request_three_d_secure"] = requested


def unexpected_state(intent: Json, message: str) -> ApiError:
    """The error for a PaymentIntent whose status does not allow the request."""
    return ApiError(message, code="payment_intent_unexpected_state", payment_intent=public(intent))


def _check_confirmable(intent: Json, params: dict[str, Any]) -> None:
    status = intent["status"]
    if status == "succeeded":
        raise unexpected_state(
            intent,
            "You cannot confirm this PaymentIntent because it has already succeeded after being"
            " previously confirmed.",
        )
    if status not in CONFIRMABLE:
        raise unexpected_state(
            intent,
            f"You cannot confirm this PaymentIntent because it has a status of {status}. Only a"
            " PaymentIntent with one of the following statuses may be confirmed:"
            f" {', '.join(CONFIRMABLE)}.",
        )
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic["allow_redirects"] == "always" and "return_url" not in params:
        raise ApiError(
            "This PaymentIntent is configured to accept payment methods enabled in your"
            " Dashboard. Because some of these payment methods might redirect your customer off"
            " of your page, you must provide a `return_url`. If you don't want to accept"
            " redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true`"
            " and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup"
            " Intents and Payment Intents.",
            payment_intent=public(intent),
        )


def is_moto(state: State, params: dict[str, Any]) -> bool:
    """Whether a telephone order is confirmed. Raises InvalidParameter where that is refused."""
    name = "payment_method_options[card][moto]"
    card = params.get("payment_method_options", {}).get("card", {})
    if "moto" in card and not state.moto:
        # Stripe support article "MOTO payments": the parameter is unknown unless telephone
        # orders are enabled for the account.
        raise InvalidParameter(
            f"Received unknown parameter: {name}", code="parameter_unknown", param=name
        )
    moto = bool(card.get("moto"))
    if moto and params.get("setup_future_usage") == "on_session":
        raise InvalidParameter(
            "You cannot save a card for on-session use from a MOTO payment.",
            param="setup_future_usage",
        )
    return moto


def _method(state: State, intent: Json, params: dict[str, Any]) -> Json:
    method_id = params.get("payment_method", intent["payment_method"])
    if method_id is None:
        raise unexpected_state(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You"
            " can either update the PaymentIntent with a payment method and then confirm it"
            " again, or confirm it again directly with a payment method or ConfirmationToken.",
        )
    method = payment_methods.resolve(state, method_id, in_url=False)
    payment_methods.check_usable(method, intent)
    return method


def _require_action(state: State, intent: Json, params: dict[str, Any]) -> Json:
    intent.update(
        status="requires_action",
        last_payment_error=None,
        next_action=next_action(state, intent, params),
    )
    state.store.save(intent)
    state.emit("payment_intent.requires_action", intent)
    return intent


def next_action(state: State, intent: Json, params: dict[str, Any]) -> Json:
    """A page to go to and come back from, if there is a `return_url`; else Stripe.js does it."""
    if "return_url" in params and not params.get("use_stripe_sdk"):
        return {
            "type": "redirect_to_url",
            "redirect_to_url": {
                "return_url": params["return_url"],
                "url": f"{state.public_url}/3d_secure/{intent['client_secret']}",
            },
        }
    return {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {
            "type": "three_d_secure_redirect",
            "source": new_id("payatt_3"),
            "stripe_js": None,
        },
    }


def charge_card(
    state: State,
    intent: Json,
    method: Json,
    *,
    moto: bool,
    authenticated: charges.Authentication | None,
) -> Json:
    """Charge the card. Raises CardError if it is declined."""
    charge, decline = charges.attempt(
        state, intent, method, moto=moto, authenticated=authenticated
    )
    if decline is not None:
        raise _declined(state, intent, method, decline, charge["id"])
    method["_spent"] = True
    _save_card(state, intent, method)
    held = not charge["captured"]
    intent.update(
        status="requires_capture" if held else "succeeded",
        amount_capturable=intent["amount"] if held else 0,
        amount_received=0 if held else intent["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
    )
    state.store.save(intent)
    state.emit(
        "payment_intent.amount_capturable_updated" if held else "payment_intent.succeeded",
        intent,
    )
    if "_checkout_session" in intent:
        state.schedule(0, "checkout_completes", intent["_checkout_session"])
    return intent


def _save_card(state: State, intent: Json, method: Json) -> None:
    """Keep the card for later, if the payment is also for that."""
    usage = intent["setup_future_usage"]
    if usage is not None:
        method["_set_up"] = method["_set_up"] or usage == "off_session"
        if intent["customer"] is not None and method["customer"] is None:
            payment_methods.attach_to(state, method, intent["customer"])
    state.store.save(method)


def _declined(
    state: State, intent: Json, method: Json, decline: Decline, charge_id: str | None
) -> CardError:
    fields: Json = {
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": doc_url(decline.code),
        "message": decline.message,
        "payment_method": public(method),
        "type": "card_error",
    }
    if decline.advice_code:
        fields["advice_code"] = decline.advice_code
    if decline.network_decline_code:
        fields["network_decline_code"] = decline.network_decline_code
    if decline.code == "incorrect_cvc":
        fields["param"] = "cvc"
    if charge_id:
        fields["charge"] = charge_id
        intent["latest_charge"] = charge_id
    require_another_card(state, intent, method, fields)
    return CardError(
        decline.message,
        payment_intent=public(intent),
        **{name: value for name, value in fields.items() if name != "message"},
    )


def require_another_card(state: State, intent: Json, method: Json, error: Json) -> None:
    """Send the PaymentIntent back to `requires_payment_method` with a `last_payment_error`."""
    method["_spent"] = True
    state.store.save(method)
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=error,
    )
    state.store.save(intent)
    state.emit("payment_intent.payment_failed", intent)
