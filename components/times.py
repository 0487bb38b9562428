"""Times as people read them. What is stored is UTC; a zone is only how it is shown."""

from datetime import datetime
from zoneinfo import ZoneInfo


def in_zone(at: datetime | None, zone: str) -> str:
    """ "29 Feb 2024, 14:05 GMT", or nothing for no time."""
    if at is None:
        return ""
    shown = at.astimezone(ZoneInfo(zone))
    return f"{shown.day} {shown:%b %Y, %H:%M %Z}"
