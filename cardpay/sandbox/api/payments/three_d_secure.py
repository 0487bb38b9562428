"""The outcome of the 3-D Secure dialog: the sandbox's own endpoint, for its browser script."""

from cardpay.sandbox.api.payments.payment_intent_confirm import (
    charge_card,
    require_another_card,
    unexpected_state,
)
from cardpay.sandbox.http.api_errors import ApiError, CardError, doc_url
from cardpay.sandbox.http.parameter_validation import one_of, string
from cardpay.sandbox.state.account_state import Call, State, public
from cardpay.sandbox.state.sqlite_store import Json

FIELDS = {
    "payment_intent": string(),
    "client_secret": string(),
    "outcome": one_of("complete", "fail", "cancel"),
}
_AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. Please choose a different payment"
    " method and try again."
)


def finish(state: State, call: Call) -> Json:
    """`POST /v1/sandbox/three_d_secure`: charge the card, or require another one."""
    intent = state.get("payment_intent", call.params["payment_intent"], "payment_intent")
    if call.params["client_secret"] != intent["client_secret"]:
        raise ApiError(
            "The client_secret provided does not match this PaymentIntent.",
            code="resource_missing",
            param="client_secret",
        )
    if intent["status"] != "requires_action":
        raise unexpected_state(
            intent, f"This PaymentIntent has a status of {intent['status']}: no action is due."
        )
    method = state.get("payment_method", intent["payment_method"], "payment_method")
    if call.params["outcome"] == "complete":
        try:
            intent = charge_card(state, intent, method, moto=False, authenticated="challenge")
        except CardError:  # the script gets the decline from the PaymentIntent
            intent = state.get("payment_intent", intent["id"], "payment_intent")
        return _dialog_result(intent)
    require_another_card(
        state,
        intent,
        method,
        {
            "code": "payment_intent_authentication_failure",
            "doc_url": doc_url("payment_intent_authentication_failure"),
            "message": _AUTHENTICATION_FAILED,
            "payment_method": public(method),
            "type": "invalid_request_error",
        },
    )
    return _dialog_result(intent)


def _dialog_result(intent: Json) -> Json:
    """The fields of a PaymentIntent that the script needs."""
    return {
        name: intent[name]
        for name in ("id", "object", "status", "client_secret", "last_payment_error",
                     "next_action", "livemode")
    }  # fmt: skip
