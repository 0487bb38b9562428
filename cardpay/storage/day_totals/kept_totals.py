"""The kept totals: which days of them count, reading them with the rest, and keeping a day's."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Insert, delete, func, insert, null, select
from sqlmodel import Session, col

from cardpay.domain.business_days import QUARTER, Days, business_day
from cardpay.domain.payment.totals import MEASURES, Split, Totals
from cardpay.storage.day_totals.totals_of_a_day import COLUMNS, parameters_of, totals_of_a_day
from cardpay.storage.schema.tables import (
    ChangedQuarter,
    DayTotal,
    Payment,
    PaymentAttempt,
    TotalledDay,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[date | None, str, str]
"""The day (None: all of them together), the currency and the value of a split."""


class ReadTotals:
    """The totals of a range of days, read with one session.

    Of the days that are kept and have not changed since, the kept ones; the others' are computed
    from the books as they are now.
    """

    def __init__(self, session: Session, days: Days, zone: ZoneInfo) -> None:
        self._session = session
        self._zone = zone
        self._others = days_to_keep(session, days, zone)
        self._computed = _computed(session, self._others, zone)

    def sums(
        self, days: Days, split: Split = Split.NOTHING, *, by_day: bool = False, currency: str = ""
    ) -> dict[Key, Totals]:
        """The totals of days of the range, for each value of a split; of all currencies, or one.

        Never added across currencies.
        """
        grouped: list[Any] = [DayTotal.day, DayTotal.currency, DayTotal.value]
        key = grouped if by_day else [null(), *grouped[1:]]
        measures = (getattr(DayTotal, name) for name in MEASURES)
        kept = select(*key, *(func.sum(one) for one in measures)).where(
            col(DayTotal.split) == split,
            col(DayTotal.day).between(days.first, days.last),
            col(DayTotal.day).in_(
                select(col(TotalledDay.day)).where(col(TotalledDay.zone) == self._zone.key)
            ),
            col(DayTotal.day).not_in(self._others),
            *([col(DayTotal.currency) == currency] if currency else []),
        )
        kept = kept.group_by(*(grouped if by_day else grouped[1:]))
        first, last = days.closed()
        found: dict[Key, Totals] = {}
        for day, its_currency, value, *sums in self._session.execute(kept):
            found[day, its_currency, value] = Totals(*map(int, sums))
        for day, its_currency, value, totals in self._computed.get(split, ()):
            if first <= day <= last and currency in {"", its_currency}:
                place = (day if by_day else None, its_currency, value)
                found[place] = found.get(place, Totals()) + totals
        return found


def days_of_books(session: Session, zone: ZoneInfo, now: datetime) -> Days:
    """The first day of which the books know something, until today."""
    today = business_day(now, zone)
    times = [
        session.execute(select(func.min(created_at))).scalar_one()
        for created_at in (Payment.created_at, PaymentAttempt.created_at)
    ]
    first = min((business_day(at, zone) for at in times if at is not None), default=today)
    return Days(min(first, today), today)


def days_to_keep(session: Session, days: Days, zone: ZoneInfo) -> list[date]:
    """The days of the range whose totals are not kept, or have changed since; newest first."""
    kept = set(
        session.execute(
            select(col(TotalledDay.day)).where(
                col(TotalledDay.day).between(days.first, days.last),
                col(TotalledDay.zone) == zone.key,
            )
        ).scalars()
    )
    changed = session.execute(
        select(col(ChangedQuarter.quarter)).distinct().where(_quarters(days, zone))
    ).scalars()
    kept -= {business_day(_EPOCH + quarter * QUARTER, zone) for quarter in changed}
    return sorted(set(days.each()) - kept, reverse=True)


def keep_day(session: Session, day: date, zone: ZoneInfo) -> None:
    """Compute the totals of a day and keep them; to be called in a transaction of its own.

    What is told as changed is forgotten first: whoever tells afterwards changed it afterwards.
    """
    session.execute(delete(ChangedQuarter).where(_quarters(Days(day, day), zone)))
    session.execute(delete(DayTotal).where(col(DayTotal.day) == day))
    session.execute(delete(TotalledDay).where(col(TotalledDay.day) == day))
    session.connection().execute(_keeping(), parameters_of(day, zone))
    session.execute(insert(TotalledDay).values(day=day, zone=zone.key))


def _quarters(days: Days, zone: ZoneInfo) -> ColumnElement[bool]:
    first, end = ((at - _EPOCH) // QUARTER for at in days.bounds(zone) if at)
    return (col(ChangedQuarter.quarter) >= first) & (col(ChangedQuarter.quarter) < end)


@cache
def _keeping() -> Insert:
    return insert(DayTotal).from_select(COLUMNS, totals_of_a_day())


def _computed(
    session: Session, days: Sequence[date], zone: ZoneInfo
) -> dict[str, list[tuple[date, str, str, Totals]]]:
    """By split: the totals of these days from the books."""
    found = defaultdict(list)
    for day in days:
        rows = session.connection().execute(totals_of_a_day(), parameters_of(day, zone))
        for split, _, currency, value, *sums in rows:
            found[split].append((day, currency, value, Totals(*map(int, sums))))
    return found
