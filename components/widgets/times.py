"""Times and durations as people read them. Stored times are UTC; zones are for display."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

# The least number of seconds for a unit, its name, and its length in seconds.
_UNITS: Final = (
    (2 * 86_400, "day", 86_400),
    (2 * 3_600, "hour", 3_600),
    (120, "minute", 60),
)


def in_zone(at: datetime | None, zone: str) -> str:
    """The time in a zone: "29 Feb 2024, 14:05 GMT"; empty for None."""
    if at is None:
        return ""
    shown = at.astimezone(ZoneInfo(zone))
    return f"{shown.day} {shown:%b %Y, %H:%M %Z}"


def short_time(at: datetime, zone: str, now: datetime | None = None) -> str:
    """The time in a zone: "29 Feb, 14:05"; with another year than this "29 Feb 2023, 14:05"."""
    shown = at.astimezone(ZoneInfo(zone))
    this_year = (now or datetime.now(UTC)).astimezone(ZoneInfo(zone)).year
    year = "" if shown.year == this_year else f" {shown.year}"
    return f"{shown.day} {shown:%b}{year}, {shown:%H:%M}"


def day(at: datetime, zone: str, now: datetime | None = None) -> str:
    """The day in a zone: "29 Feb", and of another year "29 Feb 2023"."""
    return short_time(at, zone, now).partition(",")[0]


def plain_day(of: date) -> str:
    """A day that is one in every zone: "29 Feb 2024"."""
    return f"{of.day} {of:%b %Y}"


def long(duration: timedelta) -> str:
    """A rough duration: "0.4 seconds", "90 seconds", "5 minutes", "3 hours", "12 days"."""
    seconds = max(duration.total_seconds(), 0.0)
    for least, unit, length in _UNITS:
        if seconds >= least:
            return f"{seconds // length:.0f} {unit}s"
    if seconds >= 10:
        return f"{seconds:.0f} seconds"
    return f"{seconds:.1f} seconds"


def ago(at: datetime, now: datetime) -> str:
    """How long ago: "just now" within ten seconds, then "25 seconds ago", "5 minutes ago"."""
    passed = now - at
    return "just now" if passed < timedelta(seconds=10) else f"{long(passed)} ago"


def time_column(zone: str, *, seconds: bool = False) -> Any:
    """The column configuration for times in a table."""
    form = "D MMM YYYY, HH:mm:ss" if seconds else "D MMM YYYY, HH:mm"
    return st.column_config.DatetimeColumn(format=form, timezone=zone)
