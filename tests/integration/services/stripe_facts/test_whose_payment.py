"""Whose a PaymentIntent is: the desk's only if it is exactly what the desk asked for."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from cardpay.domain.access.actor import SYSTEM
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.schema.tables import Payment
from tests.faults.events.event_stories import told
from tests.support.desks.unreadable_object import desk_with_unreadable
from tests.support.desks.worlds import World

pytestmark = pytest.mark.one_database

_WAYS = ("webhooks", "reconcile", "backfill")


def _tell(world: World, way: str) -> None:
    """Let the desk know all that Stripe has, and then do what it does by itself."""
    if way == "webhooks":
        for event in told(world):
            store_event(world.desk, event)
        process_all_due(world.desk)
    world.clock.advance(minutes=30)
    if way == "reconcile":
        reconcile(world.desk, SYSTEM, since=world.clock.now() - timedelta(days=1))
    if way == "backfill":
        import_history(world.desk, SYSTEM)
    recover_all(world.desk, timedelta(minutes=10))


def _row(world: World, intent_id: str) -> Payment:
    with world.desk.store.reading() as session:
        return session.exec(
            select(Payment).where(col(Payment.stripe_payment_intent_id) == intent_id)
        ).one()


def _at_stripe(world: World, intent_id: str) -> dict[str, Any]:
    return next(one for one in world.intents() if one["id"] == intent_id)


def _copies(metadata: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What other systems make of a PaymentIntent of ours that they have seen."""
    yield "an id", {"amount": "777", "metadata": {"payment_id": metadata["payment_id"]}}
    yield "all, for another amount", {"amount": "777", "metadata": metadata}
    yield "all, in another currency", {"amount": "12000", "currency": "usd", "metadata": metadata}
    yield (
        "an id, for this amount",
        {
            "amount": "12000",
            "metadata": {"payment_id": metadata["payment_id"]},
        },
    )
    yield "edited", {"amount": "12000", "metadata": metadata | {"order_reference": "SHOP-1"}}
    yield "all of it", {"amount": "12000", "metadata": metadata}


@pytest.mark.sampled(5)
@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("is_paid", [True, False])
def test_a_copy_of_our_metadata_is_not_ours(
    world: World, way: str, number: int, *, is_paid: bool
) -> None:
    """It is shown as taken elsewhere, and never written to; ours stays as it is."""
    ours = world.created()
    intent_id = str(ours.payment_intent_id)
    copied = _at_stripe(world, intent_id)["metadata"]
    _, fields = list(_copies(copied))[number]
    if not is_paid:
        fields |= {"confirm": "false"}
    theirs = world.elsewhere(**fields)
    world.sandbox.clear_requests()
    _tell(world, way)
    assert _row(world, theirs).taken_at_desk is False
    assert _at_stripe(world, theirs)["status"] in {"succeeded", "requires_confirmation"}
    assert not [path for _, path in world.calls() if theirs in path and path.endswith("/cancel")]
    assert _row(world, intent_id).id == ours.payment_id
    assert _row(world, intent_id).amount_minor == 12_000


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("number", range(5))
def test_it_is_not_the_answer_that_is_missing(world: World, way: str, number: int) -> None:
    """A create whose answer never came is not answered by something else."""
    world.sandbox.faults.add("drop_before", method="POST", path="/v1/payment_intents", times=2)
    ours = world.created()
    assert ours.payment_intent_id is None
    copied = {
        "payment_id": ours.payment_id,
        "product_id": "consultation",
        "product_name": "Consultation",
        "unit_amount": "12000",
        "quantity": "1",
        "order_reference": "SO-1",
        "taken_by": "agent-1",
    }
    _, fields = list(_copies(copied))[number]
    theirs = world.elsewhere(**fields)
    _tell(world, way)
    assert _row(world, theirs).taken_at_desk is False
    assert _row(world, theirs).id != ours.payment_id
    assert _at_stripe(world, theirs)["status"] == "succeeded"


@pytest.mark.parametrize("way", _WAYS)
def test_what_we_asked_for_is_ours(world: World, way: str) -> None:
    """A create whose answer never came, but that Stripe carried out."""
    world.sandbox.faults.add("timeout_after", method="POST", path="/v1/payment_intents", times=2)
    ours = world.created()
    assert ours.payment_intent_id is None
    (made,) = world.intents()
    _tell(world, way)
    assert _row(world, made["id"]).id == ours.payment_id


@pytest.mark.parametrize("number", range(5))
def test_a_copy_does_not_hide_what_we_asked_for(world: World, number: int) -> None:
    """The lookup of a create without an answer finds ours behind a newer copy, and cancels it."""
    world.sandbox.faults.add("timeout_after", method="POST", path="/v1/payment_intents", times=2)
    ours = world.created()
    (made,) = world.intents()
    world.clock.advance(seconds=5)
    _, fields = list(_copies(made["metadata"]))[number]
    theirs = world.elsewhere(**fields, confirm="false")
    world.clock.advance(minutes=30)
    recover_all(world.desk, None)
    assert _row(world, made["id"]).id == ours.payment_id
    assert _at_stripe(world, made["id"])["status"] == "canceled"
    assert _at_stripe(world, theirs)["status"] == "requires_confirmation"


def test_what_cannot_be_read_does_not_hide_what_we_asked_for(world: World) -> None:
    """Another system's PaymentIntent of the same time keeps no create of ours open."""
    world.sandbox.faults.add("timeout_after", method="POST", path="/v1/payment_intents", times=2)
    ours = world.created()
    (made,) = world.intents()
    desk = desk_with_unreadable(world, world.elsewhere())
    world.clock.advance(minutes=30)
    recover_all(desk, None)
    assert _row(world, made["id"]).id == ours.payment_id
    assert _at_stripe(world, made["id"])["status"] == "canceled"
