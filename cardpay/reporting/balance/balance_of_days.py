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

    `opening` is the net of every transaction before, and `closing` that and the net of those of
    these days: it adds up if the net of each is its gross less its fee.
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
    begins_at, _ = days.bounds(zone)
    parts = [_sums(_MOVED, CATEGORY, conditions(LedgerFilter(days=days), zone))]
    if begins_at is not None:
        before = col(BalanceTransaction.created_at) < begins_at
        parts.append(_sums(_OPENING, literal(""), [before]))
    found: dict[str, dict[str, list[CategorySum]]] = {}
    with store.reporting(actor.actor_id) as session:
        for part, currency, category, transactions, *sums in session.execute(union_all(*parts)):
            gross, fee, net = (Money(int(amount), currency) for amount in sums)
            one = CategorySum(category, transactions, gross, fee, net)
            found.setdefault(currency, {}).setdefault(part, []).append(one)
    often = {
        currency: -sum(one.transactions for ones in sums.values() for one in ones)
        for currency, sums in found.items()
    }
    return tuple(
        _balance(currency, sums.get(_OPENING, []), sums.get(_MOVED, []))
        for currency, sums in sorted(found.items(), key=lambda one: (often[one[0]], one[0]))
    )


def _balance(currency: str, before: list[CategorySum], moved: list[CategorySum]) -> Balance:
    opening, net = (sum(one.net.amount_minor for one in ones) for ones in (before, moved))
    return Balance(
        currency=currency,
        opening=Money(opening, currency),
        categories=tuple(sorted(moved, key=lambda one: one.category)),
        closing=Money(opening + net, currency),
    )


def _sums(
    part: str, category: ColumnElement[Any], holds: list[ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    """Sums by currency and category; what opens needs the net alone, which an index has."""
    transaction = BalanceTransaction
    opens = part == _OPENING
    gross, fee = (
        literal(0) if opens else func.sum(col(column))
        for column in (transaction.gross_minor, transaction.fee_minor)
    )
    return (
        select(
            literal(part).label("part"),
            col(transaction.currency),
            category.label("category"),
            func.count().label("transactions"),
            gross.label("gross"),
            fee.label("fee"),
            func.sum(col(transaction.net_minor)).label("net"),
        )
        .where(*holds)
        .group_by(col(transaction.currency), *([] if opens else [category]))
    )


def days_of_ledger(store: Store, actor: Actor, zone: tzinfo, now: datetime) -> Days:
    """From the day of the first transaction until today. Raises NotAllowed."""
    actor.require(Permission.SEE_BOOKS)
    with store.reporting(actor.actor_id) as session:
        first = session.execute(select(func.min(col(BalanceTransaction.created_at)))).scalar_one()
    today = business_day(now, zone)
    return Days(min(business_day(first, zone), today) if first else today, today)
