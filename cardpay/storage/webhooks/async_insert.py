"""Inserting events from an event loop as they arrive: many rows to one statement.

On PostgreSQL the statement is its own transaction and takes one round trip, where a session takes
three and a thread. SQLite has no server to wait for, so a thread does it in a session.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

import orjson
from psycopg import AsyncConnection, OperationalError, sql

from cardpay.storage.database.engine import Store
from cardpay.storage.webhooks import event_queue

Rows: TypeAlias = Sequence[dict[str, Any]]


def inserter(store: Store) -> Callable[[Rows], Awaitable[None]]:
    """A coroutine function that inserts the rows of new events, and returns once committed."""
    if store.engine.dialect.name == "postgresql":
        return _OneStatement(store).insert

    def insert(rows: Rows) -> None:
        with store.transaction() as session:
            event_queue.insert_new(session, rows)

    return lambda rows: asyncio.to_thread(insert, rows)


class _OneStatement:
    """Inserts through one connection, kept open, in which each statement commits by itself."""

    def __init__(self, store: Store) -> None:
        self._arguments, self._options = store.engine.dialect.create_connect_args(store.engine.url)
        self._connection: AsyncConnection | None = None

    async def insert(self, rows: Rows) -> None:
        """Insert and commit. A lost connection is opened again once: inserting twice is safe."""
        values = orjson.dumps(rows).decode()
        was_open = self._connection is not None
        try:
            await self._execute(rows[0], values)
        except OperationalError:
            await self._disconnect()
            if not was_open:
                raise
            await self._execute(rows[0], values)

    async def _execute(self, shape: dict[str, Any], values: str) -> None:
        if self._connection is None:
            self._connection = await AsyncConnection.connect(
                *self._arguments, **self._options, autocommit=True
            )
        await self._connection.execute(_insert(tuple(shape)), (values,), prepare=True)

    async def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()


@cache
def _insert(names: tuple[str, ...]) -> bytes:
    """The statement. Its one parameter is the rows as JSON, cast to the table's own types."""
    statement = sql.SQL(
        "INSERT INTO stripe_event ({columns}) SELECT {columns}"
        " FROM json_populate_recordset(NULL::stripe_event, %s) ON CONFLICT DO NOTHING"
    ).format(columns=sql.SQL(", ").join(map(sql.Identifier, names)))
    return statement.as_bytes()
