"""The task that keeps totals: what use cases and Stripe change is kept, by one process."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from cardpay.bootstrap import _periodic_tasks
from cardpay.domain.payment.totals import Totals
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.keep_day_totals import keep_day_totals
from cardpay.settings import load
from cardpay.storage.database.lease import acquire_lease
from cardpay.storage.day_totals.kept_totals import ReadTotals, days_of_books, days_to_keep
from tests.support.desks.worlds import DECLINED, SUPERVISOR, World

UTC_ZONE = ZoneInfo("UTC")


def shown(world: World) -> Totals:
    """The totals of everything."""
    with world.desk.store.reading() as session:
        days = days_of_books(session, UTC_ZONE, world.desk.now())
        found = ReadTotals(session, days, UTC_ZONE).sums(days)
    return sum(found.values(), start=Totals())


def test_a_late_refund_changes_its_own_day(world: World) -> None:
    """And the net of the day on which the payment was paid; the days between stay as they are."""
    order = world.created()
    world.pay(order, DECLINED)
    taken = world.pay(order).payment
    world.tell()
    world.clock.advance(days=5)
    keep_day_totals(world.desk, UTC_ZONE)
    refund_payment(world.desk, SUPERVISOR, taken.payment_id, 500, "duplicate", "s-1")
    world.tell()
    with world.desk.store.reading() as session:
        days = days_of_books(session, UTC_ZONE, world.desk.now())
        changed = days_to_keep(session, days, UTC_ZONE)
    assert changed == [days.last, days.first]
    assert keep_day_totals(world.desk, UTC_ZONE) == 2
    totals = shown(world)
    assert (totals.payments, totals.refunds, totals.refunded_minor) == (1, 1, 500)
    assert (totals.attempts, totals.attempts_accepted, totals.tried, totals.saved) == (2, 1, 1, 1)


def test_one_process_at_a_time(world: World) -> None:
    """The others leave it alone, and do not wait."""
    world.pay(world.created())
    with acquire_lease(world.desk.store.engine, "day totals", world.desk.now):
        assert keep_day_totals(world.desk, UTC_ZONE) == 0
    assert keep_day_totals(world.desk, UTC_ZONE) == 1


def test_a_stop_comes_between_two_days(world: World) -> None:
    """The newest are kept first, and the next run goes on."""
    world.pay(world.created())
    world.clock.advance(days=9)
    answers = iter([True, True, False])
    assert keep_day_totals(world.desk, UTC_ZONE, lambda: next(answers)) == 2
    with world.desk.store.reading() as session:
        days = days_of_books(session, UTC_ZONE, world.desk.now())
        assert days.last is not None
        left = days_to_keep(session, days, UTC_ZONE)
    assert left[0] == days.last - timedelta(days=2)
    assert keep_day_totals(world.desk, UTC_ZONE) == 8


@pytest.mark.one_database
def test_each_process_has_the_task(world: World) -> None:
    """In the zone of the settings."""
    chosen = load(_env_file=None, CARDPAY_TIME_ZONE="Asia/Tokyo")
    named = {task._name for task in _periodic_tasks(chosen, world.desk)}
    assert "day totals" in named
