"""Payments that take a while: the bank has not answered yet (API reference, PaymentIntent)."""

from cardpay.sandbox.api.payments import payment_methods
from cardpay.sandbox.api.payments.payment_intent_confirm import charge_card
from cardpay.sandbox.http.api_errors import CardError
from cardpay.sandbox.state.account_state import State
from cardpay.sandbox.state.sqlite_store import Json


def begin(state: State, payment_intent: str, payment_method: str, seconds: int) -> Json:
    """A PaymentIntent whose bank takes so long to answer."""
    intent = state.get("payment_intent", payment_intent, "payment_intent")
    method = payment_methods.resolve(state, payment_method, in_url=False)
    payment_methods.check_usable(method, intent)
    method["_used_by"] = intent["id"]
    state.store.save(method)
    intent.update(status="processing", payment_method=method["id"], last_payment_error=None)
    state.store.save(intent)
    state.emit("payment_intent.processing", intent)
    state.schedule(seconds, "processing_ends", intent["id"])
    return intent


def end(state: State, intent_id: str) -> None:
    """The bank answers: the card is charged, or declined."""
    intent = state.store.find("payment_intent", intent_id)
    if intent is None or intent["status"] != "processing":
        return
    method = payment_methods.resolve(state, intent["payment_method"], in_url=False)
    try:
        charge_card(state, intent, method, moto=False, authenticated=None)
    except CardError:
        return  # which the PaymentIntent says already
