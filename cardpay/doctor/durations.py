"""Durations in words."""

from datetime import datetime, timedelta
from typing import Final

_UNITS: Final = (
    (timedelta(days=2), "days", timedelta(days=1)),
    (timedelta(hours=2), "hours", timedelta(hours=1)),
    (timedelta(minutes=2), "minutes", timedelta(minutes=1)),
)


def about(span: timedelta) -> str:
    """Rounded down to one unit: "3 days", "5 hours", "90 seconds"."""
    for least, unit, length in _UNITS:
        if span >= least:
            return f"{span // length} {unit}"
    return f"{max(span, timedelta()).total_seconds():.0f} seconds"


def ago(at: datetime, now: datetime) -> str:
    """How long before `now` it was: "5 hours ago"."""
    return f"{about(now - at)} ago"
