"""Cancels a PaymentIntent: on request, or by itself when an authorisation expires."""

from cardpay.sandbox.api.invoice_payments import refuse_invoiced
from cardpay.sandbox.api.payments.payment_intent_confirm import refuse_checkout, unexpected_state
from cardpay.sandbox.http.parameter_validation import EXPAND, one_of
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json

CANCEL = {
    "cancellation_reason": one_of("duplicate", "fraudulent", "requested_by_customer", "abandoned"),
    "expand": EXPAND,
}

_CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation",
               "requires_action", "processing")  # fmt: skip


def cancel(state: State, call: Call) -> Json:
    """`POST …/cancel`: release the authorised amount, and allow no later confirm."""
    intent = state.get("payment_intent", call.object_id, "intent")
    if intent["status"] != "requires_capture":
        refuse_checkout(intent, "cancel")
    refuse_invoiced(intent, "cancel")
    if intent["status"] not in _CANCELABLE:
        raise unexpected_state(
            intent,
            f"You cannot cancel this PaymentIntent because it has a status of"
            f" {intent['status']}. Only a PaymentIntent with one of the following statuses may"
            f" be canceled: {', '.join(_CANCELABLE)}.",
        )
    cancel_intent(state, intent, call.params.get("cancellation_reason"))
    return intent


def expire_hold(state: State, charge_id: str) -> None:
    """Cancel the PaymentIntent of a Charge whose authorisation was not captured in time."""
    charge = state.store.find("charge", charge_id)
    intent = state.store.find("payment_intent", charge["payment_intent"]) if charge else None
    if intent is not None and intent["status"] == "requires_capture":
        cancel_intent(state, intent, "automatic")


def cancel_intent(state: State, intent: Json, reason: str | None) -> None:
    """Cancel a PaymentIntent in whatever status it is."""
    # Stripe shows a released authorisation as a refunded Charge.
    if intent["status"] == "requires_capture":
        charge = state.get("charge", intent["latest_charge"], "charge")
        charge.update(refunded=True, amount_refunded=charge["amount"])
        state.store.save(charge)
        state.emit("charge.refunded" if reason != "automatic" else "charge.expired", charge)
    intent.update(
        status="canceled",
        canceled_at=state.seconds(),
        cancellation_reason=reason,
        amount_capturable=0,
        next_action=None,
    )
    state.store.save(intent)
    state.emit("payment_intent.canceled", intent)
