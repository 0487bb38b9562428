"""Filling empty tables with millions of rows, as fast as the database takes them.

All is one transaction: a load that is stopped leaves nothing behind. Indexes and foreign keys are
taken away first and made again at the end, which sorts once where inserting would search each
time. PostgreSQL gets the rows by COPY, SQLite through its driver.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

import orjson
from sqlalchemy import JSON, Engine, ForeignKeyConstraint, Table, bindparam, delete, text
from sqlalchemy.engine import Connection
from sqlalchemy.schema import AddConstraint, DropConstraint
from sqlmodel import SQLModel

from cardpay.storage.database.bulk_rows import as_sqlalchemy_writes, with_zone
from cardpay.storage.database.inserts import table_of
from cardpay.storage.schema.tables import TotalledDay
from cardpay.storage.schema.types import UtcDateTime

Row = Mapping[str, Any]

_BATCH: Final = 5_000
_SPECIAL: Final = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}  # PostgreSQL docs: "COPY", Text Format
)
# Of the load's connection alone, which is thrown away afterwards. An empty table's rollback
# journal stays empty, where the write-ahead log would hold every page a second time.
_FAST_SQLITE: Final = (
    "journal_mode = DELETE",
    "synchronous = OFF",
    "foreign_keys = OFF",
    "secure_delete = OFF",
    "cache_size = -262144",
)
_FAST_POSTGRESQL: Final = ("maintenance_work_mem = '256MB'", "synchronous_commit = off")


class Loading:
    """The rows that are being loaded, of tables that were named at the beginning."""

    def __init__(self, connection: Connection, models: Iterable[type[SQLModel]]) -> None:
        writer = _Copied if connection.dialect.name == "postgresql" else _Inserted
        self._writers = {model: writer(connection, table_of(model)) for model in models}
        self.counts = dict.fromkeys(self._writers, 0)

    def add(self, model: type[SQLModel], row: Row) -> None:
        """Take a row, which has every column."""
        self._writers[model].add(row)
        self.counts[model] += 1

    def flush(self) -> None:
        """Write what was taken and is not written yet."""
        for writer in self._writers.values():
            writer.flush()


@contextmanager
def loading(engine: Engine, models: tuple[type[SQLModel], ...]) -> Iterator[Loading]:
    """A load into these tables, committed at its end; nothing is left of one that fails.

    Foreign keys are not checked on SQLite, where that takes as long as the load: the rows have to
    fit. The engine must have no other connection open.
    """
    tables = [table_of(model) for model in models]
    engine.dispose()
    with engine.connect() as connection:
        _prepare(connection)
        with connection.begin():
            for setting in _FAST_POSTGRESQL if _is_postgresql(connection) else ():
                connection.execute(text(f"SET LOCAL {setting}"))
            restore = _bare(connection, tables)
            load = Loading(connection, models)
            yield load
            load.flush()
            restore()
        connection.invalidate()  # with its settings
    engine.dispose()
    if engine.dialect.name == "postgresql":
        _analyse(engine, tables)


def _prepare(connection: Connection) -> None:
    if not _is_postgresql(connection):
        driver: Any = connection.connection.dbapi_connection
        for pragma in _FAST_SQLITE:
            driver.execute(f"PRAGMA {pragma}")


def _bare(connection: Connection, tables: list[Table]) -> Callable[[], None]:
    """Take away indexes, foreign keys and triggers; what is returned makes them again.

    The triggers would tell each row that the kept totals of its day have changed. Instead no day
    counts as kept.
    """
    connection.execute(delete(TotalledDay))
    make_triggers = _without_triggers(connection, tables)
    indexes = [index for table in tables for index in sorted(table.indexes, key=_name)]
    keys: list[ForeignKeyConstraint] = []
    if _is_postgresql(connection):  # SQLite has them in the table, where they do not slow
        keys = [key for table in tables for key in table.foreign_key_constraints]
    for key in keys:
        connection.execute(DropConstraint(key))
    for index in indexes:
        index.drop(connection)

    def restore() -> None:
        for index in indexes:
            index.create(connection)
        for key in keys:
            connection.execute(AddConstraint(key))
        for statement in make_triggers:
            connection.exec_driver_sql(statement)

    return restore


def _without_triggers(connection: Connection, tables: list[Table]) -> list[str]:
    """The statements that make the triggers again which this takes away."""
    names = [table.name for table in tables]
    if _is_postgresql(connection):
        for name in names:
            connection.execute(text(f'ALTER TABLE "{name}" DISABLE TRIGGER USER'))
        return [f'ALTER TABLE "{name}" ENABLE TRIGGER USER' for name in names]
    found = connection.execute(
        text(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN :names"
        ).bindparams(bindparam("names", names, expanding=True))
    ).all()
    for name, _ in found:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    return [statement for _, statement in found]


def _analyse(engine: Engine, tables: list[Table]) -> None:
    """At once what the server would do by itself soon, so that the first reads are fast."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        names = ", ".join(f'"{table.name}"' for table in tables)
        connection.execute(text(f"VACUUM (ANALYZE) {names}"))


class _Written(ABC):
    """What both have in common: rows in batches, with values as each database reads them."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection = connection
        self._table = table
        self._names = [column.name for column in table.columns]
        self._values = itemgetter(*self._names)
        self._rows: list[Any] = []
        kinds = [column.type for column in table.columns]
        self._times = [place for place, kind in enumerate(kinds) if isinstance(kind, UtcDateTime)]
        self._documents = [place for place, kind in enumerate(kinds) if isinstance(kind, JSON)]

    def add(self, row: Row) -> None:
        # At once: neighbours among all tables' rows share their times, those of a table do not.
        self._rows.append(self._form(row))
        if len(self._rows) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            self._write(self._rows)
            self._rows = []

    @abstractmethod
    def _form(self, row: Row) -> Any: ...

    @abstractmethod
    def _write(self, rows: list[Any]) -> None: ...

    def _given(self, row: Row, as_time: Callable[[datetime], str]) -> list[Any]:
        values = list(self._values(row))
        for place in self._times:
            if values[place] is not None:
                values[place] = as_time(values[place])
        for place in self._documents:
            values[place] = orjson.dumps(values[place]).decode()
        return values


class _Inserted(_Written):
    def _form(self, row: Row) -> tuple[Any, ...]:
        return tuple(self._given(row, as_sqlalchemy_writes))

    def _write(self, rows: list[Any]) -> None:
        columns = ", ".join(f'"{name}"' for name in self._names)
        places = ", ".join("?" * len(self._names))
        self._connection.exec_driver_sql(
            f'INSERT INTO "{self._table.name}" ({columns}) VALUES ({places})',  # noqa: S608 - names of ours
            rows,
        )


class _Copied(_Written):
    def _form(self, row: Row) -> str:
        cells = [
            "\\N" if value is None else value if _is_plain(value) else _copied(value)
            for value in self._given(row, with_zone)
        ]
        return "\t".join(cells) + "\n"

    def _write(self, rows: list[Any]) -> None:
        columns = ", ".join(f'"{name}"' for name in self._names)
        driver: Any = self._connection.connection.dbapi_connection
        with (
            driver.cursor() as cursor,
            cursor.copy(f'COPY "{self._table.name}" ({columns}) FROM STDIN') as copy,
        ):
            copy.write("".join(rows))


def _is_plain(value: Any) -> bool:
    """Whether it is a text that means itself; most are."""
    return value.__class__ is str and value.isprintable() and "\\" not in value


def _copied(value: Any) -> str:
    if isinstance(value, str):
        return value.translate(_SPECIAL)
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _name(index: Any) -> str:
    return str(index.name)
