"""Keeping the totals of business days: those of which the books have changed, by one process."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cardpay.logs.logger import get_logger
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import PeriodicTask, ShouldContinue
from cardpay.storage.database.lease import LeaseLost, acquire_lease
from cardpay.storage.day_totals.kept_totals import days_of_books, days_to_keep, keep_day

# Until then whoever reads computes the days that have changed: in this time at most a few.
EVERY: Final = timedelta(minutes=1)

_log = get_logger(__name__)


def day_totals_task(desk: Desk, zone: ZoneInfo) -> PeriodicTask:
    """The periodic task of this process."""
    return PeriodicTask("day totals", EVERY, lambda go_on: keep_day_totals(desk, zone, go_on))


def keep_day_totals(desk: Desk, zone: ZoneInfo, go_on: ShouldContinue = lambda: True) -> int:
    """Bring the kept totals up to date, the newest days first; returns how many days it took.

    Each day is a transaction of its own. In another time zone than before, it is every day. While
    another process is at it, nothing happens.
    """
    kept = 0
    try:
        with acquire_lease(desk.store.engine, "day totals", desk.now) as lease:
            if lease is None:
                return 0
            with desk.store.reading() as session:
                days = days_of_books(session, zone, desk.now())
                changed = days_to_keep(session, days, zone)
            for day in changed:
                if not go_on():
                    break
                lease.renew()
                with desk.store.transaction() as session:
                    keep_day(session, day, zone)
                kept += 1
    except LeaseLost:
        _log.warning("keeping day totals stopped: another process has the lease")
    return kept
