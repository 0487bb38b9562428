"""Whether events arrive, in our version, and are applied."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from cardpay.doctor.checks import webhook_checks
from cardpay.doctor.findings import Level
from cardpay.domain.stripe_facts.events import EventState
from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.gateway.stripe_gateway import API_VERSION
from cardpay.services.webhooks.receive_event import store_events
from cardpay.storage.schema.tables import StripeEvent
from tests.integration.doctor.check_contexts import (
    DEMO,
    LIVE,
    TEST,
    context_for,
    told,
    world_context,
)
from tests.support.desks.worlds import World

pytestmark = pytest.mark.one_database

OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL


@pytest.mark.parametrize(
    ("given", "secret", "level"),
    [
        pytest.param(DEMO, "", OK, id="demo"),
        pytest.param(TEST, "whsec_51AbCdEfGhIj", OK, id="set"),
        pytest.param(TEST, "", WARN, id="not set in test mode"),
        pytest.param(LIVE, "", FAIL, id="not set in live mode"),
        pytest.param(LIVE, " ", FAIL, id="blank"),
        pytest.param(TEST, "sk_test_51AbCdEfGhIjKl", FAIL, id="another secret"),
    ],
)
def test_secret(given: dict[str, Any], secret: str, level: Level) -> None:
    """Without it the endpoint is off."""
    context = context_for(given, STRIPE_WEBHOOK_SECRET=secret)
    assert told(webhook_checks.secret(context))[0] is level


def arrives(world: World, number: int = 1, **facts: Any) -> None:
    """An event of a kind that the desk does not take, by a webhook, in its own version."""
    made_at = facts.pop("created_at", world.desk.now())
    event = EventSnapshot(
        event_id=f"evt_{number}",
        type="customer.created",
        livemode=False,
        account_id=None,
        api_version=facts.pop("api_version", API_VERSION),
        created_at=made_at,
        object={},
        object_id=None,
    )
    store_events(world.desk, [event], **facts)


def test_nothing_has_happened_yet(world: World) -> None:
    """Then there is nothing to complain about."""
    context = world_context(world)
    assert told(webhook_checks.arrival(context)) == (OK, "No webhook has arrived yet.")
    assert webhook_checks.delay(context) is None
    assert webhook_checks.version(context) is None
    assert told(webhook_checks.applied(context))[0] is OK
    context.close()


def test_payments_without_webhooks(world: World) -> None:
    """Some time after a card was tried its events are missed; Stripe's list does not count."""
    world.pay(world.created())
    arrives(world, listed=True)
    context = world_context(world)
    assert told(webhook_checks.arrival(context))[0] is OK
    world.clock.advance(hours=2)
    assert told(webhook_checks.arrival(context)) == (
        WARN,
        "No webhook has arrived yet, though a card was tried at the desk 2 hours ago.",
    )
    arrives(world, 2)
    assert told(webhook_checks.arrival(context)) == (
        OK,
        "The last webhook arrived 0 seconds ago.",
    )
    world.clock.advance(hours=3)
    world.pay(world.created(order_reference="SO-2"))
    world.clock.advance(hours=2)
    level, words = told(webhook_checks.arrival(context))
    assert (level, words) == (
        WARN,
        "The last webhook arrived 5 hours ago, though a card was tried at the desk 2 hours ago.",
    )
    context.close()


@pytest.mark.parametrize(("seconds", "level"), [(2, OK), (59, OK), (61, WARN)])
def test_delay(world: World, seconds: int, level: Level) -> None:
    """What is typical of late."""
    for number in range(3):
        arrives(world, number, created_at=world.desk.now() - timedelta(seconds=seconds))
    arrives(world, 9, created_at=world.desk.now() - timedelta(days=2))
    context = world_context(world)
    assert told(webhook_checks.delay(context))[0] is level
    context.close()


@pytest.mark.parametrize(
    ("version", "level"), [(API_VERSION, OK), ("2024-06-20", WARN), (None, WARN)]
)
def test_version(world: World, version: str | None, level: Level) -> None:
    """Another version costs a read for each event."""
    arrives(world, api_version=version)
    context = world_context(world)
    found = told(webhook_checks.version(context))
    assert (found[0], API_VERSION in found[1]) == (level, True)
    context.close()


@pytest.mark.parametrize(
    ("state", "minutes", "level"),
    [
        pytest.param("handled", 999, OK, id="applied"),
        pytest.param(EventState.RECEIVED, 5, OK, id="just arrived"),
        pytest.param(EventState.RECEIVED, 30, FAIL, id="nobody applies"),
        pytest.param(EventState.FAILED, 5, WARN, id="failed"),
    ],
)
def test_applied(world: World, state: EventState, minutes: int, level: Level) -> None:
    """An event that waits for long means that nothing runs."""
    arrives(world)
    with world.desk.store.transaction() as session:
        event = session.exec(select(StripeEvent)).one()
        event.state = state
        session.add(event)
    world.clock.advance(minutes=minutes)
    context = world_context(world)
    assert told(webhook_checks.applied(context))[0] is level
    context.close()


def test_the_demo_delivers_while_it_runs(world: World) -> None:
    """A demo that was closed for weeks is not ill."""
    world.pay(world.created())
    world.clock.advance(days=30)
    context = world_context(world, DEMO)
    assert told(webhook_checks.arrival(context))[0] is OK
    assert webhook_checks.delay(context) is None
    assert webhook_checks.version(context) is None
    context.close()
