"""Times as people read them. What is stored is UTC; a zone is only how it is shown."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

# From so many seconds on, a unit is used: its name, and its length in seconds.
_UNITS: Final = (
    (2 * 86_400, "day", 86_400),
    (2 * 3_600, "hour", 3_600),
    (120, "minute", 60),
)


def in_zone(at: datetime | None, zone: str) -> str:
    """ "29 Feb 2024, 14:05 GMT", or nothing for no time."""
    if at is None:
        return ""
    shown = at.astimezone(ZoneInfo(zone))
    return f"{shown.day} {shown:%b %Y, %H:%M %Z}"


def long(duration: timedelta) -> str:
    """ "0.4 seconds", "90 seconds", "5 minutes", "3 hours", "12 days": about how long."""
    seconds = max(duration.total_seconds(), 0.0)
    for least, unit, length in _UNITS:
        if seconds >= least:
            return f"{seconds // length:.0f} {unit}s"
    if seconds >= 10:
        return f"{seconds:.0f} seconds"
    return f"{seconds:.1f} seconds"


def ago(at: datetime, now: datetime) -> str:
    """ "just now" for the last ten seconds, then "25 seconds ago", "5 minutes ago"."""
    passed = now - at
    return "just now" if passed < timedelta(seconds=10) else f"{long(passed)} ago"


def time_column(zone: str, *, seconds: bool = False) -> Any:
    """How a table shows its times."""
    form = "D MMM YYYY, HH:mm:ss" if seconds else "D MMM YYYY, HH:mm"
    return st.column_config.DatetimeColumn(format=form, timezone=zone)
