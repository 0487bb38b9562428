"""Captures a PaymentIntent that was authorised with `capture_method=manual`."""

from cardpay.sandbox.api.payments import charges, order_details
from cardpay.sandbox.api.payments.payment_intent_confirm import unexpected_state
from cardpay.sandbox.currency_rules import check_divisible
from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    boolean,
    integer,
    merge_metadata,
    metadata,
    string,
)
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json

CAPTURE = {
    "amount_to_capture": integer(minimum=1),
    "final_capture": boolean,
    "metadata": metadata,
    **order_details.FIELDS,
    "statement_descriptor_suffix": string(maximum=22),
    "expand": EXPAND,
}


def capture(state: State, call: Call) -> Json:
    """`POST …/capture`: capture the authorised amount or less. It can be done once."""
    intent = state.get("payment_intent", call.object_id, "intent")
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            intent,
            "This PaymentIntent could not be captured because it has a status of"
            f" {intent['status']}. Only a PaymentIntent with one of the following statuses may"
            " be captured: requires_capture.",
        )
    if not call.params.get("final_capture", True):
        # SDK: "You can only use this setting when multicapture is available".
        raise InvalidParameter(
            "You can only set `final_capture` to false when multicapture is available for this"
            " PaymentIntent.",
            param="final_capture",
        )
    amount = call.params.get("amount_to_capture") or intent["amount_capturable"]
    check_divisible(amount, intent["currency"])
    if amount > intent["amount_capturable"]:
        raise InvalidParameter(
            f"The provided capture amount ({amount}) is greater than the amount that can be"
            f" captured ({intent['amount_capturable']}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    intent["metadata"] = merge_metadata(intent["metadata"], call.params.get("metadata", {}))
    order_details.apply(intent, call.params, amount)
    charge = state.get("charge", intent["latest_charge"], "charge", in_url=False)
    if "statement_descriptor_suffix" in call.params:
        intent["statement_descriptor_suffix"] = call.params["statement_descriptor_suffix"]
        charges.describe(charge, intent)
    charges.capture(state, charge, amount)
    intent.update(status="succeeded", amount_capturable=0, amount_received=amount)
    state.store.save(intent)
    state.emit("payment_intent.succeeded", intent)
    return intent
