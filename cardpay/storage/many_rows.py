"""Many rows to one statement.

PostgreSQL is given them as one JSON parameter, which it reads by the table's own types: a
statement for each row costs both sides about twice as much. SQLite is in the same process, and
the statement for each row is its quickest way.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, Text, bindparam, cast, column, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlmodel import Session, SQLModel

from cardpay.storage.insertion import insert, is_postgresql

Rows = Sequence[Mapping[str, Any]]


def insert_many(
    session: Session,
    model: type[SQLModel],
    rows: Rows,
    on_conflict: Callable[[sqlite.Insert], sqlite.Insert],
) -> None:
    """Insert rows, all of the same columns; `on_conflict` says what to do with those there."""
    adding = insert(session, model)
    values: Any = list(rows)
    if is_postgresql(session):
        given = _given(_table(model), rows)
        adding = adding.from_select([*rows[0]], select(*given.c))
        values = _as_json(rows)
    session.connection().execute(on_conflict(adding), values)


def update_many(session: Session, model: type[SQLModel], rows: Rows) -> None:
    """Set in the row of each `id` the other columns, which are the same for all."""
    table = _table(model)
    names = [name for name in rows[0] if name != "id"]
    changing = update(table)
    values: Any
    if is_postgresql(session):
        given = _given(table, rows)
        changing = changing.where(table.c.id == given.c.id)
        changing = changing.values({name: given.c[name] for name in names})
        values = _as_json(rows)
    else:
        changing = changing.where(table.c.id == bindparam("row_id"))
        changing = changing.values({name: bindparam(f"new_{name}") for name in names})
        values = [
            {"row_id": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows
        ]
    session.connection().execute(changing, values)


def _given(table: Table, rows: Rows) -> TableValuedAlias:
    """The JSON parameter as a table."""
    read = func.json_populate_recordset(
        literal_column(f"NULL::{table.name}"),
        cast(bindparam("rows", type_=Text), postgresql.JSON),
    )
    return read.table_valued(*(column(name, table.c[name].type) for name in rows[0]), name="given")


def _as_json(rows: Rows) -> dict[str, str]:
    return {"rows": json.dumps(rows, default=datetime.isoformat)}


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel hides it
    return table
