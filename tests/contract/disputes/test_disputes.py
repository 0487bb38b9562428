"""Disputes: card …0259 causes one, and it can be accepted or contested."""

from typing import Any

import pytest
import stripe

from cardpay.sandbox.api.disputes import dispute_course
from tests.contract.api import Api

pytestmark = pytest.mark.sandbox_only(reason="it advances the clock")


def _disputed(
    api: Api, method: str = "pm_card_createDispute"
) -> tuple[stripe.PaymentIntent, stripe.Dispute]:
    paid = api.paid(method)
    api.wait(seconds=10)
    return paid, api.client.v1.disputes.list({"payment_intent": paid.id}).data[0]


def test_it_follows_the_payment(api: Api) -> None:
    """The payment succeeds first. The dispute withdraws the amount and a fee."""
    paid, dispute = _disputed(api)

    charge = api.client.v1.charges.retrieve(str(paid.latest_charge))
    assert paid.status == "succeeded"
    assert charge.disputed is True
    assert (dispute.charge, dispute.amount) == (charge.id, 1000)
    assert (dispute.status, dispute.reason) == ("needs_response", "fraudulent")
    assert dispute.balance_transactions[0].amount < 0
    types = [event.type for event in api.client.v1.events.list({"limit": 4}).data]
    assert {"charge.dispute.created", "charge.dispute.funds_withdrawn"} <= set(types)


def test_a_disputed_charge_cannot_be_refunded(api: Api) -> None:
    """The amount was already withdrawn."""
    paid, _ = _disputed(api)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.refunds.create({"payment_intent": paid.id})

    assert refused.value.code == "charge_disputed"


def test_accepting(api: Api) -> None:
    """Closing a dispute loses it, and can be done once."""
    _, dispute = _disputed(api)

    closed = api.client.v1.disputes.close(dispute.id)

    assert closed.status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        api.client.v1.disputes.close(dispute.id)


@pytest.mark.parametrize(
    ("text", "submit", "status"),
    [
        ("winning_evidence", True, "won"),
        ("losing_evidence", True, "lost"),
        ("a letter", True, "under_review"),
        ("winning_evidence", False, "needs_response"),
    ],
)
def test_evidence(api: Api, text: str, submit: bool, status: str) -> None:
    """Stripe's two test texts decide the outcome. Without `submit` nothing is submitted."""
    _, dispute = _disputed(api)
    evidence: Any = {"evidence": {"uncategorized_text": text}, "submit": submit}

    assert api.client.v1.disputes.update(dispute.id, evidence).status == status
    assert api.client.v1.disputes.retrieve(dispute.id).status == status


def test_staged_then_submitted(api: Api) -> None:
    """Staged evidence is kept, and submitted with what comes later; then it is final."""
    _, dispute = _disputed(api)
    disputes = api.client.v1.disputes
    disputes.update(dispute.id, {"evidence": {"receipt": "file_1"}, "submit": False})
    staged = disputes.retrieve(dispute.id)

    submitted = disputes.update(dispute.id, {"evidence": {"customer_name": "Ada"}})

    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)
    assert staged.evidence_details.submission_count == 0
    assert (submitted.evidence.receipt, submitted.evidence.customer_name) == ("file_1", "Ada")
    assert submitted.evidence_details.submission_method == "manual"
    with pytest.raises(stripe.InvalidRequestError):
        disputes.update(dispute.id, {"evidence": {"customer_name": "Eve"}})
    changed = disputes.update(dispute.id, {"metadata": {"ticket": "1"}})
    assert changed.to_dict()["metadata"] == {"ticket": "1"}
    assert changed.status == "under_review"


def test_nobody_answers(api: Api) -> None:
    """After the deadline a chargeback is lost."""
    _, dispute = _disputed(api)

    api.wait(days=9)

    found = api.client.v1.disputes.retrieve(dispute.id)
    assert (found.status, found.evidence_details.past_due) == ("lost", True)


def test_an_inquiry(api: Api) -> None:
    """It moves no money, and the charge can be refunded, which closes it."""
    paid, inquiry = _disputed(api, "pm_card_createDisputeInquiry")
    first = inquiry.to_dict()

    api.client.v1.refunds.create({"payment_intent": paid.id})

    closed = api.client.v1.disputes.retrieve(inquiry.id)
    assert (inquiry.status, inquiry.is_charge_refundable) == ("warning_needs_response", True)
    assert first["balance_transactions"] == []
    assert first["payment_method_details"]["card"]["case_type"] == "inquiry"
    assert (closed.status, closed.balance_transactions) == ("warning_closed", [])


def test_an_inquiry_escalates(api: Api) -> None:
    """The same object becomes a chargeback, which takes a refund that was under way back."""
    paid, inquiry = _disputed(api, "pm_card_createDisputeInquiry")
    refund = api.client.v1.refunds.create({"payment_intent": paid.id, "amount": 200})
    evidence: Any = {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}}
    submitted = api.client.v1.disputes.update(inquiry.id, evidence)

    api.wait(seconds=10)

    found = api.client.v1.disputes.retrieve(inquiry.id)
    failed = api.client.v1.refunds.retrieve(refund.id)
    assert submitted.status == "warning_under_review"
    assert (found.status, found.is_charge_refundable) == ("needs_response", False)
    assert [one.reporting_category for one in found.balance_transactions] == ["dispute"]
    assert (failed.status, failed.failure_reason) == (
        "failed", "charge_for_pending_refund_disputed",
    )  # fmt: skip
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.refunds.create({"payment_intent": paid.id})
    assert refused.value.code == "charge_disputed"


def test_a_closed_inquiry_comes_back(api: Api) -> None:
    """`warning_closed` is not final."""
    _, inquiry = _disputed(api, "pm_card_createDisputeInquiry")
    _move(api, inquiry, "warning_closed")

    assert _move(api, inquiry, "needs_response").status == "needs_response"


