"""Answering a dispute: evidence that is staged or submitted, or acceptance."""

from typing import Any

from cardpay.sandbox.api.disputes.dispute_course import EVIDENCE, SUBMITTED, move
from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    boolean,
    hash_of,
    list_of,
    merge_metadata,
    metadata,
    one_of,
    string,
)
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json

MAX_EVIDENCE_LENGTH = 150_000  # of all fields together
ESCALATES_AFTER_SECONDS = 5
_FEE = hash_of({"fee_acknowledged": boolean})
_APPEAL = {
    "card": hash_of(
        {
            "reason_for_filing": string(maximum=MAX_EVIDENCE_LENGTH, clearable=True),
            "supporting_files": list_of(string()),
        }
    )
}
UPDATE = {
    "evidence": hash_of(
        {
            **{name: string(maximum=MAX_EVIDENCE_LENGTH, clearable=True) for name in EVIDENCE},
            "appeal": hash_of(_APPEAL),
            "enhanced_evidence": hash_of({"mastercard_compliance": _FEE, "visa_compliance": _FEE}),
        }
    ),
    "intended_submission_method": one_of(
        "manual", "prefer_manual", "prefer_smart_disputes", "smart_disputes"
    ),
    "metadata": metadata,
    "submit": boolean,
    "expand": EXPAND,
}
# Stripe docs, "Testing": texts that decide the outcome.
_VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}
_ESCALATING = "escalate_inquiry_evidence"


def update(state: State, call: Call) -> Json:
    """`POST /v1/disputes/{id}`: add evidence, and submit it unless `submit` is false.

    Evidence that was staged earlier is submitted with it. During an appeal only the appeal's own
    evidence may change.
    """
    dispute = state.get("dispute", call.object_id, "id")
    params = call.params
    evidence = params.get("evidence", {})
    submit = params.get("submit", True) and ("evidence" in params or "submit" in params)
    if evidence or submit:
        _check_open(dispute, evidence)
    if "metadata" in params:
        dispute["metadata"] = merge_metadata(dispute["metadata"], params["metadata"])
    if "intended_submission_method" in params:
        dispute["intended_submission_method"] = params["intended_submission_method"]
    _stage(dispute, evidence)
    if submit:
        return _submit(state, dispute)
    state.store.save(dispute)
    state.emit("charge.dispute.updated", dispute)
    return dispute


def close(state: State, call: Call) -> Json:
    """`POST /v1/disputes/{id}/close`: accept the dispute as lost."""
    dispute = state.get("dispute", call.object_id, "id")
    if dispute["status"] not in {"needs_response", "appeal_needs_response"}:
        raise InvalidParameter(f"This dispute is {dispute['status']} and cannot be closed")
    return move(state, dispute, "lost")


def _check_open(dispute: Json, evidence: dict[str, Any]) -> None:
    if dispute["status"] not in SUBMITTED:
        raise InvalidParameter(
            f"This dispute is {dispute['status']}: its evidence can no longer be changed"
        )
    if dispute["status"] == "appeal_needs_response" and set(evidence) - {"appeal"}:
        raise InvalidParameter(
            "During an appeal only evidence[appeal] can be changed", param="evidence"
        )


def _stage(dispute: Json, evidence: dict[str, Any]) -> None:
    if not evidence:
        return
    stored = dispute["evidence"]
    enhanced = evidence.pop("enhanced_evidence", {})
    stored["enhanced_evidence"] = {**stored["enhanced_evidence"], **enhanced}
    for kind, value in enhanced.items():
        if value.get("fee_acknowledged") and kind in dispute["enhanced_eligibility_types"]:
            eligibility = dispute["evidence_details"]["enhanced_eligibility"][kind]
            eligibility["status"] = "fee_acknowledged"
    stored.update(evidence)
    length = sum(len(value) for value in stored.values() if isinstance(value, str))
    if length > MAX_EVIDENCE_LENGTH:
        raise InvalidParameter(
            f"The evidence has {length} characters; at most {MAX_EVIDENCE_LENGTH} are possible",
            param="evidence",
        )
    dispute["evidence_details"]["has_evidence"] = True


def _submit(state: State, dispute: Json) -> Json:
    details = dispute["evidence_details"]
    details["submission_count"] += 1
    details["submission_method"] = "manual"
    inquiry = dispute["status"] == "warning_needs_response"
    text = dispute["evidence"]["uncategorized_text"]
    if dispute["status"] == "appeal_needs_response":
        text = ((dispute["evidence"]["appeal"] or {}).get("card") or {}).get("reason_for_filing")
    move(state, dispute, SUBMITTED[dispute["status"]])
    verdict = _VERDICTS.get(text or "")
    if inquiry and text == _ESCALATING:
        state.schedule(ESCALATES_AFTER_SECONDS, "dispute_escalates", dispute["id"])
    elif inquiry and verdict == "won":
        move(state, dispute, "warning_closed")
    elif verdict and not inquiry:
        move(state, dispute, verdict)
    return dispute
