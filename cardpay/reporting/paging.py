"""Paging: lists, newest first or by another column, a page at a time.

Pages are cut by the last row that was seen, not counted from the top: page 10,000 costs as
much as page 1, and what arrives meanwhile neither repeats nor hides a row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Select, SQLColumnExpression, literal, tuple_

from cardpay.storage.schema.types import UtcDateTime

PAGE_ROWS: Final = 50

_Row = TypeVar("_Row")
_Query = TypeVar("_Query", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: just after a row of the list (older), or just before it (newer).

    The row is named by what the list is sorted by, its time if not said otherwise, and, as
    several may share that, its id.
    """

    at: datetime | int
    row_id: str | int
    newer: bool = False


@dataclass(frozen=True)
class Page:
    """One page. `frame` has the list's columns, times in UTC, and the rows' ids as its index."""

    frame: pd.DataFrame
    newer: Cursor | None
    older: Cursor | None


def beyond(
    cursor: Cursor,
    at: SQLColumnExpression[Any],
    row_id: SQLColumnExpression[Any],
    *,
    ascending: bool = False,
) -> ColumnElement[bool]:
    """The condition for the rows that the cursor's page may hold, by their two columns."""
    here = tuple_(at, row_id)
    kind = UtcDateTime() if isinstance(cursor.at, datetime) else BigInteger()
    there = tuple_(literal(cursor.at, kind), literal(cursor.row_id))
    return here > there if cursor.newer != ascending else here < there


def ordered(
    query: _Query,
    cursor: Cursor | None,
    at: SQLColumnExpression[Any],
    row_id: SQLColumnExpression[Any],
    *,
    ascending: bool = False,
) -> _Query:
    """The query in the order away from the cursor: newest first, unless the cursor says newer.

    With `ascending` the list's own order is the other way round.
    """
    grows = (cursor is not None and cursor.newer) != ascending
    return query.order_by(*(part.asc() if grows else part.desc() for part in (at, row_id)))


def page_of(
    read: Callable[[Cursor | None, int], list[_Row]],
    place_of: Callable[[_Row], tuple[datetime | int, str | int]],
    frame_of: Callable[[list[_Row]], pd.DataFrame],
    cursor: Cursor | None,
    rows: int,
) -> Page:
    """The page of `rows` rows that begins at `cursor`; the newest rows without one.

    `read` returns up to so many rows in the cursor's direction, `place_of` what a row is sorted by
    and its id.
    """
    found = read(cursor, rows + 1)
    more = len(found) > rows
    found = found[:rows]
    backwards = cursor is not None and cursor.newer
    if backwards:
        found.reverse()

    def edge(*, newer: bool) -> Cursor | None:
        """The cursor of the next page on that side; None if there is none."""
        if not found or (cursor is None and newer):
            return None
        further = Cursor(*place_of(found[0 if newer else -1]), newer)
        goes_on = more if newer == backwards else bool(read(further, 1))
        return further if goes_on else None

    return Page(frame_of(found), newer=edge(newer=True), older=edge(newer=False))
