"""Refunds: full, partial, too high, pending, and failing after success."""

from typing import Any

import pytest
import stripe

from cardpay.sandbox.api.payments import refunds
from tests.contract.api import Api


def _refund(api: Api, intent: stripe.PaymentIntent, **params: Any) -> stripe.Refund:
    wanted: Any = {"payment_intent": intent.id, **params}
    return api.client.v1.refunds.create(wanted)


def _charge(api: Api, intent: stripe.PaymentIntent) -> stripe.Charge:
    return api.client.v1.charges.retrieve(str(intent.latest_charge))


def test_whole(api: Api) -> None:
    """Without an amount all of it is refunded."""
    paid = api.paid()

    refund = _refund(api, paid, reason="requested_by_customer", metadata={"by": "agent"})

    assert (refund.status, refund.amount, refund.charge) == (
        "succeeded",
        1000,
        paid.latest_charge,
    )
    charge = _charge(api, paid)
    assert (charge.refunded, charge.amount_refunded) == (True, 1000)
    found = api.client.v1.refunds.retrieve(refund.id).to_dict()
    assert found["metadata"] == {"by": "agent"}


def test_in_parts(api: Api) -> None:
    """Several partial refunds until nothing is left."""
    paid = api.paid()

    first, second = _refund(api, paid, amount=300), _refund(api, paid, amount=700)

    assert _charge(api, paid).refunded is True
    listed = api.client.v1.refunds.list({"payment_intent": paid.id}).data
    assert [refund.id for refund in listed] == [second.id, first.id]
    expanded = api.client.v1.charges.retrieve(str(paid.latest_charge), {"expand": ["refunds"]})
    assert expanded.refunds is not None
    assert len(expanded.refunds.data) == 2


def test_more_than_is_left(api: Api) -> None:
    """It is rejected, and earlier refunds are unchanged."""
    paid = api.paid()
    _refund(api, paid, amount=300)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        _refund(api, paid, amount=701)

    assert refused.value.param == "amount"
    assert _charge(api, paid).amount_refunded == 300


def test_more_than_was_captured(api: Api) -> None:
    """The part that was not captured cannot be refunded."""
    held = api.paid(capture_method="manual")
    api.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 400})

    with pytest.raises(stripe.InvalidRequestError):
        _refund(api, held, amount=401)
    assert _refund(api, held, amount=400).status == "succeeded"


def test_again(api: Api) -> None:
    """A fully refunded Charge cannot be refunded again."""
    paid = api.paid()
    _refund(api, paid)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        _refund(api, paid)

    assert refused.value.code == "charge_already_refunded"


def test_nothing_was_paid(api: Api) -> None:
    """An unpaid PaymentIntent has no Charge to refund."""
    with pytest.raises(stripe.InvalidRequestError):
        _refund(api, api.intent())


@pytest.mark.parametrize("params", [{}, {"payment_intent": "pi_nothing"}])
def test_of_nothing(api: Api, params: Any) -> None:
    """A refund must name an existing Charge or PaymentIntent."""
    with pytest.raises(stripe.InvalidRequestError):
        api.client.v1.refunds.create(params)


def test_metadata_can_change(api: Api) -> None:
    """Nothing else of a refund can change."""
    refund = _refund(api, api.paid())

    changed = api.client.v1.refunds.update(refund.id, {"metadata": {"ticket": "7"}})

    assert changed.to_dict()["metadata"] == {"ticket": "7"}


@pytest.mark.sandbox_only(reason="it advances the clock")
def test_pending_first(api: Api) -> None:
    """Card …7726: the refund succeeds later, with `refund.updated`."""
    refund = _refund(api, api.paid("pm_card_pendingRefund"))

    api.wait(seconds=10)

    assert refund.status == "pending"
    assert api.client.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert api.client.v1.events.list({"type": "refund.updated"}).data


@pytest.mark.sandbox_only(reason="it advances the clock")
def test_fails_after_success(api: Api) -> None:
    """Card …5126: a succeeded refund can fail. The amount returns and can be refunded again."""
    paid = api.paid("pm_card_refundFail")
    refund = _refund(api, paid, amount=400)

    api.wait(seconds=10)

    found = api.client.v1.refunds.retrieve(refund.id)
    assert refund.status == "succeeded"
    assert found.status == "failed"
    assert found.failure_reason
    assert isinstance(found.failure_balance_transaction, str)
    charge = _charge(api, paid)
    assert (charge.refunded, charge.amount_refunded) == (False, 0)
    types = [event.type for event in api.client.v1.events.list({"limit": 3}).data]
    assert set(types) == {"refund.failed", "refund.updated", "charge.refund.updated"}


@pytest.mark.sandbox_only(reason="it lets a bank refuse")
@pytest.mark.parametrize("reason", refunds.FAILURE_REASONS)
def test_each_failure_reason(api: Api, reason: str) -> None:
    """A bank can refuse a refund for any documented reason, and only once."""
    assert api.sandbox is not None
    refund = _refund(api, api.paid())

    for _ in range(2):
        api.sandbox.outside.fail_refund(refund.id, reason)

    assert api.client.v1.refunds.retrieve(refund.id).failure_reason == reason
    assert len(api.client.v1.events.list({"type": "refund.failed"}).data) == 1
    with pytest.raises(ValueError, match="no such failure reason"):
        api.sandbox.outside.fail_refund(refund.id, "boredom")
