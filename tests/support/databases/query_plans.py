"""How the database reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from cardpay.storage.database.engine import Store


@contextmanager
def plans(store: Store) -> Iterator[list[str]]:
    """How the database reads for each query that runs meanwhile.

    PostgreSQL reads a table as small as a test's from end to end unless that is made dear;
    where it does so all the same, no index serves.
    """
    steps: list[str] = []
    sqlite = store.engine.dialect.name == "sqlite"

    def explain(_: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if not statement.startswith(("SELECT", "WITH")):
            return
        if sqlite:
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps.extend(row[3] for row in rows)
        else:
            cursor.connection.execute("SET LOCAL enable_seqscan = off")
            rows = cursor.connection.execute(f"EXPLAIN {statement}", parameters)
            steps.extend(row[0] for row in rows)

    event.listen(store.engine, "before_cursor_execute", explain)
    try:
        yield steps
    finally:
        event.remove(store.engine, "before_cursor_execute", explain)
