"""How busy the company is: on which day of the year and of the week, and at what time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import cos, tau
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

_ZONE: Final = ZoneInfo("Europe/London")
# Monday to Sunday. Whoever's heating failed at the weekend calls on Monday.
_WEEKDAYS: Final = (1.35, 1.1, 1.0, 0.95, 0.95, 0.35, 0.06)
# From 8 in the morning, by the hour.
_HOURS: Final = (7, 12, 14, 12, 9, 7, 9, 10, 9, 6, 3)
_FIRST_HOUR: Final = 8
_COLDEST_DAY: Final = 15  # of the year
_GROWTH_A_YEAR: Final = 0.12


def coldness(day: date) -> float:
    """From 0 in July to 1 in January."""
    return (1 + cos((day.timetuple().tm_yday - _COLDEST_DAY) / 365.25 * tau)) / 2


def orders_a_day(seed: int, days: Sequence[date], orders: int) -> list[int]:
    """How many of `orders` fall on each day; together they are exactly so many."""
    weights = [_weight(seed, days[0], day) for day in days]
    total, counts, so_far, given = sum(weights), [], 0.0, 0
    for weight in weights:
        so_far += weight
        until = round(so_far / total * orders)
        counts.append(until - given)
        given = until
    return counts


def time_of_day(chance: Random, day: date) -> datetime:
    """A time at which somebody calls."""
    (hour,) = chance.choices(range(len(_HOURS)), _HOURS)
    seconds = (_FIRST_HOUR + hour) * 3600 + chance.randint(0, 3599)
    at = datetime.combine(day, time(), _ZONE) + timedelta(seconds=seconds)
    return at.astimezone(UTC)


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _weight(seed: int, first: date, day: date) -> float:
    if (day.month, day.day) in {(12, 25), (12, 26), (1, 1)}:
        return 0.05
    chance = Random(f"{seed}/weight/{day}")  # noqa: S311 - repeatable, not secret
    growth = 1 + _GROWTH_A_YEAR * (day - first).days / 365.25
    season = 0.55 + 0.9 * coldness(day)
    return _WEEKDAYS[day.weekday()] * season * growth * chance.uniform(0.75, 1.25)
