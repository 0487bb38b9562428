"""Reconciliation: what it looks at again or leaves out, and what a gap is.

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
# A payout that was paid may fail within five business days, and is itemised some days later
# (Stripe docs: "Payouts", failures): so long each run looks at it again.
PAYOUTS_CHANGE_FOR: Final = timedelta(days=14)
# A payment link is open for a day at most (`link_rules.LONGEST`).
LINKS_CHANGE_FOR: Final = timedelta(hours=25)


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


def is_compared(*, has_open_operation: bool) -> bool:
    """Whether a difference in a payment is listed, and corrected.

    A payment with an open operation is left to recovery, which knows what was asked.
    """
    return not has_open_operation