def test_several_of_one_charge(api: Api) -> None:
    """Each is an object of its own and withdraws its amount."""
    paid, _ = _disputed(api, "pm_card_createMultipleDisputes")

    found = api.client.v1.disputes.list({"payment_intent": paid.id}).data

    assert len({dispute.id for dispute in found}) == 2
    assert [len(dispute.balance_transactions) for dispute in found] == [1, 1]


@pytest.mark.parametrize(
    ("reason", "moves", "net"),
    [
        pytest.param("losing_evidence", [], -1, id="lost again"),
        pytest.param("winning_evidence", [], 0, id="won by evidence"),
        pytest.param("a letter", ["won"], 0, id="won later"),
    ],
)
def test_an_appeal(api: Api, reason: str, moves: list[str], net: int) -> None:
    """A lost dispute can be reopened, with a deadline, and evidence of its own."""
    _, dispute = _disputed(api)
    api.client.v1.disputes.close(dispute.id)
    reopened = _move(api, dispute, "appeal_needs_response")
    with pytest.raises(stripe.InvalidRequestError):
        api.client.v1.disputes.update(dispute.id, {"evidence": {"customer_name": "Ada"}})

    answer: Any = {"evidence": {"appeal": {"card": {"reason_for_filing": reason}}}}
    found = api.client.v1.disputes.update(dispute.id, answer)
    for status in moves:
        assert found.status == "appeal_under_review"
        found = _move(api, dispute, status)

    assert (reopened.evidence_details.due_by or 0) > reopened.created + 86_400
    assert found.status == ("won" if net == 0 else "lost")
    assert sum(one.net for one in found.balance_transactions) == net * 2926
    types = [event.type for event in api.client.v1.events.list({"limit": 20}).data]
    assert types.count("charge.dispute.closed") == 2
    assert ("charge.dispute.funds_reinstated" in types) is (net == 0)


@pytest.mark.parametrize(("verdict", "categories"), [
    ("won", ["dispute", "dispute_reversal"]),
    ("lost", ["dispute", "dispute_reversal", "dispute"]),
])  # fmt: skip
def test_an_appeal_of_the_other_side(api: Api, verdict: str, categories: list[str]) -> None:
    """`won` is not final either: the money stays where the last verdict puts it."""
    _, dispute = _disputed(api)
    _move(api, dispute, "won")
    _move(api, dispute, "appeal_needs_response")

    found = _move(api, dispute, verdict)

    assert [one.reporting_category for one in found.balance_transactions] == categories


def test_prevented(api: Api) -> None:
    """It was settled before it reached the account: no money moves and nothing can follow."""
    assert api.sandbox is not None
    paid = api.paid()
    made = api.sandbox.outside.open_dispute(str(paid.latest_charge), case_type="resolution")

    found = api.client.v1.disputes.retrieve(made["id"])

    assert (found.status, found.balance_transactions) == ("prevented", [])
    with pytest.raises(ValueError, match="prevented"):
        api.sandbox.outside.move_dispute(found.id, "lost")


@pytest.mark.sampled(3)
@pytest.mark.parametrize("before", dispute_course.NEXT)
@pytest.mark.parametrize("after", dispute_course.NEXT)
def test_what_may_follow(api: Api, before: str, after: str) -> None:
    """From each status exactly those follow that the table names."""
    assert api.sandbox is not None
    dispute = _in_status(api, before)

    if after in dispute_course.NEXT[before]:
        assert api.sandbox.outside.move_dispute(dispute, after)["status"] == after
    else:
        with pytest.raises(ValueError, match="not followed"):
            api.sandbox.outside.move_dispute(dispute, after)


def _in_status(api: Api, status: str) -> str:
    """The id of a dispute that was brought to a status."""
    assert api.sandbox is not None
    case_type = "inquiry" if status.startswith("warning_") else "chargeback"
    if status == "prevented":
        case_type = "resolution"
    charge = str(api.paid().latest_charge)
    dispute = str(api.sandbox.outside.open_dispute(charge, case_type=case_type)["id"])
    ways = {
        "appeal_needs_response": ["lost", "appeal_needs_response"],
        "appeal_under_review": ["lost", "appeal_needs_response", "appeal_under_review"],
    }
    for step in ways.get(status, [status]):
        if api.client.v1.disputes.retrieve(dispute).status != step:
            api.sandbox.outside.move_dispute(dispute, step)
    return dispute


def _move(api: Api, dispute: stripe.Dispute, status: str) -> stripe.Dispute:
    assert api.sandbox is not None
    api.sandbox.outside.move_dispute(dispute.id, status)
    return api.client.v1.disputes.retrieve(dispute.id)


@pytest.mark.parametrize(
    ("name", "eligibility", "fee"),
    [
        ("pm_card_createComplianceDispute", "visa_compliance", True),
        ("pm_card_createMastercardComplianceDispute", "mastercard_compliance", True),
        ("pm_card_createCe3EligibleDispute", "visa_compelling_evidence_3", False),
    ],
)
def test_enhanced_eligibility(api: Api, name: str, eligibility: str, fee: bool) -> None:
    """Some disputes take more evidence, or ask that a fee be acknowledged."""
    _, dispute = _disputed(api, name)

    assert dispute.enhanced_eligibility_types == [eligibility]
    if fee:
        evidence: Any = {"enhanced_evidence": {eligibility: {"fee_acknowledged": True}}}
        changed = api.client.v1.disputes.update(
            dispute.id, {"evidence": evidence, "submit": False}
        ).to_dict()
        found = changed["evidence_details"]["enhanced_eligibility"][eligibility]
        assert found == {"status": "fee_acknowledged"}
