"""When reconciliation runs by itself, and the gap that it left."""

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
from cardpay.storage.history import reconciliation_runs

FIRST_LOOK = timedelta(hours=24)
# Each scheduled run looks again at this much of what was reconciled: objects that were made in the
# last minutes before an end may not have been listed yet.
OVERLAP = timedelta(hours=1)
# A quiet run reads four lists, so 15 minutes cost 11,520 reads in 30 days and an hour 2,880, of
# 10,000 that everybody has. The default is an hour; more often than this is never worth it.
LEAST_MINUTES = 15
_TICK = timedelta(minutes=1)


@dataclass(frozen=True)
class Gap:
    """A stretch of time between reconciliations that none of them has looked at."""

    since_at: datetime
    until_at: datetime

    def hours_back(self, now: datetime) -> int:
        """How many hours before `now` a reconciliation has to begin to cover it, rounded up."""
        return ceil((now - self.since_at) / timedelta(hours=1)) + 1


def first_gap(store: Store, stripe_account: StripeAccount) -> Gap | None:
    """The oldest gap, or None. The next scheduled run covers it; with no schedule it stays."""
    with store.reading() as session:
        found = reconciliation_runs.first_gap(
            session, (stripe_account.stripe_account_id, stripe_account.livemode), LAG
        )
    return None if found is None else Gap(*found)


def reconciler(desk: Desk, minutes: int) -> PeriodicTask:
    """The periodic task: reconciles every `minutes` over all processes, and saves read counts."""
    pause = timedelta(minutes=max(LEAST_MINUTES, minutes)) if minutes else None
    return PeriodicTask("reconciliation", _TICK, lambda _go_on: reconcile_when_due(desk, pause))


def reconcile_when_due(desk: Desk, pause: timedelta | None) -> None:
    """Reconcile if the last run of any process began at least `pause` ago; None: never.

    It goes on where the good reconciliations first leave a gap: a person's run over the last hours
    says nothing about the days before them.
    """
    read_budget.save_counts(desk)
    if pause is None:
        return
    now = desk.now()
    with desk.store.reading() as session:
        last = reconciliation_runs.last_reconciliation(session, account(desk), finished=False)
        until = reconciliation_runs.reconciled_until(session, account(desk), LAG)
    if last is not None and now - last.started_at < pause:
        return
    since = now - FIRST_LOOK if until is None else min(until, now) - OVERLAP
    with suppress(ReconciliationRunning):
        reconcile(desk, SYSTEM, since=since)
