"""Retention: each day, what is older than the settings allow goes. One process at a time."""

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.retention import Kept, Retention
from cardpay.services.audit import pruning
from cardpay.services.audit.record import record
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import PeriodicTask, ShouldContinue
from cardpay.storage.database.engine import Store
from cardpay.storage.database.lease import ExclusiveLost, Held, exclusive
from cardpay.storage.personal_data import retention as rows

EVERY: Final = timedelta(days=1)
# A day between two runs, and a day for the one that was due in the night the server was down.
PATIENCE: Final = timedelta(days=2)

_log = logging.getLogger(__name__)


def cleaner(desk: Desk, retention: Retention) -> PeriodicTask:
    """The job of this process: at its start and each day."""
    return PeriodicTask("retention", EVERY, lambda go_on: clean(desk, retention, go_on))


def clean(
    desk: Desk, retention: Retention, go_on: ShouldContinue = lambda: True
) -> dict[Kept, int]:
    """Remove everything that is too old; how much of each kind that was.

    In batches, each a short transaction of its own, so that nobody waits for long and memory
    stays flat. One audit entry tells the counts, if there was anything. Nothing happens while
    another process is at it.
    """
    removed: Counter[Kept] = Counter()
    try:
        with exclusive(desk.store.engine, "retention", desk.now) as held:
            if held is None:
                return {}
            for kind, before in retention.limits(desk.now()).items():
                try:
                    _remove_all(desk, held, go_on, (kind, before), removed)
                except ExclusiveLost:
                    raise
                except Exception as error:  # noqa: BLE001 - the other kinds go on
                    _log.warning("retention of %s failed: %s", kind.name, type(error).__name__)
    except ExclusiveLost:
        _log.warning("retention stopped: another process has taken it over")
    finally:
        if removed:
            _record(desk, removed)
    return dict(removed)


def _remove_all(
    desk: Desk,
    held: Held,
    go_on: ShouldContinue,
    what: tuple[Kept, datetime],
    removed: Counter[Kept],
) -> None:
    kind, before = what
    while go_on():
        held.keep_on()
        count = _remove_batch(desk, kind, before)
        if count == 0:
            return
        removed[kind] += count


def _remove_batch(desk: Desk, kind: Kept, before: datetime) -> int:
    if kind is Kept.AUDIT:
        return pruning.prune_batch(desk, before)
    with desk.store.transaction() as session:
        return rows.remove(session, kind, before, desk.now())


def _record(desk: Desk, removed: Counter[Kept]) -> None:
    counts = {kind.name.lower(): count for kind, count in removed.items()}
    with desk.store.transaction() as session:
        record(session, SYSTEM, "retention", ("retention", "daily"), at=desk.now(), after=counts)


def overdue(store: Store, retention: Retention, now: datetime) -> dict[Kept, int]:
    """What should have gone some time ago, so that the job seems not to run: rows of each kind."""
    with store.reading() as session:
        found = {
            kind: rows.overdue(session, kind, before - PATIENCE)
            for kind, before in retention.limits(now).items()
        }
    return {kind: count for kind, count in found.items() if count}
