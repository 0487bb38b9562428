"""What reading from Stripe may cost in a month, and what it has cost.

Stripe allots reads (see DEFAULT_READ_BUDGET). Checkout's own reads are counted and never
refused; looking back stops when the month's reads are spent. Counts are written down together
with other work, or once a minute: a process that is killed forgets a minute's reads at most.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cardpay.domain.errors import CardpayError
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.history import stripe_reads

_WRITE_DOWN_AT = 50  # unsaved reads
# An import leaves this share of the month's reads to the comparisons, which look every hour.
KEPT_FOR_COMPARISONS = 0.2


class ReadBudgetSpent(CardpayError):
    """This month's reads are used up, so the desk no longer looks back."""

    def __init__(self, budget: int, kept: int = 0) -> None:
        self.budget = budget
        super().__init__(
            f"This month's {budget:,} Stripe API reads are used up"
            + (f", except {kept:,} kept for reconciliation" if kept else "")
            + ", so this stopped.",
            "Start it again next month, or after you raise CARDPAY_READ_BUDGET. It continues "
            "where it stopped.",
        )


def month(desk: Desk) -> str:
    """The calendar month in UTC, as the counts are kept by."""
    return month_of(desk.now())


def month_of(at: datetime) -> str:
    """The month that a time is counted in."""
    return f"{at:%Y-%m}"


def write_down(desk: Desk) -> None:
    """Put what is counted in memory into the database, in a transaction of its own."""
    if desk.gateway.reads.unsaved:
        with transaction(desk):
            pass


@contextmanager
def transaction(desk: Desk) -> Iterator[Session]:
    """A transaction for other work, in which what is counted in memory is written down at last."""
    with desk.gateway.reads.take_unsaved() as reads, desk.store.transaction() as session:
        yield session
        if reads:
            stripe_reads.add(session, _account(desk), month(desk), reads)


def spent(desk: Desk) -> int:
    """This month's reads, those that only this process knows of included."""
    with desk.store.reading() as session:
        return stripe_reads.counted(session, _account(desk), month(desk)) + (
            desk.gateway.reads.unsaved
        )


class Budget:
    """The month's allowance for one piece of work, whose threads share it.

    `kept` is the share of it that is left to others. It looks into the database only now and
    then, so other processes' reads may carry it a little beyond.
    """

    def __init__(self, desk: Desk, kept: float = 0.0) -> None:
        self._desk = desk
        self._kept = int(desk.read_budget * kept)
        self._looks_at = 0  # the count of this process's reads at which to look again
        self._lock = threading.Lock()

    def require(self) -> None:
        """ReadBudgetSpent when there is no read left. Call it before a read.

        Whoever writes much writes the counts down as well (`transaction`): all threads wait here
        while one of them does.
        """
        reads = self._desk.gateway.reads
        with self._lock:
            if reads.unsaved >= _WRITE_DOWN_AT:
                write_down(self._desk)
            elif reads.total < self._looks_at:
                return
            total, budget = reads.total, self._desk.read_budget
            left = budget - self._kept - spent(self._desk) if budget else _WRITE_DOWN_AT
            if left <= 0:
                raise ReadBudgetSpent(budget, self._kept)
            self._looks_at = total + min(left, _WRITE_DOWN_AT)


def _account(desk: Desk) -> tuple[str, bool]:
    return desk.account.stripe_account_id, desk.account.livemode
