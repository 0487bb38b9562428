"""The desk's own comparisons go on where the last ones left off, and leave no gap."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from cardpay.domain.history.reconciliation_schedule import OVERLAP
from cardpay.services.history.begin_reconciliation import ReconciliationStopped, reconcile
from cardpay.services.history.periodic_reconciliation import reconcile_when_due
from cardpay.storage.schema.tables import Payment, Reconciliation
from tests.integration.services.history.conftest import SUPERVISOR
from tests.support.desks.worlds import World

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def _scheduled(world: World) -> None:
    reconcile_when_due(world.desk, HOUR)


def _pressed(world: World, back: timedelta = DAY) -> None:
    """Somebody compares the last hours."""
    reconcile(world.desk, SUPERVISOR, since=world.clock.now() - back)


def _runs(world: World) -> list[Reconciliation]:
    with world.desk.store.reading() as session:
        return sorted(session.exec(select(Reconciliation)).all(), key=lambda run: run.started_at)


def _since_of_the_next(world: World) -> datetime:
    world.clock.advance(hours=2)
    _scheduled(world)
    return _runs(world)[-1].since_at


def test_a_look_at_the_last_day_hides_no_gap(world: World) -> None:
    """What was made while the desk was down for days comes in by the next scheduled run."""
    _scheduled(world)
    world.clock.advance(hours=2)
    lost = world.elsewhere()
    world.clock.advance(days=4)
    world.sandbox.faults.add("drop_before", path="/v1/payment_intents", times=3)
    with pytest.raises(ReconciliationStopped):
        _scheduled(world)
    _pressed(world)
    assert _since_of_the_next(world) == _runs(world)[0].until_at - OVERLAP
    with world.desk.store.reading() as session:
        (payment,) = session.exec(select(Payment)).all()
    assert payment.stripe_payment_intent_id == lost
    whole = _runs(world)[-1]
    assert _since_of_the_next(world) == whole.until_at - OVERLAP


def test_a_hole_that_somebody_filled_is_none(world: World) -> None:
    """A longer look joins what lies before with what lies after it."""
    _scheduled(world)
    world.clock.advance(days=4)
    _pressed(world)
    world.clock.advance(hours=1)
    _pressed(world, 5 * DAY)
    assert _since_of_the_next(world) == _runs(world)[2].until_at - OVERLAP


def test_an_old_stretch_compared_again_leads_nowhere_back(world: World) -> None:
    """What is compared stays compared, whichever run came last."""
    _scheduled(world)
    world.clock.advance(hours=2)
    now = world.clock.now()
    reconcile(world.desk, SUPERVISOR, since=now - DAY, until=now - 10 * HOUR)
    assert _since_of_the_next(world) == _runs(world)[0].until_at - OVERLAP


def test_the_last_minute_before_an_end_is_a_gap(world: World) -> None:
    """Its events were left time to arrive, so a look that begins within it does not join."""
    _scheduled(world)
    world.clock.advance(hours=24)
    _pressed(world, DAY + timedelta(seconds=30))
    assert _since_of_the_next(world) == _runs(world)[0].until_at - OVERLAP
