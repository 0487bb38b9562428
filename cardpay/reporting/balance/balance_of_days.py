"""The balance over a range of days: opening + what moved = closing, by currency and category.

Each transaction counts on its own day, the day it was posted: a day that is over stays as it is,
unless Stripe's lists bring what was missing.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days, business_day
from cardpay.domain.money import Money
from cardpay.reporting.balance.categories import Part, part_of
from cardpay.reporting.balance.ledger_filter import CATEGORY, LedgerFilter, conditions
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import BalanceTransaction

_OPENING = "opening"
_CLOSING = "closing"
_MOVED = "moved"


@dataclass(frozen=True)
class CategorySum:
    """All transactions of one of Stripe's reporting categories: `net` is `gross` less `fee`."""

    category: str
    transactions: int
    gross: Money
    fee: Money
    net: Money


@dataclass(frozen=True)
class Balance:
    """The balance in one currency, over a range of days.

    `closing` is not computed from the rest, but the sum of every transaction up to the last day.
    """

    currency: str
    opening: Money
    categories: tuple[CategorySum, ...]
    closing: Money

    @property
    def parts(self) -> dict[Part, Money]:
        """What moved, signed: what was added is positive, fees and payouts are negative."""
        found = dict.fromkeys(Part, 0)
        for one in self.categories:
            found[part_of(one.category)] += one.gross.amount_minor
            found[Part.FEES] -= one.fee.amount_minor
        return {part: Money(amount, self.currency) for part, amount in found.items()}

    @property
    def transactions(self) -> int:
        """How many moved it."""
        return sum(one.transactions for one in self.categories)

    @property
    def fees(self) -> tuple[tuple[str, Money], ...]:
        """What Stripe kept, by the category that it was kept of; the most first."""
        kept = {
            one.category: one.fee.amount_minor
            - (one.gross.amount_minor if part_of(one.category) is Part.FEES else 0)
            for one in self.categories
        }
        ranked = sorted(kept.items(), key=lambda item: (-abs(item[1]), item[0]))
        return tuple((name, Money(fee, self.currency)) for name, fee in ranked if fee)

    @property
    def difference(self) -> Money:
        """Closing less opening and what moved: nothing, if it adds up."""
        moved = sum(amount.amount_minor for amount in self.parts.values())
        left = self.closing.amount_minor - self.opening.amount_minor - moved
        return Money(left, self.currency)


def balance_of_days(store: Store, actor: Actor, days: Days, zone: tzinfo) -> tuple[Balance, ...]:
    """The balance in each currency that it had, the most frequent first. Raises NotAllowed.

    One statement, so that all of it is of one moment.
    """
    actor.require(Permission.SEE_BOOKS)
    begins_at, ended_at = days.bounds(zone)
    parts = [
        _sums(_MOVED, CATEGORY, conditions(LedgerFilter(days=days), zone)),
        _sums(_CLOSING, literal(""), _before(ended_at)),
    ]
    if begins_at is not None:
        parts.append(_sums(_OPENING, literal(""), _before(begins_at)))
    found: dict[str, dict[str, list[CategorySum]]] = {}
    with store.reading() as session:
        for part, currency, category, transactions, *sums in session.execute(union_all(*parts)):
            gross, fee, net = (Money(int(amount), currency) for amount in sums)
            one = CategorySum(category, transactions, gross, fee, net)
            found.setdefault(currency, {}).setdefault(part, []).append(one)
    often = {currency: -sums[_CLOSING][0].transactions for currency, sums in found.items()}
    return tuple(
        Balance(
            currency=currency,
            opening=_net(sums.get(_OPENING), currency),
            categories=tuple(sorted(sums.get(_MOVED, ()), key=lambda one: one.category)),
            closing=_net(sums.get(_CLOSING), currency),
        )
        for currency, sums in sorted(found.items(), key=lambda one: (often[one[0]], one[0]))
    )


def _sums(
    part: str, category: ColumnElement[Any], holds: list[ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    transaction = BalanceTransaction
    return (
        select(
            literal(part).label("part"),
            col(transaction.currency),
            category.label("category"),
            func.count().label("transactions"),
            func.sum(col(transaction.gross_minor)),
            func.sum(col(transaction.fee_minor)),
            func.sum(col(transaction.net_minor)),
        )
        .where(*holds)
        .group_by(col(transaction.currency), *([] if part != _MOVED else [category]))
    )


def _before(at: datetime | None) -> list[ColumnElement[bool]]:
    return [] if at is None else [col(BalanceTransaction.created_at) < at]


def _net(sums: list[CategorySum] | None, currency: str) -> Money:
    return sums[0].net if sums else Money(0, currency)


def days_of_ledger(store: Store, actor: Actor, zone: tzinfo, now: datetime) -> Days:
    """From the day of the first transaction until today. Raises NotAllowed."""
    actor.require(Permission.SEE_BOOKS)
    with store.reading() as session:
        first = session.execute(select(func.min(col(BalanceTransaction.created_at)))).scalar_one()
    today = business_day(now, zone)
    return Days(min(business_day(first, zone), today) if first else today, today)
