"""Days, weeks and months as the steps of a range, and what a range is compared with."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from cardpay.domain.business_days import Days

_DAY = timedelta(days=1)


class Step(StrEnum):
    """How long a step is. A week begins on Monday."""

    DAY = "Day"
    WEEK = "Week"
    MONTH = "Month"


class Comparison(StrEnum):
    """What a range is compared with."""

    BEFORE = "Period before"
    YEAR_BEFORE = "Year before"
    NOTHING = "Nothing"


def first_of_step(day: date, step: Step) -> date:
    """The day on which the step begins that a day belongs to."""
    match step:
        case Step.DAY:
            return day
        case Step.WEEK:
            return day - day.weekday() * _DAY
        case Step.MONTH:
            return day.replace(day=1)


def steps_of(days: Days, step: Step) -> Iterator[Days]:
    """The steps of a range that has no open end; its own ends cut the first and the last."""
    first: date | None = None
    last: date | None = None
    for day in days.each():
        if first is not None and first_of_step(day, step) != first_of_step(first, step):
            yield Days(first, last)
            first = None
        first, last = first or day, day
    yield Days(first, last)


def compared_with(days: Days, comparison: Comparison) -> Days | None:
    """The days that a range without an open end is compared with."""
    match comparison:
        case Comparison.BEFORE:
            return days.before()
        case Comparison.YEAR_BEFORE:
            return Days(*map(_year_before, days.closed()))
        case Comparison.NOTHING:
            return None


def _year_before(day: date) -> date:
    """The 28th for the 29th of February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
