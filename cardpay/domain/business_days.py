"""Business days: the days of reports, limits and exports, in the business time zone.

A day lasts from midnight to midnight there, so 23 or 25 hours where the clock changes. Where a
clock change skips midnight, the day begins at the first moment that there is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from cardpay.domain.errors import InvalidInput

_DAY = timedelta(days=1)
# Nothing was ever paid beyond these, and close to the calendar's ends arithmetic overflows.
_FIRST_DAY: Final = date(1900, 1, 1)
_LAST_DAY: Final = date(2999, 12, 31)
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
QUARTER = timedelta(minutes=15)
"""Every clock in the world is whole quarters of an hour away from UTC."""


class Period(StrEnum):
    """A range of days that has a name, relative to today."""

    TODAY = "Today"
    YESTERDAY = "Yesterday"
    LAST_7_DAYS = "Last 7 days"
    LAST_WEEK = "Last week"
    LAST_30_DAYS = "Last 30 days"
    THIS_MONTH = "This month"
    LAST_MONTH = "Last month"
    THIS_YEAR = "This year"


@dataclass(frozen=True)
class Days:
    """A range of business days, both included; an open end is None."""

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise InvalidInput("To", "To must be the same day as From, or later")

    def bounds(self, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
        """The moment at which the range begins and the one at which it has ended, in UTC."""
        return (
            day_begins(_in_reach(self.first), zone) if self.first else None,
            day_begins(_in_reach(self.last) + _DAY, zone) if self.last else None,
        )

    def count(self) -> int:
        """How many days it has. Raises ValueError for an open range."""
        first, last = self.closed()
        return (last - first).days + 1

    def each(self) -> Iterator[date]:
        """Its days, in order. Raises ValueError for an open range."""
        first, _ = self.closed()
        return (first + n * _DAY for n in range(self.count()))

    def before(self) -> "Days":
        """What it is compared with: the month before a whole month, else as many days before.

        Raises ValueError for an open range.
        """
        first, _ = self.closed()
        end = first - _DAY
        if self.month_is_whole:
            return Days(end.replace(day=1), end)
        return Days(first - self.count() * _DAY, end)

    @property
    def month_is_whole(self) -> bool:
        """Whether they are a calendar month, from its first day to its last."""
        return (
            self.first is not None and self.first.day == 1 and self.last == _month_end(self.first)
        )

    def closed(self) -> tuple[date, date]:
        """Its first and its last day. Raises ValueError for an open range."""
        if self.first is None or self.last is None:
            raise ValueError("the range of days has an open end")
        return self.first, self.last


ALL_DAYS: Final = Days()


def _in_reach(day: date) -> date:
    return min(max(day, _FIRST_DAY), _LAST_DAY)


def day_begins(day: date, zone: tzinfo) -> datetime:
    """The moment at which a business day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def business_day(at: datetime, zone: tzinfo) -> date:
    """The business day on which a moment falls."""
    return at.astimezone(zone).date()


def hours_of(day: date, zone: tzinfo) -> Iterator[tuple[int, datetime, datetime]]:
    """The hours that the clock shows on a business day: each with its bounds in UTC.

    Where the clock is put back, one is longer or comes twice; one that it skips is missing.
    """
    at, ended_at = day_begins(day, zone), day_begins(day + _DAY, zone)
    began_at, hour = at, at.astimezone(zone).hour
    while (at := at + QUARTER) < ended_at:
        if at.astimezone(zone).hour != hour:
            yield hour, began_at, at
            began_at, hour = at, at.astimezone(zone).hour
    yield hour, began_at, ended_at


def days_of(period: Period, today: date) -> Days:
    """The days that a period means today. What has begun ends today."""
    month = today.replace(day=1)
    match period:
        case Period.TODAY:
            return Days(today, today)
        case Period.YESTERDAY:
            return Days(today - _DAY, today - _DAY)
        case Period.LAST_7_DAYS:
            return Days(today - 6 * _DAY, today)
        case Period.LAST_WEEK:  # from Monday to Sunday (ISO 8601)
            end = today - today.isoweekday() * _DAY
            return Days(end - 6 * _DAY, end)
        case Period.LAST_30_DAYS:
            return Days(today - 29 * _DAY, today)
        case Period.THIS_MONTH:
            return Days(month, today)
        case Period.LAST_MONTH:
            end = month - _DAY
            return Days(end.replace(day=1), end)
        case Period.THIS_YEAR:
            return Days(today.replace(month=1, day=1), today)


def period_of(days: Days, today: date) -> Period | None:
    """The first period that means just these days today; None if none does."""
    return next((period for period in Period if days_of(period, today) == days), None)


def _month_end(day: date) -> date:
    return (day.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY
