"""The course of a dispute: how it begins, which status follows which, and when money moves.

Stripe docs: "How disputes work", "Testing: Disputes"; API changelog 2026-10-28 for appeals.
"""

from cardpay.sandbox.api.balance.balance_transactions import Posting, record
from cardpay.sandbox.api.disputes import early_fraud_warnings
from cardpay.sandbox.http.api_errors import ApiError
from cardpay.sandbox.state.account_state import State, new_id, public
from cardpay.sandbox.state.clock import DAY_SECONDS
from cardpay.sandbox.state.sqlite_store import Json, PageQuery
from cardpay.sandbox.stripe_test_cards import BY_NAME

ANSWER_DAYS = 9
# A refund that the bank does not have yet fails when the charge is disputed.
REFUND_UNDER_WAY_SECONDS = 60
EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy",
    "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
    "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
    "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address",
    "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip
# Which status may follow which. An inquiry (`warning_…`) moves no money; `won` and `lost` can be
# appealed; `prevented` was settled before it reached the account.
NEXT = {
    "warning_needs_response": ("warning_under_review", "warning_closed", "needs_response"),
    "warning_under_review": ("warning_closed", "needs_response"),
    "warning_closed": ("needs_response",),
    "needs_response": ("under_review", "won", "lost"),
    "under_review": ("won", "lost"),
    "won": ("appeal_needs_response",),
    "lost": ("appeal_needs_response",),
    "appeal_needs_response": ("appeal_under_review", "won", "lost"),
    "appeal_under_review": ("won", "lost"),
    "prevented": (),
}
# Where an answer is awaited, and the status once it was submitted.
SUBMITTED = {
    "warning_needs_response": "warning_under_review",
    "needs_response": "under_review",
    "appeal_needs_response": "appeal_under_review",
}
FIRST = {
    "inquiry": "warning_needs_response",
    "chargeback": "needs_response",
    "compliance": "needs_response",
    "resolution": "prevented",
}
_CLOSED = ("warning_closed", "won", "lost")


def open_by_card(state: State, charge_id: str) -> None:
    """The cardholder contests a Charge, as its test card says."""
    charge = state.store.find("charge", charge_id)
    if charge is None:
        return
    card = BY_NAME[charge["_card"]]
    for _ in range(card.disputes):
        open_case(state, charge, reason=card.dispute or "general", case_type=card.case_type)


def open_case(
    state: State, charge: Json, *, reason: str, case_type: str = "chargeback"
) -> Json | None:
    """A new dispute of what was not refunded. None if there is nothing left to contest."""
    amount = charge["amount"] - charge["amount_refunded"]
    if amount <= 0:
        return None
    dispute = _new(state, charge, amount, reason, case_type)
    was_disputed = charge["disputed"]
    charge["disputed"] = True
    state.store.save(dispute)
    state.store.save(charge)
    if dispute["status"] == "needs_response":
        _withdraw(state, dispute)
    state.emit("charge.dispute.created", dispute)
    if dispute["balance_transactions"]:
        state.emit("charge.dispute.funds_withdrawn", dispute)
    if not was_disputed:
        state.emit("charge.updated", charge, {"disputed": False})
    early_fraud_warnings.settle(state, charge["id"])
    return dispute


def move(state: State, dispute: Json, status: str) -> Json:
    """The dispute in its next status. Raises ApiError if that cannot follow."""
    if status not in NEXT[dispute["status"]]:
        raise ApiError(f"This dispute is {dispute['status']}, which is not followed by {status}.")
    before = dispute["status"]
    dispute["status"] = status
    if status in SUBMITTED:
        _await_answer(state, dispute)
    moved = None
    withdrawn = sum(one["amount"] for one in dispute["balance_transactions"]) < 0
    if status == "needs_response":
        dispute["is_charge_refundable"] = False
        dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    if status in {"needs_response", "lost"} and not withdrawn:
        moved = "withdrawn"
        _withdraw(state, dispute)
    elif status == "won" and withdrawn:
        moved = "reinstated"
        _reinstate(state, dispute)
    state.store.save(dispute)
    kind = "closed" if status in _CLOSED else "updated"
    state.emit(f"charge.dispute.{kind}", dispute, None if kind == "closed" else {"status": before})
    if moved:
        state.emit(f"charge.dispute.funds_{moved}", dispute)
    return dispute


