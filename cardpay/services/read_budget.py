"""What reading from Stripe may cost in a month, and what it has cost.

Stripe allots reads (see DEFAULT_READ_BUDGET). Checkout's own reads are counted and never
refused; looking back stops when the month's reads are spent. Counts are written down together
with other work, or once a minute: a process that is killed forgets a minute's reads at most.
"""

import threading
from datetime import datetime

from cardpay.domain.errors import CardpayError
from cardpay.services.desk import Desk
from cardpay.storage import stripe_reads
from cardpay.storage.engine import Session

_WRITE_DOWN_AT = 50  # unsaved reads


class ReadBudgetSpent(CardpayError):
    """This month's reads are used up, so the desk no longer looks back."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        super().__init__(
            f"This month's {budget:,} reads of Stripe are used up, so this stopped.",
            "It goes on where it stopped when it is started again: next month, or with a "
            "higher CARDPAY_READ_BUDGET.",
        )


def month(desk: Desk) -> str:
    """The calendar month in UTC, as the counts are kept by."""
    return month_of(desk.now())


def month_of(at: datetime) -> str:
    """The month that a time is counted in."""
    return f"{at:%Y-%m}"


def write_down(desk: Desk) -> None:
    """Put what is counted in memory into the database, in a transaction of its own."""
    if desk.gateway.reads.unsaved == 0:
        return
    with desk.gateway.reads.handing_over() as reads, desk.store.transaction() as session:
        _add(session, desk, reads)


def spent(desk: Desk) -> int:
    """This month's reads, those that only this process knows of included."""
    with desk.store.reading() as session:
        return stripe_reads.counted(session, _account(desk), month(desk)) + (
            desk.gateway.reads.unsaved
        )


class Budget:
    """The month's allowance for one piece of work, whose threads share it.

    It looks into the database only now and then, so other processes' reads may carry it a
    little beyond.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._left = 0  # as of the last look, when nothing was unsaved
        self._lock = threading.Lock()

    def require(self) -> None:
        """ReadBudgetSpent when there is no read left. Call it before a read."""
        with self._lock:
            if self._desk.gateway.reads.unsaved < min(self._left, _WRITE_DOWN_AT):
                return
            write_down(self._desk)
            budget = self._desk.read_budget
            self._left = budget - spent(self._desk) if budget else _WRITE_DOWN_AT
            if self._left <= 0:
                raise ReadBudgetSpent(budget)


def _add(session: Session, desk: Desk, reads: int) -> None:
    stripe_reads.add(session, _account(desk), month(desk), reads)


def _account(desk: Desk) -> tuple[str, bool]:
    return desk.books.stripe_account_id, desk.books.livemode
