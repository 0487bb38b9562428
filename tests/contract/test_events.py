"""Events: which there are, in which order, and how they are listed."""

from typing import Any

import pytest
import stripe

from tests.contract.api import Api

pytestmark = pytest.mark.sandbox_only(reason="a shared account has other events, and late ones")


def _types(api: Api, **params: Any) -> list[str]:
    wanted: Any = {"limit": 100, **params}
    return [event.type for event in api.client.v1.events.list(wanted).data]


def test_a_payment_newest_first(api: Api) -> None:
    """Events of the same second are in the order in which they happened."""
    made = api.intent()
    api.client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})

    assert _types(api) == [
        "payment_intent.succeeded",
        "charge.succeeded",
        "payment_intent.created",
    ]


def test_a_decline(api: Api) -> None:
    """The Charge and the PaymentIntent each have an event."""
    with pytest.raises(stripe.CardError):
        api.paid("pm_card_chargeDeclined")

    assert _types(api)[:2] == ["payment_intent.payment_failed", "charge.failed"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(["cancel"], ["payment_intent.canceled", "charge.refunded"], id="released"),
        pytest.param(["capture"], ["payment_intent.succeeded", "charge.captured"], id="captured"),
        pytest.param([], ["payment_intent.amount_capturable_updated"], id="held"),
    ],
)
def test_a_hold(api: Api, steps: list[str], expected: list[str]) -> None:
    """Authorising, capturing and cancelling each have their events."""
    held = api.paid(capture_method="manual")
    for step in steps:
        getattr(api.client.v1.payment_intents, step)(held.id)

    assert _types(api)[: len(expected)] == expected


def test_an_event_is_a_snapshot(api: Api) -> None:
    """It has the object as it was, the API version, and the request that caused it."""
    made = api.intent()
    api.client.v1.payment_intents.cancel(made.id, {}, {"idempotency_key": "cancel-1"})

    cancelled, created = api.client.v1.events.list().data

    assert created.to_dict()["data"]["object"]["status"] == "requires_payment_method"
    assert cancelled.to_dict()["data"]["object"]["status"] == "canceled"
    assert cancelled.api_version == "2026-10-28.endive"
    assert cancelled.request is not None
    assert cancelled.request.idempotency_key == "cancel-1"
    assert api.client.v1.events.retrieve(created.id).to_dict() == created.to_dict()


def test_previous_attributes(api: Api) -> None:
    """An event of an update has what changed, as it was, and of a hash only what changed in it."""
    refund = api.client.v1.refunds.create(
        {"payment_intent": api.paid().id, "metadata": {"kept": "1", "changed": "2"}}
    )
    api.client.v1.refunds.update(refund.id, {"metadata": {"changed": "3"}})

    updated, _, created = (
        event.to_dict()["data"] for event in api.client.v1.events.list({"limit": 3}).data
    )

    assert updated["previous_attributes"] == {"metadata": {"changed": "2"}}
    assert "previous_attributes" not in created


def test_types(api: Api) -> None:
    """Events can be listed by one type, or by up to twenty."""
    api.paid()

    assert _types(api, type="charge.succeeded") == ["charge.succeeded"]
    assert _types(api, types=["charge.succeeded", "payment_intent.created"]) == [
        "charge.succeeded",
        "payment_intent.created",
    ]
    with pytest.raises(stripe.InvalidRequestError):
        _types(api, types=["charge.succeeded"] * 21)


def test_a_group_of_types(api: Api) -> None:
    """A star stands for the rest of a type."""
    api.paid()

    assert _types(api, type="charge.*") == ["charge.succeeded"]
    assert _types(api, type="refund.*") == []


def test_delivered_or_pending(api: Api) -> None:
    """An event counts the webhooks that were not delivered, and can be found by that."""
    assert api.sandbox is not None
    api.intent()
    pending = api.client.v1.events.list({"delivery_success": False}).data
    none_yet = api.client.v1.events.list({"delivery_success": True}).data

    api.sandbox.webhooks.drain()

    assert ([event.pending_webhooks for event in pending], none_yet) == ([1], [])
    delivered = api.client.v1.events.list({"delivery_success": True}).data
    assert [event.pending_webhooks for event in delivered] == [0]
    assert api.client.v1.events.list({"delivery_success": False}).data == []


def test_kept_for_30_days(api: Api) -> None:
    """Older ones are no longer listed."""
    api.intent()

    api.wait(days=30, seconds=1)

    assert _types(api) == []
