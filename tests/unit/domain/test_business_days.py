"""Business days: bounds where clocks change, named periods, and what a range is compared with."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardpay.domain.business_days import (
    Days,
    Period,
    business_day,
    day_begins,
    days_of,
    hours_of,
    period_of,
)
from cardpay.domain.errors import InvalidInput

LONDON = ZoneInfo("Europe/London")
# Clocks change at 1:00, at 2:00, by half an hour, and at midnight.
ZONES = [
    ZoneInfo(name)
    for name in ("Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago")
]
TODAY = date(2026, 11, 30)

_days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def test_the_ends_of_the_calendar_are_days_like_others() -> None:
    """A link or a field can name them, west and east of Greenwich."""
    for zone in (*ZONES, ZoneInfo("Asia/Tokyo")):
        begins_at, ended_at = Days(date.min, date.max).bounds(zone)
        assert begins_at is not None
        assert ended_at is not None
        assert begins_at < datetime(1950, 1, 1, tzinfo=UTC)
        assert ended_at + timedelta(days=1) > datetime(2950, 1, 1, tzinfo=UTC)
        assert Days(date.max, None).bounds(zone)[0] == ended_at - timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_a_day_of_a_clock_change_is_shorter_or_longer(day: date, hours: int) -> None:
    """From midnight to midnight in London."""
    begins_at, ended_at = Days(day, day).bounds(LONDON)
    assert begins_at is not None
    assert ended_at is not None
    assert ended_at - begins_at == timedelta(hours=hours)


def test_a_day_whose_midnight_is_skipped_begins_where_the_clock_goes_on() -> None:
    """In Santiago the clock goes from 23:59 to 1:00 on 6 September 2026."""
    begins_at = day_begins(date(2026, 9, 6), ZoneInfo("America/Santiago"))
    assert begins_at == datetime(2026, 9, 6, 4, tzinfo=UTC)


@given(day=_days, zone=st.sampled_from(ZONES), second=st.integers(0, 25 * 3600))
def test_each_moment_belongs_to_the_day_whose_bounds_hold_it(
    day: date, zone: ZoneInfo, second: int
) -> None:
    """Days follow each other without a gap, and no moment has two."""
    at = day_begins(day, zone) + timedelta(seconds=second)
    its_day = business_day(at, zone)
    begins_at, ended_at = Days(its_day, its_day).bounds(zone)
    assert begins_at is not None
    assert ended_at is not None
    assert begins_at <= at < ended_at


def test_an_open_end_has_no_bound() -> None:
    """All days are those without either."""
    assert Days().bounds(LONDON) == (None, None)
    assert Days(first=TODAY).bounds(LONDON)[1] is None


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    """In a sentence for the field To."""
    with pytest.raises(InvalidInput) as refused:
        Days(TODAY, TODAY - timedelta(days=1))
    assert refused.value.field == "To"


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (Period.TODAY, date(2026, 11, 30), date(2026, 11, 30)),
        (Period.YESTERDAY, date(2026, 11, 29), date(2026, 11, 29)),
        (Period.LAST_7_DAYS, date(2026, 11, 24), date(2026, 11, 30)),
        (Period.LAST_WEEK, date(2026, 11, 23), date(2026, 11, 29)),
        (Period.LAST_30_DAYS, date(2026, 11, 1), date(2026, 11, 30)),
        (Period.THIS_MONTH, date(2026, 11, 1), date(2026, 11, 30)),
        (Period.LAST_MONTH, date(2026, 10, 1), date(2026, 10, 31)),
        (Period.THIS_YEAR, date(2026, 1, 1), date(2026, 11, 30)),
    ],
)
def test_a_period_has_its_days(period: Period, first: date, last: date) -> None:
    """As they are on 30 November 2026."""
    assert days_of(period, TODAY) == Days(first, last)


@given(today=_days, period=st.sampled_from(Period))
def test_days_are_called_by_a_period_that_means_them(today: date, period: Period) -> None:
    """Of two that mean the same days, the first."""
    named = period_of(days_of(period, today), today)
    assert named is not None
    assert days_of(named, today) == days_of(period, today)


def test_other_days_have_no_name() -> None:
    """Nor has an open range."""
    assert period_of(Days(date(2026, 11, 2), date(2026, 11, 3)), TODAY) is None
    assert period_of(Days(first=TODAY), TODAY) is None


@pytest.mark.parametrize(
    ("days", "before"),
    [
        (Days(date(2026, 3, 1), date(2026, 3, 31)), Days(date(2026, 2, 1), date(2026, 2, 28))),
        (Days(date(2026, 11, 1), date(2026, 11, 29)), Days(date(2026, 10, 3), date(2026, 10, 31))),
        (Days(TODAY, TODAY), Days(date(2026, 11, 29), date(2026, 11, 29))),
    ],
)
def test_a_range_is_compared_with_the_one_before(days: Days, before: Days) -> None:
    """A whole month with a whole month, else with as many days."""
    assert days.before() == before


def test_the_days_of_a_range_are_counted_and_listed() -> None:
    """Both ends are part of it; an open range has no number of days."""
    week = Days(date(2026, 10, 20), date(2026, 10, 26))
    assert week.count() == len(list(week.each())) == 7
    with pytest.raises(ValueError, match="open end"):
        Days(first=TODAY).count()


@pytest.mark.parametrize(
    ("zone", "day", "hours", "longest"),
    [
        ("Europe/London", date(2026, 3, 29), [0, *range(2, 24)], 1.0),
        ("Europe/London", date(2026, 10, 25), list(range(24)), 2.0),
        ("Australia/Lord_Howe", date(2026, 4, 5), list(range(24)), 1.5),
        ("America/Santiago", date(2026, 9, 6), list(range(1, 24)), 1.0),
        ("Asia/Kathmandu", date(2026, 9, 6), list(range(24)), 1.0),
    ],
)
def test_the_hours_of_a_day(zone: str, day: date, hours: list[int], longest: float) -> None:
    """All of the day and nothing else, also where the clock is set forward or back."""
    found = list(hours_of(day, ZoneInfo(zone)))
    assert [hour for hour, _, _ in found] == hours
    assert max(ended - began for _, began, ended in found) == timedelta(hours=longest)
    bounds = Days(day, day).bounds(ZoneInfo(zone))
    assert (found[0][1], found[-1][2]) == bounds
    assert all(one[2] == other[1] for one, other in pairwise(found))
