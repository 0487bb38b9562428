"""What the columns of a file are, and how a list's rows come in stretches of columns.

A stretch is read and handed on as columns, not rows: what is the same for all of a column is then
done once for a stretch, and a million rows take seconds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Row, Select, SQLColumnExpression
from sqlmodel import Session

from cardpay.domain.access.actor import Actor
from cardpay.reporting.paging import Cursor, beyond, ordered

# So many rows are in memory at a time. Twice as many are read no faster, and people who wait for a
# page meanwhile wait for longer.
STRETCH: Final = 4_000

_Filter = TypeVar("_Filter")


class ColumnType(StrEnum):
    """What a column holds; the value stands in docs/exports.md."""

    TEXT = "text"
    AMOUNT = "amount"
    NUMBER = "number"
    RATE = "rate"
    TIME = "time"
    UTC_TIME = "time in UTC"
    DAY = "day"


@dataclass(frozen=True)
class Column:
    """One column of a file. `currency` names the column with the currency of an amount."""

    name: str
    type: ColumnType
    meaning: str
    currency: str = ""


@dataclass(frozen=True)
class Stretch:
    """Some rows, as one sequence of values a column.

    Amounts are in the minor unit of their currency, rates exact texts, times aware. `counted` is
    how many of the list's objects they are, where one takes several rows. `last` is where the next
    stretch begins; None at the end.
    """

    columns: tuple[Sequence[Any], ...]
    counted: int
    last: Cursor | None

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.columns[0])


@dataclass(frozen=True)
class Asked(Generic[_Filter]):
    """Which rows are asked for: by whom, through which filter, after which row, how many.

    `zone` is that of business days.
    """

    actor: Actor
    chosen: _Filter
    zone: tzinfo
    now: datetime
    cursor: Cursor | None = None
    limit: int = STRETCH


def text(name: str, meaning: str) -> Column:
    """A column of texts; one that is not known is empty."""
    return Column(name, ColumnType.TEXT, meaning)


def amount(name: str, meaning: str, currency: str = "Currency") -> Column:
    """A column of amounts in the currency that another column names."""
    return Column(name, ColumnType.AMOUNT, meaning, currency)


def number(name: str, meaning: str) -> Column:
    """A column of whole numbers."""
    return Column(name, ColumnType.NUMBER, meaning)


def rate(name: str, meaning: str) -> Column:
    """A column of exact fractions."""
    return Column(name, ColumnType.RATE, meaning)


def time(name: str, meaning: str) -> Column:
    """A column of times, shown in the business time zone."""
    return Column(name, ColumnType.TIME, meaning)


def utc_time(name: str, meaning: str) -> Column:
    """A column of times, shown in UTC."""
    return Column(name, ColumnType.UTC_TIME, meaning)


def day(name: str, meaning: str) -> Column:
    """A column of days."""
    return Column(name, ColumnType.DAY, meaning)


def rows_after(
    session: Session,
    query: Select[*tuple[Any, ...]],
    at: SQLColumnExpression[Any],
    row_id: SQLColumnExpression[Any],
    asked: Asked[Any],
) -> list[Row[Any]]:
    """The next rows of a list, newest first; `at` and `row_id` are what it is sorted by."""
    if asked.cursor is not None:
        query = query.where(beyond(asked.cursor, at, row_id))
    query = ordered(query, asked.cursor, at, row_id).limit(asked.limit)
    # Not by the session, which looks at each row for objects to keep.
    return [*session.connection().execute(query).all()]


def by_key(query: Select[*tuple[Any, ...]], rows: Sequence[Row[Any]]) -> dict[str, Sequence[Any]]:
    """Rows of a query as columns, by the names that it gives them."""
    names = [str(column.key) for column in query.selected_columns]
    if not rows:
        return dict.fromkeys(names, ())
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def worded(values: Iterable[Any], words: Callable[[Any], str]) -> list[str]:
    """Each value in words; the same value is put into words once."""
    given = [*values]
    known = {value: words(value) for value in set(given)}
    return [known[value] for value in given]


def stretch_of(
    columns: Sequence[Column],
    values: Mapping[str, Sequence[Any]],
    last: Cursor | None,
    counted: int | None = None,
) -> Stretch:
    """A stretch with these values by the columns' names, of which none may be missing or more."""
    if values.keys() != {column.name for column in columns}:
        raise ValueError(f"other columns than declared: {sorted(values)}")
    ready = tuple(values[column.name] for column in columns)
    return Stretch(ready, len(ready[0]) if counted is None else counted, last)


def end_of(
    rows: Sequence[Row[Any]], place: Callable[[Row[Any]], tuple[datetime, str]], limit: int
) -> Cursor | None:
    """Where the next stretch begins; None if this one was the last."""
    return Cursor(*place(rows[-1])) if len(rows) == limit else None
