"""Bulk inserts and updates: many rows to one statement.

SQLAlchemy itself looks at each value of each row, which takes longer than writing them. So each
database gets rows in the form it reads fastest: PostgreSQL as one JSON parameter, cast to the
table's own types, SQLite as its driver's values.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Insert,
    Table,
    Text,
    Update,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlmodel import Session, SQLModel

from cardpay.storage.database.inserts import insert, is_postgresql, table_of
from cardpay.storage.schema.types import UtcDateTime, as_utc

Rows: TypeAlias = Sequence[Mapping[str, Any]]
Names: TypeAlias = tuple[str, ...]
OnConflict: TypeAlias = Callable[[sqlite.Insert], sqlite.Insert]

_ROW_ID = "row_id"


def insert_many(
    session: Session, model: type[SQLModel], rows: Rows, on_conflict: OnConflict
) -> None:
    """Insert rows, all with the same columns.

    `on_conflict` adds the clause for rows that exist already. It has to be a module's function:
    each one's statement is cached.
    """
    names = tuple(rows[0])
    if is_postgresql(session):
        session.connection().execute(_json_insert(model, names, on_conflict), _as_json(rows))
    else:
        _plain_insert(model, names, on_conflict).execute(session, rows)


def update_many(session: Session, model: type[SQLModel], rows: Rows) -> None:
    """Set the given columns in the row of each `id`. All rows have the same columns."""
    names = tuple(rows[0])
    if is_postgresql(session):
        session.connection().execute(_json_update(model, names), _as_json(rows))
    else:
        _plain_update(model, names).execute(session, rows)


class _Plain:
    """A statement of SQLite's driver, and how a row's values are given to it."""

    def __init__(self, statement: Insert | Update, table: Table, names: Names) -> None:
        compiled = statement.compile(dialect=sqlite.dialect(), column_keys=names)
        assert compiled.positiontup is not None
        order = ["id" if name == _ROW_ID else name for name in compiled.positiontup]
        self._text = str(compiled)
        self._values = itemgetter(*order)
        is_time = [isinstance(table.c[name].type, UtcDateTime) for name in order]
        self._times = [place for place, time in enumerate(is_time) if time]

    def execute(self, session: Session, rows: Rows) -> None:
        session.connection().exec_driver_sql(self._text, [self._given(row) for row in rows])

    def _given(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        values = [*self._values(row)]
        for place in self._times:
            if values[place] is not None:
                values[place] = as_sqlalchemy_writes(values[place])
        return tuple(values)


@lru_cache(1_000)  # rows of a page share most of their times
def as_sqlalchemy_writes(at: datetime) -> str:
    """A time for SQLite, without a zone.

    SQLite compares times as texts, so all have to be of one form.
    """
    return as_utc(at).isoformat(" ", "microseconds").removesuffix("+00:00")


def among_ids(column: ColumnElement[str], *, on_postgresql: bool) -> ColumnElement[bool]:
    """The condition that a column is one of the parameter `ids`, a list.

    On PostgreSQL the list is one parameter: with one for each id, each number of ids would be a
    new statement that has to be planned.
    """
    if on_postgresql:
        return column == any_(bindparam("ids", type_=ARRAY(Text)))
    return column.in_(bindparam("ids", expanding=True))


# Cached: building a statement takes longer than executing it.


@cache
def _json_insert(model: type[SQLModel], names: Names, on_conflict: OnConflict) -> Insert:
    given = _given(table_of(model), names)
    adding = insert(model, on_postgresql=True).from_select(names, select(*given.c))
    return on_conflict(adding)


@cache
def _plain_insert(model: type[SQLModel], names: Names, on_conflict: OnConflict) -> _Plain:
    return _Plain(on_conflict(insert(model, on_postgresql=False)), table_of(model), names)


@cache
def _json_update(model: type[SQLModel], names: Names) -> Update:
    table = table_of(model)
    given = _given(table, names)
    changing = update(table).where(table.c.id == given.c.id)
    return changing.values({name: given.c[name] for name in names if name != "id"})


@cache
def _plain_update(model: type[SQLModel], names: Names) -> _Plain:
    table = table_of(model)
    changing = update(table).where(table.c.id == bindparam(_ROW_ID))
    return _Plain(changing, table, tuple(name for name in names if name != "id"))


def _given(table: Table, names: Names) -> TableValuedAlias:
    """The JSON parameter as a table."""
    read = func.json_populate_recordset(
        literal_column(f"NULL::{table.name}"),
        cast(bindparam("rows", type_=Text), postgresql.JSON),
    )
    return read.table_valued(*(column(name, table.c[name].type) for name in names), name="given")


def _as_json(rows: Rows) -> dict[str, str]:
    return {"rows": orjson.dumps(rows, with_zone, orjson.OPT_PASSTHROUGH_DATETIME).decode()}


@lru_cache(1_000)
def with_zone(at: datetime) -> str:
    """A time for PostgreSQL. orjson's own way takes a naive time, too."""
    return as_utc(at).isoformat()
