"""The sandbox's own SQLite file: Stripe's objects as JSON, saved replies, things that are due.

Fields that begin with an underscore are the sandbox's memory of an object; they never leave it.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

Json = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS object_listed ON object (kind, created, seq);
CREATE INDEX IF NOT EXISTS object_intent ON object (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS object_charge ON object (kind, json_extract(body, '$.charge'));
CREATE TABLE IF NOT EXISTS saved_reply (
    key TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    request_id TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS due (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    task TEXT NOT NULL,
    object_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS due_at ON due (at, seq);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    url TEXT NOT NULL,
    tries INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due_at, seq);
"""


@dataclass(frozen=True)
class Page:
    """What a list call asks for. `where` are JSON fields and the values they must have."""

    kind: str
    limit: int = 10
    after: str | None = None
    before: str | None = None
    created: tuple[tuple[str, int], ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    types: tuple[str, ...] = ()


class Store:
    """One SQLite connection under one lock. Every access happens inside `transaction()`."""

    def __init__(self, path: Path | None) -> None:
        self._lock = RLock()
        self._depth = 0
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sqlite = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None
        )
        self._sqlite.execute("PRAGMA journal_mode=WAL")
        self._sqlite.execute("PRAGMA synchronous=NORMAL")
        self._sqlite.executescript(_TABLES)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner one joins the outer one."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._sqlite.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if outermost:
                    self._sqlite.execute("ROLLBACK")
                raise
            else:
                if outermost:
                    self._sqlite.execute("COMMIT")
            finally:
                self._depth -= 1

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """A statement of one of the tables that the other modules keep here."""
        with self._lock:
            return self._sqlite.execute(sql, values).fetchall()

    def meta(self, name: str, first: str) -> str:
        """A lasting value, `first` when there is none yet."""
        self.run("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, first))
        return str(self.run("SELECT value FROM meta WHERE name = ?", (name,))[0][0])

    def save(self, thing: Json) -> None:
        """Keep an object, or its new state at its old place in the lists."""
        self.run(
            "INSERT INTO object (id, kind, created, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (thing["id"], thing["object"], thing.get("created", 0), json.dumps(thing)),
        )

    def find(self, kind: str, object_id: str) -> Json | None:
        """The object of that kind and id."""
        rows = self.run("SELECT body FROM object WHERE id = ? AND kind = ?", (object_id, kind))
        return dict(json.loads(rows[0][0])) if rows else None

    def page(self, page: Page) -> tuple[list[Json], bool]:
        """Newest first, and whether there is more in the direction of travel.

        Objects of one second keep the order in which they were made.
        """
        clauses, values = ["kind = ?"], [page.kind]
        for bound, moment in page.created:
            sign = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}[bound]
            clauses.append(f"created {sign} ?")
            values.append(str(moment))
        for field, value in page.where:
            clauses.append(f"json_extract(body, '$.{field}') = ?")
            values.append(value)
        if page.types:
            clauses.append(f"json_extract(body, '$.type') IN ({','.join('?' * len(page.types))})")
            values.extend(page.types)
        cursor, sign = (page.before, ">") if page.before else (page.after, "<")
        if cursor:
            place = "(SELECT created, seq FROM object WHERE id = ?)"
            clauses.append(f"(created, seq) {sign} {place}")
            values.append(cursor)
        direction = "ASC" if page.before else "DESC"
        rows = self.run(
            f"SELECT body FROM object WHERE {' AND '.join(clauses)}"
            f" ORDER BY created {direction}, seq {direction} LIMIT {page.limit + 1}",
            values,
        )
        found = [json.loads(row[0]) for row in rows[: page.limit]]
        return (found[::-1] if page.before else found), len(rows) > page.limit

    def clear(self) -> None:
        """Forget everything but the account and its keys."""
        with self.transaction():
            for table in ("object", "saved_reply", "due", "delivery"):
                self.run(f"DELETE FROM {table}")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._sqlite.close()
