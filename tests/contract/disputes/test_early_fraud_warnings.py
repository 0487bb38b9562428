"""Early fraud warnings: listed, and actionable until a dispute or a full refund."""

import pytest
import stripe

from tests.contract.api import Api

pytestmark = pytest.mark.sandbox_only(reason="it advances the clock")


def _warned(api: Api) -> tuple[stripe.PaymentIntent, stripe.radar.EarlyFraudWarning]:
    paid = api.paid("pm_card_createIssuerFraudRecord")
    api.wait(seconds=10)
    found = api.client.v1.radar.early_fraud_warnings.list({"payment_intent": paid.id})
    return paid, found.data[0]


def test_it_follows_the_payment(api: Api) -> None:
    """It names the charge, and can be retrieved and listed."""
    paid, warning = _warned(api)

    listed = api.client.v1.radar.early_fraud_warnings.list({"charge": str(paid.latest_charge)})

    assert (warning.actionable, warning.charge) == (True, paid.latest_charge)
    assert [one.id for one in listed.data] == [warning.id]
    assert api.client.v1.radar.early_fraud_warnings.retrieve(warning.id).id == warning.id
    assert api.client.v1.events.list({"type": "radar.early_fraud_warning.created"}).data


@pytest.mark.parametrize("by", ["refund", "dispute"])
def test_no_longer_actionable(api: Api, by: str) -> None:
    """After a full refund or a dispute nothing can be done any more."""
    assert api.sandbox is not None
    paid, warning = _warned(api)
    warnings = api.client.v1.radar.early_fraud_warnings
    api.client.v1.refunds.create({"payment_intent": paid.id, "amount": 1})
    assert warnings.retrieve(warning.id).actionable is True

    if by == "refund":
        api.client.v1.refunds.create({"payment_intent": paid.id})
    else:
        api.sandbox.outside.open_dispute(str(paid.latest_charge))

    assert warnings.retrieve(warning.id).actionable is False
    assert api.client.v1.events.list({"type": "radar.early_fraud_warning.updated"}).data


def test_nonsense(api: Api) -> None:
    """No bank reports that."""
    assert api.sandbox is not None
    with pytest.raises(ValueError, match="no such type"):
        api.sandbox.outside.warn_of_fraud(str(api.paid().latest_charge), "boredom")