def end_overdue(state: State, dispute_id: str) -> None:
    """Nobody answered in time: a chargeback or an appeal is lost."""
    dispute = state.store.find("dispute", dispute_id)
    if dispute is None or dispute["status"] not in SUBMITTED:
        return
    if dispute["evidence_details"]["due_by"] > state.seconds():
        return  # it awaits a later answer by now
    dispute["evidence_details"]["past_due"] = True
    move(state, dispute, "warning_closed" if _is_inquiry(dispute) else "lost")


def escalate(state: State, dispute_id: str) -> None:
    """An inquiry becomes a chargeback."""
    dispute = state.store.find("dispute", dispute_id)
    if dispute is not None and "needs_response" in NEXT[dispute["status"]]:
        move(state, dispute, "needs_response")


def of_charge(state: State, charge_id: str) -> list[Json]:
    """The disputes of a Charge, newest first."""
    return state.store.page(PageQuery("dispute", limit=100, where=(("charge", charge_id),)))[0]


def close_inquiries(state: State, charge_id: str) -> None:
    """The Charge was refunded in full, which settles its inquiries."""
    for dispute in of_charge(state, charge_id):
        if "warning_closed" in NEXT[dispute["status"]]:
            move(state, dispute, "warning_closed")


def _is_inquiry(dispute: Json) -> bool:
    return str(dispute["status"]).startswith("warning_")


def _await_answer(state: State, dispute: Json) -> None:
    seconds = ANSWER_DAYS * DAY_SECONDS
    dispute["evidence_details"].update(due_by=state.seconds() + seconds, past_due=False)
    state.schedule(seconds, "dispute_overdue", dispute["id"])


def _withdraw(state: State, dispute: Json) -> None:
    """Take the amount and a fee out of the balance, and let refunds that are under way fail."""
    withdrawal = Posting(
        "adjustment",
        f"Chargeback withdrawal for {dispute['charge']}",
        fee=state.home.dispute_fee,
        category="dispute",
    )
    made = record(state, dispute, -dispute["amount"], withdrawal)
    dispute["balance_transactions"].append(public(made))
    state.store.save(dispute)
    sent_after = state.seconds() - REFUND_UNDER_WAY_SECONDS
    refunds, _ = state.store.page(
        PageQuery("refund", limit=100, created=(("gt", sent_after),),
                  where=(("charge", dispute["charge"]),))
    )  # fmt: skip
    for refund in refunds:
        state.schedule(0, "refund_disputed", refund["id"])


def _reinstate(state: State, dispute: Json) -> None:
    reversal = Posting(
        "adjustment",
        f"Chargeback reversal for {dispute['charge']}",
        fee=-state.home.dispute_fee,
        category="dispute_reversal",
    )
    made = record(state, dispute, dispute["amount"], reversal)
    dispute["balance_transactions"].append(public(made))


def _new(state: State, charge: Json, amount: int, reason: str, case_type: str) -> Json:
    status = FIRST[case_type]
    card = charge["payment_method_details"]["card"]
    eligibility = BY_NAME[charge["_card"]].enhanced_eligibility
    dispute: Json = {
        "id": new_id("du_1"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": state.seconds(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [eligibility] if eligibility else [],
        "evidence": {**dict.fromkeys(EVIDENCE), "appeal": None, "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": None,
            "enhanced_eligibility": _eligibility(eligibility),
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": status == "warning_needs_response",
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"],
                "case_type": case_type,
                "network_reason_code": "10.4" if reason == "fraudulent" else "13.1",
                "network": card["network"],
            },
            "type": "card",
        },
        "reason": reason,
        "status": status,
    }
    if status in SUBMITTED:
        _await_answer(state, dispute)
    return dispute


def _eligibility(kind: str | None) -> Json:
    if kind is None:
        return {}
    if kind == "visa_compelling_evidence_3":
        return {kind: {"required_actions": [], "status": "qualified"}}
    return {kind: {"status": "requires_fee_acknowledgement"}}
