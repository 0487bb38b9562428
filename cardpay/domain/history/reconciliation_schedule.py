"""The schedule of reconciliation: how often it runs by itself, and from when each run looks."""

from datetime import datetime, timedelta
from typing import Final

# How far the first run looks back.
FIRST_LOOK: Final = timedelta(hours=24)
# Each scheduled run looks again at this much of what was reconciled: objects that were made in the
# last minutes before an end may not have been listed yet.
OVERLAP: Final = timedelta(hours=1)
# A quiet run reads four lists, so 15 minutes cost 11,520 reads in 30 days and an hour 2,880, of
# 10,000 that everybody has. More often than LEAST_MINUTES is never worth it.
DEFAULT_MINUTES: Final = 60
LEAST_MINUTES: Final = 15


def interval(minutes: int) -> timedelta | None:
    """The time from one scheduled run to the next, given the setting; None if it is 0 (off)."""
    return timedelta(minutes=max(LEAST_MINUTES, minutes)) if minutes else None


def next_start(until_at: datetime | None, now: datetime) -> datetime:
    """From when a scheduled run looks, given until when the good ones leave no gap.

    A person's run over the last hours says nothing about the days before them.
    """
    return now - FIRST_LOOK if until_at is None else min(until_at, now) - OVERLAP
