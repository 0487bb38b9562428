"""Business days as conditions of a query."""

from datetime import tzinfo

from sqlalchemy import ColumnElement, SQLColumnExpression

from cardpay.domain.business_days import Days


def within(at: SQLColumnExpression[object], days: Days, zone: tzinfo) -> list[ColumnElement[bool]]:
    """The conditions for a column of times to fall into these days; none for open ends."""
    begins_at, ended_at = days.bounds(zone)
    found = []
    if begins_at is not None:
        found.append(at >= begins_at)
    if ended_at is not None:
        found.append(at < ended_at)
    return found
