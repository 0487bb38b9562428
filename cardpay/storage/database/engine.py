"""Connections to SQLite and PostgreSQL that behave alike, and the unit of work."""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, create_engine

from cardpay.domain.audit_chain import AuditKey, Head
from cardpay.storage.audit import append_entries
from cardpay.storage.database.refuse_nul import refuse_nul

__all__ = ["Duplicate", "Session", "Store", "connect"]

# Long enough for another writer's commit on a slow disk, short enough for a caller who waits.
SQLITE_BUSY_SECONDS = 10

Duplicate = IntegrityError  # a unique key refused a row: another transaction was first


class Store:
    """The database, as units of work.

    The first of `audit_keys` writes the audit log's entries; those behind it are keys that it
    replaced. Without any, acts cannot be recorded.
    """

    def __init__(self, engine: Engine, audit_keys: Sequence[AuditKey] = ()) -> None:
        self.engine = engine
        self.audit_keys = tuple(audit_keys)
        self._reader = engine.execution_options(cardpay_reads_only=True)
        self._head: Head | None = None
        self.writing_head = threading.Lock()
        """Held while the audit log's head is written outside the database."""
        self.times_emptied = 0

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One write transaction: committed at the end, rolled back by any exception.

        On SQLite it takes the write lock at its beginning, so that what it reads cannot
        change before it writes; on PostgreSQL rows are locked one by one. The acts that it
        recorded join the audit log's hash chain right before the commit.
        """
        with Session(self.engine, expire_on_commit=False) as session:
            if self.audit_keys:
                append_entries.begin(session)
            yield session
            head = self.audit_keys and append_entries.append_collected(session, self.audit_keys[0])
            session.commit()
            if head:
                self._committed(head, append_entries.actor_ids(session))

    @property
    def committed_head(self) -> Head | None:
        """The audit log's head as a transaction of this process committed it last, if any did.

        Of two that commit at once it may be the earlier one.
        """
        return self._head

    @contextmanager
    def emptied(self) -> Iterator[None]:
        """While the caller empties and fills the database: its audit log begins anew.

        No head is written meanwhile, and those of the log before are forgotten.
        """
        with self.writing_head:
            yield
            self._head = None
            self.times_emptied += 1

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only session, which waits for no writer.

        On SQLite all of it is of one moment, on PostgreSQL each statement is of its own.
        """
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    def reporting(self, _actor_id: str) -> AbstractContextManager[Session]:
        """As `reading`, for a list, Insights or an export that somebody looks at.

        What it tells may be some time old; nothing about money is decided by it.
        """
        return self.reading()

    def behind(self, _actor_id: str) -> timedelta:
        """How old is what `reporting` tells the person."""
        return timedelta()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _committed(self, head: Head, _actor_ids: Collection[str]) -> None:
        """Note the acts that a transaction recorded."""
        self._head = max(self._head or head, head, key=lambda one: one.number)


def connect(database_url: str) -> Engine:
    """An engine for `database_url`. Creates the folder of an SQLite file, private, if need be.

    Its errors do not quote the values of a statement, which may be a customer's data.
    """
    url = make_url(database_url)
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    event.listen(engine, "before_cursor_execute", refuse_nul)
    return engine


def _postgresql(url: URL) -> Engine:
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(
        url, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True
    )


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        folder = Path(url.database).parent
        # What others on the machine may read is theirs: names, e-mails and amounts are not.
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        url, connect_args={"timeout": SQLITE_BUSY_SECONDS}, hide_parameters=True
    )
    event.listen(engine, "connect", _sqlite_connected)
    event.listen(engine, "begin", sqlite_begin)
    return engine


def _sqlite_connected(connection: Any, _record: object) -> None:
    """Set what SQLite leaves off by default.

    The driver's own transactions are off (they begin too late); `synchronous = FULL` because
    a committed operation must survive the loss of power, which WAL alone does not promise
    (SQLite docs: "PRAGMA synchronous"); `secure_delete`, because what is erased must not stay
    readable in the file (SQLite docs: "PRAGMA secure_delete"); 4 MiB of cache, since the
    pages that one commit of an import changes do not fit in the usual two, and are written twice.
    """
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "cache_size = -4096",
    ):
        connection.execute(f"PRAGMA {pragma}")


def sqlite_begin(connection: Connection) -> None:
    """Begin a transaction: with the write lock at once, unless it only reads."""
    reads_only = connection.get_execution_options().get("cardpay_reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
