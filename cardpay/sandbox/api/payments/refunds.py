"""Refunds: full, partial, pending, and those that fail after they succeeded."""

from cardpay.sandbox.api.balance.balance_transactions import Posting, record
from cardpay.sandbox.api.disputes import dispute_course, early_fraud_warnings
from cardpay.sandbox.api.payments.charge_receipts import new_receipt_number
from cardpay.sandbox.currency_rules import check_divisible, formatted
from cardpay.sandbox.http.api_errors import ApiError, InvalidParameter
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    integer,
    merge_metadata,
    metadata,
    one_of,
    string,
)
from cardpay.sandbox.state.account_state import Call, State, new_id
from cardpay.sandbox.state.sqlite_store import Json
from cardpay.sandbox.stripe_test_cards import BY_NAME

CREATE = {
    "amount": integer(minimum=1),
    "charge": string(),
    "payment_intent": string(),
    "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": metadata,
    "expand": EXPAND,
}
UPDATE = {"metadata": metadata, "expand": EXPAND}

PENDING_SECONDS = 10
FAILS_AFTER_SECONDS = 10
# Stripe API reference, "The Refund object".
FAILURE_REASONS = (
    "charge_for_pending_refund_disputed", "declined", "expired_or_canceled_card",
    "insufficient_funds", "lost_or_stolen_card", "merchant_request", "unknown",
)  # fmt: skip


def create(state: State, call: Call) -> Json:
    """`POST /v1/refunds`: refund a Charge, or the Charge of a PaymentIntent, to its card."""
    params = call.params
    charge = _charge(state, call)
    left = charge["amount"] - charge["amount_refunded"]
    if charge["refunded"] or left <= 0:
        raise ApiError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    disputes = dispute_course.of_charge(state, charge["id"])
    if not all(dispute["is_charge_refundable"] for dispute in disputes):
        raise ApiError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    amount = params.get("amount", left)
    check_divisible(amount, charge["currency"])
    if amount > left:
        currency = charge["currency"]
        raise InvalidParameter(
            f"Refund amount ({formatted(amount, currency)}) is greater than unrefunded amount on"
            f" charge ({formatted(left, currency)})",
            param="amount",
        )
    behaviour = BY_NAME[charge["_card"]].refund
    refund: Json = {
        "id": new_id("re_3"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": state.seconds(),
        "currency": charge["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": new_receipt_number() if charge["receipt_email"] else None,
        "source_transfer_reversal": None,
        "status": "pending" if behaviour == "pending" else "succeeded",
        "transfer_reversal": None,
    }
    if behaviour == "pending":
        refund["pending_reason"] = "processing"
    made = record(state, refund, -amount, Posting("refund", "REFUND FOR PAYMENT"))
    refund["balance_transaction"] = made["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]
    state.store.save(refund)
    state.store.save(charge)
    state.emit("refund.created", refund)
    state.emit("charge.refunded", charge)
    if charge["refunded"]:
        dispute_course.close_inquiries(state, charge["id"])
        early_fraud_warnings.settle(state, charge["id"])
    if behaviour == "pending":
        state.schedule(PENDING_SECONDS, "refund_succeeds", refund["id"])
    elif behaviour == "fails_later":
        state.schedule(FAILS_AFTER_SECONDS, "refund_fails", refund["id"])
    return refund


def update(state: State, call: Call) -> Json:
    """`POST /v1/refunds/{id}`: metadata only."""
    refund = state.get("refund", call.object_id, "id")
    refund["metadata"] = merge_metadata(refund["metadata"], call.params.get("metadata", {}))
    _changed(state, refund)
    return refund


def succeed(state: State, refund_id: str) -> None:
    """A pending refund succeeds."""
    refund = state.store.find("refund", refund_id)
    if refund is not None and refund["status"] == "pending":
        refund["status"] = "succeeded"
        refund.pop("pending_reason", None)
        _changed(state, refund)


def fail_by_card(state: State, refund_id: str) -> None:
    """The card's bank refuses a refund, as the test card says."""
    fail(state, refund_id, "expired_or_canceled_card")


def fail_disputed(state: State, refund_id: str) -> None:
    """A refund that was under way fails, since its Charge was charged back."""
    fail(state, refund_id, "charge_for_pending_refund_disputed")


def fail(state: State, refund_id: str, reason: str) -> None:
    """A refund fails, even one that had succeeded: the money returns to the account's balance."""
    refund = state.store.find("refund", refund_id)
    charge = state.store.find("charge", refund["charge"]) if refund else None
    if refund is None or charge is None or refund["status"] == "failed":
        return
    made = record(state, refund, refund["amount"], Posting("refund_failure", "REFUND FAILURE"))
    refund.update(
        status="failed",
        failure_reason=reason,
        failure_balance_transaction=made["id"],
    )
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    state.store.save(charge)
    _changed(state, refund)
    state.emit("refund.failed", refund)


def _changed(state: State, refund: Json) -> None:
    state.store.save(refund)
    state.emit("refund.updated", refund)
    state.emit("charge.refund.updated", refund)


def _charge(state: State, call: Call) -> Json:
    params = call.params
    if "charge" not in params and "payment_intent" not in params:
        raise InvalidParameter(
            "One of the following params should be provided for this request: payment_intent or"
            " charge.",
        )
    if "charge" in params:
        charge = state.get("charge", params["charge"], "charge", in_url=False)
        if charge["status"] != "succeeded" or not charge["captured"]:
            raise ApiError(
                f"Charge {charge['id']} is not refundable.", code="charge_not_refundable"
            )
        return charge
    intent_id = params["payment_intent"]
    intent = state.get("payment_intent", intent_id, "payment_intent", in_url=False)
    if intent["status"] != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return state.get("charge", intent["latest_charge"], "charge")
