"""Payouts, newest first, a page at a time; one of them; and the one that a bank line is of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from typing import Final

import pandas as pd
from sqlalchemy import func, select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days
from cardpay.domain.money import Money
from cardpay.domain.payment.payout import PayoutStatus
from cardpay.reporting.balance.payout_filter import PayoutFilter, conditions
from cardpay.reporting.day_conditions import within
from cardpay.reporting.operations.payout_reports import PayoutReport, reports, with_sums
from cardpay.reporting.paging import Cursor, Page, beyond, ordered, page_of
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payout

PAYOUT_ROWS: Final = 25  # about a month of business days
# Banks book a payout on the day that Stripe expects, or some days later: weekends, bank holidays.
BANK_LINE_DAYS: Final = 5
_PLACE: Final = (col(Payout.created_at), col(Payout.id))


@dataclass(frozen=True)
class BankLine:
    """The payouts that a line of the bank statement may be of.

    `equal` have its amount, the nearest day first. If there is none, `nearest` is the payout of
    those days whose amount is nearest; None if no payout arrives in those days.
    """

    equal: tuple[PayoutReport, ...]
    nearest: PayoutReport | None = None


def payouts_page(
    store: Store,
    actor: Actor,
    zone: tzinfo,
    chosen: PayoutFilter,
    cursor: Cursor | None = None,
    *,
    rows: int = PAYOUT_ROWS,
) -> Page:
    """The newest payouts, or those on one side of `cursor`. Raises NotAllowed.

    The frame has one column, "Payout", of PayoutReport.
    """
    actor.require(Permission.SEE_BOOKS)
    holds = conditions(chosen, zone)

    def read(place: Cursor | None, limit: int) -> list[Payout]:
        query = select(Payout).where(*holds)
        if place is not None:
            query = query.where(beyond(place, *_PLACE))
        return list(session.execute(ordered(query, place, *_PLACE).limit(limit)).scalars())

    with store.reading() as session:
        return page_of(
            read,
            lambda row: (row.created_at, row.id),
            lambda found: _frame(session, found),
            cursor,
            rows,
        )


def all_payouts(
    store: Store, actor: Actor, zone: tzinfo, chosen: PayoutFilter
) -> Iterator[PayoutReport]:
    """All that the filter lets through, newest first. Raises NotAllowed, at the call."""
    actor.require(Permission.SEE_BOOKS)
    return _all(store, actor, zone, chosen)


def _all(store: Store, actor: Actor, zone: tzinfo, chosen: PayoutFilter) -> Iterator[PayoutReport]:
    page = payouts_page(store, actor, zone, chosen)
    yield from page.frame["Payout"]
    while page.older:
        page = payouts_page(store, actor, zone, chosen, page.older)
        yield from page.frame["Payout"]


def payout_named(store: Store, actor: Actor, payout_id: str) -> PayoutReport | None:
    """The payout with this id of Stripe's; None if there is none. Raises NotAllowed."""
    actor.require(Permission.SEE_BOOKS)
    with store.reading() as session:
        query = with_sums().where(col(Payout.stripe_payout_id) == payout_id)
        return next(reports(session, query), None)


def payouts_of_bank_line(store: Store, actor: Actor, amount: Money, day: date) -> BankLine:
    """The payouts that a bank line of this amount and day may be of. Raises NotAllowed.

    They arrive within BANK_LINE_DAYS of its day. What was cancelled never arrives.
    """
    actor.require(Permission.SEE_BOOKS)
    around = timedelta(days=BANK_LINE_DAYS)
    query = (
        select(Payout)
        .where(
            # Stripe's day of arrival is midnight in UTC.
            *within(col(Payout.arrival_at), Days(day - around, day + around), UTC),
            col(Payout.currency) == amount.currency,
            col(Payout.status) != PayoutStatus.CANCELED,
        )
        .order_by(func.abs(col(Payout.amount_minor) - amount.amount_minor), col(Payout.id))
    )
    with store.reading() as session:
        found = list(session.execute(query).scalars())
        equal = [one for one in found if one.amount_minor == amount.amount_minor]
        equal.sort(key=lambda one: (_days_off(one, day), one.id))
        if equal:
            return BankLine(_reports_of(session, equal))
        return BankLine((), next(iter(_reports_of(session, found[:1])), None))


def _days_off(payout: Payout, day: date) -> int:
    return abs((payout.arrival_at.date() - day).days) if payout.arrival_at else 0


def _frame(session: Session, found: list[Payout]) -> pd.DataFrame:
    index = pd.Index([one.id for one in found], name="payout_id", dtype="str")
    return pd.DataFrame({"Payout": _reports_of(session, found)}, index=index, dtype="object")


def _reports_of(session: Session, found: list[Payout]) -> tuple[PayoutReport, ...]:
    """What each of them has, in their order."""
    query = with_sums().where(col(Payout.id).in_([one.id for one in found]))
    by_id = {one.payout_id: one for one in reports(session, query)}
    return tuple(by_id[one.stripe_payout_id] for one in found)
