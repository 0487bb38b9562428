"""What SQLAlchemy compiles is shared by all engines of one kind.

Nearly every test has an engine of its own, and an engine compiles each statement anew: that is a
third of such a test's time. In the app there is one engine, so nothing is tested less.
"""

from typing import Any

import sqlmodel
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from cardpay.storage.database import engine

# By the name of the dialect.
_COMPILED: dict[str, Any] = {}


def share() -> None:
    """From now on, in this process."""
    for dialect in (PGDialect_psycopg, SQLiteDialect_pysqlite):
        # Compiled statements are looked up by their dialect, among other things.
        dialect.__eq__ = _is_of_the_same_kind  # type: ignore[method-assign]
        dialect.__hash__ = _hash_of_the_kind  # type: ignore[method-assign,assignment]
    engine.create_engine = _create_engine  # type: ignore[attr-defined]


def _create_engine(*arguments: Any, **options: Any) -> Engine:
    made = sqlmodel.create_engine(*arguments, **options)
    made._compiled_cache = _COMPILED.setdefault(made.dialect.name, made._compiled_cache)
    return made


def _is_of_the_same_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def _hash_of_the_kind(one: object) -> int:
    return hash(type(one))
