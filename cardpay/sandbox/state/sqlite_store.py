"""The sandbox's SQLite database: Stripe's objects as JSON, saved replies, and two queues.

The queue `due` has scheduled changes, `due_in_past` those of a past that is being made, and the
queue `delivery` has webhooks. Fields of an object that
begin with an underscore are the sandbox's own; `account_state.public` removes them.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import quote

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
CREATE INDEX IF NOT EXISTS object_payout ON object (kind, json_extract(body, '$._payout'));
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
CREATE TABLE IF NOT EXISTS due_in_past (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    task TEXT NOT NULL,
    object_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS due_in_past_at ON due_in_past (at, seq);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
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


_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True)
class PageQuery:
    """The query of a list request.

    `where` has JSON fields and their required values, `ranges` fields with a bound each. The last
    three are of events: in `type_pattern` a `*` stands for any text, and `delivered` is whether
    all webhooks of an event were delivered.
    """

    kind: str
    limit: int = 10
    after: str | None = None
    before: str | None = None
    created: tuple[tuple[str, int], ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    ranges: tuple[tuple[str, str, int], ...] = ()
    types: tuple[str, ...] = ()
    type_pattern: str | None = None
    delivered: bool | None = None


class Store:
    """One SQLite connection under one lock. Every access happens inside `transaction()`."""

    def __init__(self, path: Path | None) -> None:
        """Open the database at `path`, or one in memory."""
        self._lock = RLock()
        self._depth = 0
        self._replaced: dict[str, Json] = {}
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
        """Commit at the end, or roll back on an exception. A nested one joins the outer one."""
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
        """The rows of one SQL statement."""
        with self._lock:
            return self._sqlite.execute(sql, values).fetchall()

    def meta(self, name: str, default: str) -> str:
        """A value that survives `clear`. It is stored as `default` if there is none yet."""
        self.run("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, default))
        return str(self.run("SELECT value FROM meta WHERE name = ?", (name,))[0][0])

    def noted(self, name: str) -> str | None:
        """What was noted under a name since the last `clear`."""
        rows = self.run("SELECT value FROM note WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def note(self, name: str, value: str) -> None:
        """Remember a value until `clear`."""
        self.run("INSERT OR REPLACE INTO note (name, value) VALUES (?, ?)", (name, value))

    def save(self, resource: Json) -> None:
        """Store a new object, or the new state of an old one, which keeps its place in lists."""
        if resource["object"] != "event" and resource["id"] not in self._replaced:
            self._replaced[resource["id"]] = self.find_any(resource["id"]) or {}
        self.run(
            "INSERT INTO object (id, kind, created, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (resource["id"], resource["object"], resource.get("created", 0), json.dumps(resource)),
        )

    def replaced(self, object_id: str) -> Json:
        """The object as it was before the present change; empty if it is new or was not saved."""
        return self._replaced.get(object_id, {})

    def begin_change(self) -> None:
        """What is stored now is what the next change replaces."""
        self._replaced.clear()

    def find(self, kind: str, object_id: str) -> Json | None:
        """The object of that kind and id, or None."""
        rows = self.run("SELECT body FROM object WHERE id = ? AND kind = ?", (object_id, kind))
        return dict(json.loads(rows[0][0])) if rows else None

    def find_any(self, object_id: str) -> Json | None:
        """The object of that id, of whatever kind, or None."""
        rows = self.run("SELECT body FROM object WHERE id = ?", (object_id,))
        return dict(json.loads(rows[0][0])) if rows else None

    def page(self, query: PageQuery) -> tuple[list[Json], bool]:
        """The objects, newest first, and whether more follow in the direction of the cursor.

        Objects created in the same second keep their order of creation.
        """
        clauses, values = ["kind = ?"], [query.kind]
        for bound, moment in query.created:
            clauses.append(f"created {_SIGNS[bound]} ?")
            values.append(str(moment))
        for field, bound, value in query.ranges:
            clauses.append(f"json_extract(body, '$.{field}') {_SIGNS[bound]} CAST(? AS INTEGER)")
            values.append(str(value))
        for field, required in query.where:
            clauses.append(f"json_extract(body, '$.{field}') = ?")
            values.append(required)
        if query.types:
            clauses.append(f"json_extract(body, '$.type') IN ({','.join('?' * len(query.types))})")
            values.extend(query.types)
        if query.type_pattern is not None:
            clauses.append("json_extract(body, '$.type') GLOB ?")
            values.append(query.type_pattern)
        if query.delivered is not None:
            clauses.append(
                f"json_extract(body, '$.pending_webhooks') {'=' if query.delivered else '>'} 0"
            )
        cursor, sign = (query.before, ">") if query.before else (query.after, "<")
        if cursor:
            place = "(SELECT created, seq FROM object WHERE id = ?)"
            clauses.append(f"(created, seq) {sign} {place}")
            values.append(cursor)
        direction = "ASC" if query.before else "DESC"
        rows = self.run(
            f"SELECT body FROM object WHERE {' AND '.join(clauses)}"
            f" ORDER BY created {direction}, seq {direction} LIMIT {query.limit + 1}",
            values,
        )
        found = [json.loads(row[0]) for row in rows[: query.limit]]
        return (found[::-1] if query.before else found), len(rows) > query.limit

    def clear(self) -> None:
        """Delete everything except the account and its keys."""
        with self.transaction():
            for table in ("object", "saved_reply", "due", "due_in_past", "delivery", "note"):
                self.run(f"DELETE FROM {table}")

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._sqlite.close()


def stored_account_id(path: Path) -> str | None:
    """The account id in a sandbox's database, read without opening it for writing.

    None if there is no database. Raises sqlite3.Error if the file is not one.
    """
    if not path.is_file():
        return None
    # Without a write-ahead log the file is not in use, and `immutable` avoids creating one.
    immutable = "" if Path(f"{path}-wal").exists() else "&immutable=1"
    uri = f"file:{quote(str(path.resolve()))}?mode=ro{immutable}"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        row = connection.execute("SELECT value FROM meta WHERE name = 'account_id'").fetchone()
    return str(row[0]) if row else None
