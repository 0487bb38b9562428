"""When the desk compares itself with Stripe by itself."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.account import StripeAccount
from cardpay.services.desk import Desk
from cardpay.services.history import read_budget
from cardpay.services.history.import_pages import account
from cardpay.services.history.reconciliation import ReconciliationRunning, reconcile
from cardpay.services.history.reconciliation_run import LAG
from cardpay.services.periodic_task import PeriodicTask
from cardpay.storage.database.engine import Store
from cardpay.storage.history import runs

FIRST_LOOK = timedelta(hours=24)
# Each scheduled run looks again at this much of what was compared: what was made in the last
# minutes before a comparison's end may have been on its way.
OVERLAP = timedelta(hours=1)
# A quiet run reads four lists, so 15 minutes cost 11,520 reads in 30 days and an hour 2,880, of
# 10,000 that everybody has. The default is an hour; more often than this is never worth it.
LEAST_MINUTES = 15
_TICK = timedelta(minutes=1)


@dataclass(frozen=True)
class Hole:
    """A stretch of time that lies between comparisons, and that none of them has looked at."""

    since_at: datetime
    until_at: datetime

    def hours_back(self, now: datetime) -> int:
        """How far back a comparison has to begin to go over it."""
        return ceil((now - self.since_at) / timedelta(hours=1)) + 1


def hole(store: Store, account: StripeAccount) -> Hole | None:
    """The first one. The schedule goes over it with its next run; without one it stays."""
    with store.reading() as session:
        found = runs.hole(session, (account.stripe_account_id, account.livemode), LAG)
    return None if found is None else Hole(*found)


def reconciler(desk: Desk, minutes: int) -> PeriodicTask:
    """The schedule of this process: each `minutes` over all processes, and reads written down."""
    pause = timedelta(minutes=max(LEAST_MINUTES, minutes)) if minutes else None
    return PeriodicTask("reconciliation", _TICK, lambda _go_on: reconcile_when_due(desk, pause))


def reconcile_when_due(desk: Desk, pause: timedelta | None) -> None:
    """Compare if the last comparison of any process began `pause` ago; None: never.

    It goes on from the time up to which good comparisons leave no hole: somebody's look at the
    last hours says nothing about the days before them.
    """
    read_budget.write_down(desk)
    if pause is None:
        return
    now = desk.now()
    with desk.store.reading() as session:
        last = runs.last_reconciliation(session, account(desk), finished=False)
        compared_until = runs.compared_until(session, account(desk), LAG)
    if last is not None and now - last.started_at < pause:
        return
    since = now - FIRST_LOOK if compared_until is None else min(compared_until, now) - OVERLAP
    with suppress(ReconciliationRunning):
        reconcile(desk, SYSTEM, since=since)
