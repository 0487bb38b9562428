"""Disputes: card …0259 causes one, and it can be accepted or contested."""

from typing import Any

import pytest
import stripe

from tests.contract.api import Api

pytestmark = pytest.mark.sandbox_only(reason="it advances the clock")


def _disputed(api: Api) -> tuple[stripe.PaymentIntent, stripe.Dispute]:
    paid = api.paid("pm_card_createDispute")
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
