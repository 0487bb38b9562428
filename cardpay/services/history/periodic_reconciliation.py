"""When reconciliation runs by itself, and the gap that it left."""

from contextlib import suppress
from datetime import timedelta

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.history.reconciliation_rules import Gap, coverage
from cardpay.domain.history.reconciliation_schedule import interval, next_start
from cardpay.domain.stripe_account import StripeAccount
from cardpay.services.desk import Desk
from cardpay.services.history import read_budget
from cardpay.services.history.begin_reconciliation import ReconciliationRunning, reconcile
from cardpay.services.periodic_task import PeriodicTask
from cardpay.storage.database.engine import Store
from cardpay.storage.history import stored_reconciliations

_TICK = timedelta(minutes=1)


def first_gap(store: Store, stripe_account: StripeAccount) -> Gap | None:
    """The oldest gap, or None. The next scheduled run covers it; with no schedule it stays."""
    with store.reading() as session:
        spans = stored_reconciliations.finished_spans(
            session, (stripe_account.stripe_account_id, stripe_account.livemode)
        )
    return coverage(spans).gap


def reconciler(desk: Desk, minutes: int) -> PeriodicTask:
    """The periodic task: reconciles every `minutes` over all processes, and saves read counts."""
    every = interval(minutes)
    return PeriodicTask("reconciliation", _TICK, lambda _go_on: reconcile_when_due(desk, every))


def reconcile_when_due(desk: Desk, every: timedelta | None) -> None:
    """Reconcile if the last run of any process began at least `every` ago; None: never."""
    read_budget.save_counts(desk)
    if every is None:
        return
    now = desk.now()
    with desk.store.reading() as session:
        last = stored_reconciliations.last_reconciliation(
            session, desk.account.key, finished=False
        )
        spans = stored_reconciliations.finished_spans(session, desk.account.key)
    if last is not None and now - last.started_at < every:
        return
    with suppress(ReconciliationRunning):
        reconcile(desk, SYSTEM, since=next_start(coverage(spans).until_at, now))
