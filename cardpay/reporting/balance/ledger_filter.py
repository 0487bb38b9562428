"""Which balance transactions: the filter of the ledger and of its export."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from sqlalchemy import ColumnElement, func
from sqlmodel import col

from cardpay.domain.business_days import ALL_DAYS, Days
from cardpay.domain.payment.payout import PAYOUT_TRANSACTION
from cardpay.reporting.day_conditions import within
from cardpay.storage.schema.tables import BalanceTransaction


@dataclass(frozen=True)
class LedgerFilter:
    """Which balance transactions, by their own day; what is at its default lets all through.

    `categories` and `currency` are as Stripe spells them. `payout_id` is Stripe's id of a payout:
    what is in it, without the payout itself.
    """

    days: Days = ALL_DAYS
    categories: frozenset[str] = frozenset()
    currency: str | None = None
    payout_id: str | None = None


CATEGORY: Final = func.coalesce(
    col(BalanceTransaction.reporting_category), col(BalanceTransaction.type)
)
"""A transaction without a category has its type for one."""


def conditions(chosen: LedgerFilter, zone: tzinfo) -> list[ColumnElement[bool]]:
    """What must hold for a balance transaction; `zone` is that of business days."""
    transaction = BalanceTransaction
    found = within(col(transaction.created_at), chosen.days, zone)
    if chosen.categories:
        found.append(CATEGORY.in_(sorted(chosen.categories)))
    if chosen.currency is not None:
        found.append(col(transaction.currency) == chosen.currency)
    if chosen.payout_id is not None:
        found.append(col(transaction.stripe_payout_id) == chosen.payout_id)
        found.append(col(transaction.type) != PAYOUT_TRANSACTION)
    return found
