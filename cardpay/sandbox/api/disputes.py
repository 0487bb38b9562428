"""Disputes: some test cards cause one, and it is answered with evidence or accepted."""

from cardpay.sandbox.api.balance.balance_transactions import (
    DISPUTE_FEE_CENTS,
    Posting,
    record,
)
from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    boolean,
    hash_of,
    merge_metadata,
    metadata,
    string,
)
from cardpay.sandbox.state.account_state import Call, State, new_id, public
from cardpay.sandbox.state.clock import DAY_SECONDS
from cardpay.sandbox.state.sqlite_store import Json
from cardpay.sandbox.stripe_test_cards import BY_NAME

EVIDENCE_DAYS = 9
_EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy",
    "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
    "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
    "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address",
    "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip
UPDATE = {
    "evidence": hash_of({name: string(maximum=150_000, clearable=True) for name in _EVIDENCE}),
    "metadata": metadata,
    "submit": boolean,
    "expand": EXPAND,
}


def update(state: State, call: Call) -> Json:
    """`POST /v1/disputes/{id}`: add evidence, and submit it unless `submit` is false.

    The texts winning_evidence and losing_evidence in `uncategorized_text` decide the outcome
    (Stripe docs: "Testing disputes").
    """
    dispute = _get_open(state, call.object_id)
    dispute["metadata"] = merge_metadata(dispute["metadata"], call.params.get("metadata", {}))
    evidence = call.params.get("evidence", {})
    dispute["evidence"].update(evidence)
    if evidence:
        dispute["evidence_details"]["has_evidence"] = True
    if evidence and call.params.get("submit", True):
        dispute["evidence_details"]["submission_count"] += 1
        dispute["evidence_details"]["submission_method"] = "manual"
        dispute["status"] = "under_review"
        verdicts = {"winning_evidence": "won", "losing_evidence": "lost"}
        verdict = verdicts.get(dispute["evidence"]["uncategorized_text"] or "")
        if verdict:
            _close(state, dispute, verdict)
            return dispute
    state.store.save(dispute)
    state.emit("charge.dispute.updated", dispute)
    return dispute


def close(state: State, call: Call) -> Json:
    """`POST /v1/disputes/{id}/close`: accept the dispute as lost."""
    dispute = _get_open(state, call.object_id)
    _close(state, dispute, "lost")
    return dispute


def open_dispute(state: State, charge_id: str) -> None:
    """The cardholder disputes a Charge: Stripe withdraws the amount and a fee."""
    charge = state.store.find("charge", charge_id)
    if charge is None or charge["disputed"]:
        return
    now = state.seconds()
    amount = charge["amount"] - charge["amount_refunded"]
    if amount <= 0:
        return
    dispute: Json = {
        "id": new_id("du_1"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge_id,
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + EVIDENCE_DAYS * DAY_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": charge["payment_method_details"]["card"]["brand"],
                "case_type": "chargeback",
                "network_reason_code": "10.4",
                "network": charge["payment_method_details"]["card"]["network"],
            },
            "type": "card",
        },
        "reason": BY_NAME[charge["_card"]].dispute or "general",
        "status": "needs_response",
    }
    withdrawal = Posting(
        "adjustment",
        f"Chargeback withdrawal for {charge_id}",
        fee=DISPUTE_FEE_CENTS,
        category="dispute",
    )
    made = record(state, dispute, -amount, withdrawal)
    dispute["balance_transactions"] = [public(made)]
    charge["disputed"] = True
    state.store.save(dispute)
    state.store.save(charge)
    state.emit("charge.dispute.created", dispute)
    state.emit("charge.dispute.funds_withdrawn", dispute)
    state.emit("charge.updated", charge, {"disputed": False})


def _get_open(state: State, dispute_id: str) -> Json:
    dispute = state.get("dispute", dispute_id, "id")
    if dispute["status"] in {"won", "lost"}:
        raise InvalidParameter("This dispute is already closed")
    return dispute


def _close(state: State, dispute: Json, verdict: str) -> None:
    dispute["status"] = verdict
    if verdict == "won":
        reversal = Posting(
            "adjustment",
            f"Chargeback reversal for {dispute['charge']}",
            fee=-DISPUTE_FEE_CENTS,
            category="dispute_reversal",
        )
        back = record(state, dispute, dispute["amount"], reversal)
        dispute["balance_transactions"].append(public(back))
    state.store.save(dispute)
    state.emit("charge.dispute.closed", dispute)
    if verdict == "won":
        state.emit("charge.dispute.funds_reinstated", dispute)
