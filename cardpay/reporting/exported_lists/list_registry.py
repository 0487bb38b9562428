"""The lists that can be exported, and reading a stretch of one for somebody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session

from cardpay.domain.access.permissions import Permission
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.reporting.exported_lists import (
    exported_attempts,
    exported_balance,
    exported_customers,
    exported_disputes,
    exported_payments,
    exported_payouts,
    exported_refunds,
)
from cardpay.reporting.exported_lists.exported_filters import refuse_card_data
from cardpay.reporting.exported_lists.list_columns import Asked, Column, Stretch
from cardpay.storage.database.engine import Store
from cardpay.storage.database.replica import FiguresLost


@dataclass(frozen=True)
class ExportedList:
    """A list as files have it. `permission` is what its page takes.

    `title` names it, `noun` is one of its rows' objects. `sums` are the columns of amounts that
    make sense added up.
    """

    title: str
    noun: str
    permission: Permission
    columns: tuple[Column, ...]
    sums: tuple[str, ...]
    read: Callable[[Session, Asked[Any]], Stretch]

    def column(self, name: str) -> int:
        """The place of a column."""
        return [column.name for column in self.columns].index(name)


_SEEN: Final = Permission.SEE_ALL_PAYMENTS
_BOOKS: Final = Permission.SEE_BOOKS
LISTS: Final[dict[ExportKind, ExportedList]] = {
    ExportKind.PAYMENTS: ExportedList(
        "Payments",
        "payment",
        Permission.BROWSE_PAYMENTS,
        exported_payments.COLUMNS,
        ("Amount", "Received", "Refunded"),
        exported_payments.read,
    ),
    ExportKind.ATTEMPTS: ExportedList(
        "Attempts",
        "attempt",
        _SEEN,
        exported_attempts.COLUMNS,
        ("Amount",),
        exported_attempts.read,
    ),
    ExportKind.REFUNDS: ExportedList(
        "Refunds",
        "refund",
        _SEEN,
        exported_refunds.COLUMNS,
        ("Amount",),
        exported_refunds.read,
    ),
    ExportKind.DISPUTES: ExportedList(
        "Disputes",
        "dispute",
        _SEEN,
        exported_disputes.COLUMNS,
        ("Amount",),
        exported_disputes.read,
    ),
    ExportKind.CUSTOMERS: ExportedList(
        "Customers",
        "customer",
        _SEEN,
        exported_customers.COLUMNS,
        ("Received", "Refunded"),
        exported_customers.read,
    ),
    ExportKind.BALANCE: ExportedList(
        "Balance",
        "transaction",
        _BOOKS,
        exported_balance.COLUMNS,
        ("Gross", "Fee", "Net"),
        exported_balance.read,
    ),
    ExportKind.PAYOUTS: ExportedList(
        "Payouts",
        "payout",
        _BOOKS,
        exported_payouts.COLUMNS,
        ("Amount",),
        exported_payouts.read,
    ),
}


def read_stretch(store: Store, kind: ExportKind, asked: Asked[Any]) -> Stretch:
    """The next rows of a list that are asked for, newest first.

    No transaction outlives a stretch: a payment whose status changes between two of them may be
    missing from a filter by status. Raises NotAllowed, CardDataRefused; SignedOut as soon as the
    actor's session has ended.
    """
    wanted = LISTS[kind]
    asked.actor.require(Permission.EXPORT_PAYMENTS)
    asked.actor.require(wanted.permission)
    refuse_card_data(asked.chosen)
    try:
        return _read(store, wanted, asked)
    except FiguresLost:  # a file of minutes is not given up for one question
        return _read(store, wanted, asked)


def _read(store: Store, wanted: ExportedList, asked: Asked[Any]) -> Stretch:
    with store.reporting(asked.actor.actor_id) as session:
        return wanted.read(session, asked)
