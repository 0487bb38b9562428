"""Payments that another system took, with anything that Stripe can be paid with."""

import json
from datetime import timedelta
from typing import Any

from sqlmodel import select

from cardpay.domain.access.actor import SYSTEM
from cardpay.gateway import snapshot_parsing
from cardpay.services.stripe_facts.apply_facts import apply_fact
from cardpay.storage.schema.tables import Payment
from tests.support.desks.worlds import World


def paid_with(world: World, method_type: str, details: dict[str, Any], **changed: Any) -> str:
    """The id of a payment with this method.

    `details` are its part of the Charge's `payment_method_details`, `changed` fields of the
    PaymentIntent.
    """
    intent = _intent(world)
    intent["latest_charge"]["payment_method_details"] = {
        "type": method_type,
        method_type: details,
    }
    return _taken(world, intent | changed)


def waiting_for(world: World, next_action: str) -> str:
    """The id of a payment that waits for the customer to do something elsewhere."""
    return with_status(
        world, "requires_action", next_action={"type": next_action, next_action: {}}
    )


def with_status(world: World, status: str, **changed: Any) -> str:
    """The id of a payment in any status, before a Charge."""
    before = {"status": status, "latest_charge": None, "amount_received": 0}
    return _taken(world, _intent(world) | before | changed)


def _intent(world: World) -> dict[str, Any]:
    """A PaymentIntent of another system's, with its Charge."""
    path = f"/v1/payment_intents/{world.elsewhere()}?expand[]=latest_charge"
    headers = {"Authorization": f"Bearer {world.sandbox.secret_key}"}
    found: dict[str, Any] = json.loads(world.sandbox.handle("GET", path, headers, b"").body)
    return found


def _taken(world: World, intent: dict[str, Any]) -> str:
    snapshot = snapshot_parsing.payment_intent(intent)
    asked_at = world.desk.now() + timedelta(seconds=1)
    with world.desk.store.transaction() as session:
        apply_fact(session, world.desk, SYSTEM, snapshot, asked_at=asked_at)
    with world.desk.store.reading() as session:
        return session.exec(
            select(Payment.id).where(
                Payment.stripe_payment_intent_id == snapshot.payment_intent_id
            )
        ).one()
