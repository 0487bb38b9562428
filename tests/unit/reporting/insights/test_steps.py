"""Days, weeks and months of a range, and what it is compared with."""

from datetime import date

import pytest

from cardpay.domain.business_days import Days
from cardpay.reporting.insights.steps import Comparison, Step, compared_with, steps_of

NOVEMBER = Days(date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("step", "count", "second"),
    [
        (Step.DAY, 30, Days(date(2026, 11, 2), date(2026, 11, 2))),
        (Step.WEEK, 6, Days(date(2026, 11, 2), date(2026, 11, 8))),
    ],
)
def test_a_range_is_cut_into_steps(step: Step, count: int, second: Days) -> None:
    """Weeks begin on Monday; the first and the last may be shorter."""
    steps = list(steps_of(NOVEMBER, step))
    assert len(steps) == count
    assert steps[1] == second
    assert (steps[0].first, steps[-1].last) == (NOVEMBER.first, NOVEMBER.last)
    assert [day for one in steps for day in one.each()] == list(NOVEMBER.each())


def test_months_are_those_of_the_calendar() -> None:
    """Cut by the range's own ends."""
    days = Days(date(2026, 1, 20), date(2026, 3, 10))
    assert list(steps_of(days, Step.MONTH)) == [
        Days(date(2026, 1, 20), date(2026, 1, 31)),
        Days(date(2026, 2, 1), date(2026, 2, 28)),
        Days(date(2026, 3, 1), date(2026, 3, 10)),
    ]


def test_what_a_range_is_compared_with() -> None:
    """The month before a month, the same days of the year before, or nothing."""
    october = Days(date(2026, 10, 1), date(2026, 10, 31))
    assert compared_with(NOVEMBER, Comparison.BEFORE) == october
    leap_day = Days(date(2024, 2, 29), date(2024, 3, 1))
    before = Days(date(2023, 2, 28), date(2023, 3, 1))
    assert compared_with(leap_day, Comparison.YEAR_BEFORE) == before
    assert compared_with(NOVEMBER, Comparison.NOTHING) is None
