"""Reconciliation: how often it runs, what it looks at again or leaves out, and what a gap is.

A reconciliation reads the last `LAG` before its end only in part, since Stripe lists what it made
some seconds later. So the next one has to begin before that; if it begins later it leaves a gap,
however late it ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

LAG: Final = timedelta(seconds=60)
FIRST_LOOK: Final = timedelta(hours=24)
# Each scheduled run looks again at this much of what was reconciled: objects that were made in the
# last minutes before an end may not have been listed yet.
OVERLAP: Final = timedelta(hours=1)
# A quiet run reads four lists, so 15 minutes cost 11,520 reads in 30 days and an hour 2,880, of
# 10,000 that everybody has. More often than LEAST_MINUTES is never worth it.
DEFAULT_MINUTES: Final = 60
LEAST_MINUTES: Final = 15


@dataclass(frozen=True)
class Gap:
    """A stretch of time between reconciliations that none of them has looked at."""

    since_at: datetime
    until_at: datetime

    def hours_back(self, now: datetime) -> int:
        """How many hours before `now` a reconciliation has to begin to cover it, rounded up."""
        return ceil((now - self.since_at) / timedelta(hours=1)) + 1


@dataclass(frozen=True)
class Coverage:
    """Until when there is no gap (None without a reconciliation), and the gap that follows."""

    until_at: datetime | None
    gap: Gap | None


def coverage(spans: Iterable[tuple[datetime, datetime]]) -> Coverage:
    """What reconciliations without a problem cover, given the beginning and end of each."""
    covered: datetime | None = None
    for since_at, until_at in sorted(spans):
        if covered is not None and since_at > covered - LAG:
            return Coverage(covered, Gap(covered, since_at))
        covered = until_at if covered is None else max(covered, until_at)
    return Coverage(covered, None)


def interval(minutes: int) -> timedelta | None:
    """The time from one scheduled run to the next, given the setting; None if it is 0 (off)."""
    return timedelta(minutes=max(LEAST_MINUTES, minutes)) if minutes else None


def next_start(until_at: datetime | None, now: datetime) -> datetime:
    """From when a scheduled run looks: where the good ones first leave a gap.

    A person's run over the last hours says nothing about the days before them.
    """
    return now - FIRST_LOOK if until_at is None else min(until_at, now) - OVERLAP


def is_compared(*, has_open_operation: bool) -> bool:
    """Whether a difference in a payment is listed, and corrected.

    A payment with an open operation is left to recovery, which knows what was asked.
    """
    return not has_open_operation
