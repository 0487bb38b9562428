"""Cancelling a payment that nobody has paid."""

import pytest

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.services.taking.cancel_payment import cancel_payment
from tests.support.desks.worlds import AGENT, World

pytestmark = pytest.mark.one_database


def test_a_double_click_cancels_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second click comes while Stripe works on the first, and is told the same."""
    payment = world.created()
    gateway = world.desk.gateway
    cancel = gateway.cancel_payment_intent
    second = []

    def slow(payment_intent_id: str, key: str) -> PaymentIntentSnapshot:
        second.append(cancel_payment(world.desk, AGENT, payment.payment_id))
        return cancel(payment_intent_id, key)

    monkeypatch.setattr(gateway, "cancel_payment_intent", slow)
    first = cancel_payment(world.desk, AGENT, payment.payment_id)
    assert first.display is DisplayStatus.CANCELLED
    assert [seen.display for seen in second] == [DisplayStatus.CHECKING]
    assert [path for _, path in world.calls() if path.endswith("/cancel")] == [
        f"/v1/payment_intents/{payment.payment_intent_id}/cancel"
    ]
