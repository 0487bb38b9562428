"""Looks into the desk's database past SQLAlchemy: there are many, and the driver is cheap.

Each sees what was committed; a `?` in its query stands for a value.
"""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg


class Looks(Protocol):
    """What both kinds of database answer."""

    def rows(self, query: str, *values: Any) -> Iterable[tuple[Any, ...]]:
        """The rows of a query."""

    def changes(self) -> int | None:
        """How many rows have been changed, rolled back ones included; None if nobody counts."""

    def time(self, at: datetime) -> Any:
        """A time as it is compared with a stored one."""

    def read_time(self, stored: Any) -> datetime | None:
        """A stored time."""


class SqliteLooks:
    """By the one connection that the desk has."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, *values: Any) -> Iterable[tuple[Any, ...]]:
        """The rows of a query."""
        return self._connection.execute(query, values)

    def changes(self) -> int | None:
        """As SQLite counts them."""
        return self._connection.total_changes

    def time(self, at: datetime) -> Any:
        """The text that SQLAlchemy stores."""
        return at.replace(tzinfo=None).isoformat(" ")

    def read_time(self, stored: Any) -> datetime | None:
        """In UTC."""
        return datetime.fromisoformat(stored).replace(tzinfo=UTC) if stored else None


class PostgresqlLooks:
    """By a connection of their own."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, *values: Any) -> Iterable[tuple[Any, ...]]:
        """The rows of a query."""
        return self._connection.execute(query.replace("?", "%s").encode(), values or None)

    def changes(self) -> int | None:
        """Nobody counts."""
        return None

    def time(self, at: datetime) -> Any:
        """As it is."""
        return at

    def read_time(self, stored: Any) -> datetime | None:
        """As it is."""
        found: datetime | None = stored
        return found
