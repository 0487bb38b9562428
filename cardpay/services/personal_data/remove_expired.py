"""Retention: once a day, what is older than the settings allow is removed, by one process."""

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.personal_data.retention_rules import Retention, RetentionKind
from cardpay.services.audit import prune_entries
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import PeriodicTask, ShouldContinue
from cardpay.storage.database.engine import Store
from cardpay.storage.database.lease import HeldLease, LeaseLost, acquire_lease
from cardpay.storage.personal_data import expired_rows as rows

EVERY: Final = timedelta(days=1)
# A day between two runs, and a day for the one that was due in the night the server was down.
PATIENCE: Final = timedelta(days=2)

_log = logging.getLogger(__name__)


def retention_task(desk: Desk, retention: Retention) -> PeriodicTask:
    """The periodic task of this process: at its start, then once a day."""
    return PeriodicTask("retention", EVERY, lambda go_on: remove_expired(desk, retention, go_on))


def remove_expired(
    desk: Desk, retention: Retention, go_on: ShouldContinue = lambda: True
) -> dict[RetentionKind, int]:
    """Remove everything that is too old; return the number of rows of each kind.

    Each batch is a short transaction, so that nobody waits for long and memory stays flat. An
    audit entry holds the counts, unless there was nothing. While another process is removing,
    nothing happens.
    """
    removed: Counter[RetentionKind] = Counter()
    try:
        with acquire_lease(desk.store.engine, "retention", desk.now) as lease:
            if lease is None:
                return {}
            for kind, before in retention.limits(desk.now()).items():
                try:
                    _remove_all(desk, lease, go_on, (kind, before), removed)
                except LeaseLost:
                    raise
                except Exception as error:  # noqa: BLE001 - the other kinds go on
                    _log.warning("retention of %s failed: %s", kind.name, type(error).__name__)
    except LeaseLost:
        _log.warning("retention stopped: another process has the lease")
    finally:
        if removed:
            _record(desk, removed)
    return dict(removed)


def _remove_all(
    desk: Desk,
    lease: HeldLease,
    go_on: ShouldContinue,
    what: tuple[RetentionKind, datetime],
    removed: Counter[RetentionKind],
) -> None:
    kind, before = what
    while go_on():
        lease.renew()
        count = _remove_batch(desk, kind, before)
        if count == 0:
            return
        removed[kind] += count


def _remove_batch(desk: Desk, kind: RetentionKind, before: datetime) -> int:
    if kind is RetentionKind.AUDIT:
        return prune_entries.prune_batch(desk, before)
    with desk.store.transaction() as session:
        return rows.remove(session, kind, before, desk.now())


def _record(desk: Desk, removed: Counter[RetentionKind]) -> None:
    counts = {kind.name.lower(): count for kind, count in removed.items()}
    with desk.store.transaction() as session:
        record(session, SYSTEM, "retention", ("retention", "daily"), at=desk.now(), after=counts)


def overdue(store: Store, retention: Retention, now: datetime) -> dict[RetentionKind, int]:
    """How many rows of each kind should be gone by now: if any, the task seems not to run."""
    with store.reading() as session:
        found = {
            kind: rows.overdue(session, kind, before - PATIENCE)
            for kind, before in retention.limits(now).items()
        }
    return {kind: count for kind, count in found.items() if count}
