"""How columns are declared: times, amounts, enumerations, JSON, growing keys, searched texts."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, text
from sqlmodel import Field, SQLModel

from cardpay.storage.schema.types import EnumText, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


def time(*, nullable: bool = False) -> Any:
    """An aware UTC time."""
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable)


def money(default: int | None = 0, *, nullable: bool = False) -> Any:
    """An amount in the minor unit, 64 bits wide."""
    return Field(default=default, sa_type=BigInteger, nullable=nullable)


def enum(kind: type[StrEnum], *, default: StrEnum | None = None, nullable: bool = False) -> Any:
    """A member of an enumeration, stored as its value."""
    return Field(default=default, sa_type=EnumText(kind), nullable=nullable)


def json() -> Any:
    """A small document, empty at first."""
    return Field(default_factory=dict, sa_type=JSON, nullable=False)


def json_list() -> Any:
    """A short list, empty at first."""
    return Field(default_factory=list, sa_type=JSON, nullable=False)


def key() -> Any:
    """A growing 64-bit key. SQLite counts only what is declared INTEGER."""
    kind = BigInteger().with_variant(Integer(), "sqlite")
    return Field(default=None, sa_column=Column(kind, primary_key=True, autoincrement=True))


def beginnings(name: str, column: str) -> Index:
    """An index that finds what begins with a text.

    PostgreSQL sorts by language, and only an index that sorts by character serves LIKE there
    (PostgreSQL docs: "Operator Classes and Operator Families").
    """
    return Index(name, column, postgresql_ops={column: "text_pattern_ops"})


def where(
    name: str, indexed: Sequence[str], condition: str, *, on_sqlite: str | None = None
) -> Index:
    """An index of those rows alone for which a condition holds, written as queries write it."""
    return Index(
        name, *indexed, postgresql_where=text(condition), sqlite_where=text(on_sqlite or condition)
    )
