"""The read budget: how many requests a month imports and reconciliations may make to read Stripe.

Stripe allots reads (see DEFAULT_READ_BUDGET). Checkout's own reads are counted and never refused;
imports and reconciliations stop when the month's reads are spent. Counts are saved together with
other work, or once a minute: a process that is killed forgets a minute's reads at most.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cardpay.domain.errors import CardpayError
from cardpay.domain.history.stripe_read_limits import month_of
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.history import monthly_read_counts

_SAVE_AT = 50  # reads that are counted in memory alone


class ReadBudgetSpent(CardpayError):
    """This month's reads are used up; `reserved` of them are left for reconciliations."""

    def __init__(self, budget: int, reserved: int = 0) -> None:
        self.budget = budget
        super().__init__(
            f"This month's {budget:,} Stripe API reads are used up"
            + (f", except {reserved:,} kept for reconciliation" if reserved else "")
            + ", so this stopped.",
            "Start it again next month, or after you raise CARDPAY_READ_BUDGET. It continues "
            "where it stopped.",
        )


def month(desk: Desk) -> str:
    """The current month in UTC, as "2026-11": the key of its count."""
    return month_of(desk.now())


def save_counts(desk: Desk) -> None:
    """Save the reads that are counted in memory, in a transaction of its own."""
    if desk.gateway.reads.unsaved:
        with transaction(desk):
            pass


@contextmanager
def transaction(desk: Desk) -> Iterator[Session]:
    """A transaction for other work, which ends by saving the reads that are counted in memory."""
    with desk.gateway.reads.take_unsaved() as reads, desk.store.transaction() as session:
        yield session
        if reads:
            monthly_read_counts.add(session, _account(desk), month(desk), reads)


def spent(desk: Desk) -> int:
    """The number of reads this month, those that this process has not saved yet included."""
    with desk.store.reading() as session:
        return monthly_read_counts.counted(session, _account(desk), month(desk)) + (
            desk.gateway.reads.unsaved
        )


class ReadBudget:
    """The month's allowance for one import or reconciliation, whose threads share it.

    `reserved` is the share (0 to 1) that is left to others. The database is looked into only now
    and then, so other processes' reads may carry the sum a little beyond the budget.
    """

    def __init__(self, desk: Desk, reserved: float = 0.0) -> None:
        self._desk = desk
        self._reserved = int(desk.read_budget * reserved)
        self._looks_at = 0  # the count of this process's reads at which to look again
        self._lock = threading.Lock()

    def require(self) -> None:
        """Call it before each read. Raises ReadBudgetSpent when none is left.

        All threads wait while one of them saves the counts here; work that commits often saves
        them along with its own rows instead (`transaction`).
        """
        reads = self._desk.gateway.reads
        with self._lock:
            if reads.unsaved >= _SAVE_AT:
                save_counts(self._desk)
            elif reads.total < self._looks_at:
                return
            total, budget = reads.total, self._desk.read_budget
            left = budget - self._reserved - spent(self._desk) if budget else _SAVE_AT
            if left <= 0:
                raise ReadBudgetSpent(budget, self._reserved)
            self._looks_at = total + min(left, _SAVE_AT)


def _account(desk: Desk) -> tuple[str, bool]:
    return desk.account.stripe_account_id, desk.account.livemode
