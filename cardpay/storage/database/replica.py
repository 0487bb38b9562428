"""A streaming replica of the database, for what is only listed, drawn and exported.

Whatever keeps it from being read, the database itself is read instead: nobody waits for a replica.
"""

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection, ExceptionContext
from sqlmodel import Session

from cardpay.domain.audit_chain import AuditKey, Head
from cardpay.domain.errors import CardpayError
from cardpay.logs.logger import get_logger
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.database.open_existing import DatabaseError, reason_of

_log = get_logger(__name__)

LOOKED_AT_EVERY: Final = 10.0
"""Seconds between two looks at how far behind the replica is."""
TRIED_AGAIN_AFTER: Final = 30.0
"""Seconds after which a replica that could not be read is tried again."""
_CONNECT_SECONDS: Final = 2
_DEAD_AFTER_MILLISECONDS: Final = 5_000  # a server that vanished answers nothing at all

# What the standby cancels, because it has to apply what the statement still reads
# (PostgreSQL docs: "Handling Query Conflicts").
_CONFLICT: Final = "40001"

# Whose books they are, and of which version; both servers are asked for the same.
_BOOKS: Final = """
SELECT (SELECT version_num FROM alembic_version) AS version,
       (SELECT mode || ' ' || stripe_account_id FROM desk) AS account
"""
_WRITTEN: Final = "SELECT pg_current_wal_lsn() AS place, clock_timestamp() AS now"
# An idle server writes nothing, so the time of the last transaction that was applied tells how far
# behind the replica is only where something that was written is missing. Before the first one it
# is that of the last checkpoint in what the replica was made from.
_APPLIED: Final = """
SELECT pg_is_in_recovery() AS is_standby,
       pg_last_wal_replay_lsn() >= CAST(:place AS pg_lsn) AS has_all,
       CAST(:now AS timestamptz) - coalesce(
           pg_last_xact_replay_timestamp(), (pg_control_checkpoint()).checkpoint_time
       ) AS behind
"""
_LAST_ACT: Final = "SELECT number FROM audit_head"


class FiguresLost(CardpayError):
    """The replica broke off while it was read; the next one who reads has the database itself."""

    def __init__(self) -> None:
        super().__init__("These figures couldn't be read.", "Try again.")


@dataclass(frozen=True)
class Look:
    """What a look at the replica found: why it cannot be read, else how far it is behind.

    `problem` is in words for who runs the desk, and empty of a replica that can be read.
    """

    problem: str = ""
    behind: timedelta = timedelta()


_NOT_YET: Final = Look("nobody has looked at it yet")


class Replica:
    """A replica of the database that `primary` connects to; its statements cannot write."""

    def __init__(self, url: str, primary: Engine) -> None:
        """Nothing is connected before something is read."""
        self.engine = _connect(url)
        self._primary = primary
        self._looking = threading.Lock()
        self._look_at = 0.0
        self._last = _NOT_YET
        self._last_act = 0
        event.listen(self.engine, "handle_error", self._broke_off)

    def connected(self, act: int) -> Connection | None:
        """A connection; None where the replica cannot be read.

        What it reads has the audit log's entry of the number `act`, and what was committed with
        it. Whatever is executed raises FiguresLost if the replica breaks off.
        """
        self._look_if_due()
        if self._last.problem:
            return None
        try:
            connection = self.engine.connect()
        except DatabaseError as error:
            self._note(Look(reason_of(error)))
            return None
        if not self._has(connection, act):
            connection.close()
            return None
        return connection

    @property
    def behind(self) -> timedelta:
        """How far behind the replica was when it was last looked at."""
        return self._last.behind

    def look(self) -> Look:
        """Compare the replica with the database."""
        with self._primary.connect() as primary:
            books = primary.execute(text(_BOOKS)).one()
            written = primary.execute(text(_WRITTEN)).one()
        try:
            with self.engine.connect() as replica:
                its_books = replica.execute(text(_BOOKS)).one()
                applied = replica.execute(
                    text(_APPLIED), {"place": written.place, "now": written.now}
                ).one()
        except FiguresLost:
            return Look("it broke off")
        except DatabaseError as error:
            return Look(reason_of(error))
        if its_books.version != books.version:
            return Look("its tables are of another version")
        if its_books.account != books.account:
            return Look("it holds the books of another account")
        if not applied.is_standby:
            return Look("it is no standby server, so nobody knows how far behind it is")
        return Look() if applied.has_all else Look(behind=max(applied.behind, timedelta()))

    def _has(self, connection: Connection, act: int) -> bool:
        if self._last_act < act:
            try:
                with connection.begin():
                    self._last_act = connection.execute(text(_LAST_ACT)).scalar() or 0
            except FiguresLost:
                return False
        return self._last_act >= act

    def _look_if_due(self) -> None:
        """Look, unless that was a moment ago or somebody is at it."""
        if time.monotonic() < self._look_at or not self._looking.acquire(blocking=False):
            return
        try:
            self._note(self.look())
        finally:
            self._looking.release()

    def _note(self, found: Look) -> None:
        """Keep what was found; what is new of it is logged."""
        before = self._last
        if found.problem and found.problem != before.problem:
            _log.warning("the replica is not read", reason=found.problem)
        elif before.problem and before is not _NOT_YET and not found.problem:
            _log.warning("the replica is read again")
        self._last = found
        wait = TRIED_AGAIN_AFTER if found.problem else LOOKED_AT_EVERY
        self._look_at = time.monotonic() + wait

    def _broke_off(self, context: ExceptionContext) -> None:
        """Raise what people can read, where it is the replica that failed and not the question."""
        if context.connection is None:  # it was never connected
            return
        if context.is_disconnect or _is_conflict(context.original_exception):
            self._note(Look("it broke off"))
            raise FiguresLost from None


class StoreWithReplica(Store):
    """A database that has a replica, which is read where a figure may be seconds old."""

    def __init__(self, engine: Engine, audit_keys: Sequence[AuditKey], replica: Replica) -> None:
        super().__init__(engine, audit_keys)
        self._replica = replica
        self._acts: dict[str, int] = {}  # the last act of each person in this process

    @contextmanager
    def reporting(self, actor_id: str) -> Iterator[Session]:
        """As `reading`, from the replica where it can be read and has the person's own acts.

        Raises FiguresLost.
        """
        connection = self._replica.connected(self._acts.get(actor_id, 0))
        if connection is None:
            with self.reading() as session:
                yield session
            return
        with connection, Session(connection, expire_on_commit=False) as session:
            yield session

    def behind(self, actor_id: str) -> timedelta:
        """How far behind is what `reporting` reads for the person."""
        connection = self._replica.connected(self._acts.get(actor_id, 0))
        if connection is None:
            return timedelta()
        connection.close()
        return self._replica.behind

    def close(self) -> None:
        """Close every connection."""
        self._replica.engine.dispose()
        super().close()

    def _committed(self, head: Head, actor_ids: Collection[str]) -> None:
        super()._committed(head, actor_ids)
        for actor_id in actor_ids:
            self._acts[actor_id] = max(self._acts.get(actor_id, 0), head.number)


def open_store(engine: Engine, audit_keys: Sequence[AuditKey], replica_url: str | None) -> Store:
    """The database, with its replica if it has one."""
    if replica_url is None:
        return Store(engine, audit_keys)
    return StoreWithReplica(engine, audit_keys, Replica(replica_url, engine))


def _connect(url: str) -> Engine:
    """An engine whose transactions only read, and which does not wait for a dead server."""
    engine = connect(url)
    event.listen(engine, "do_connect", _only_read)
    event.listen(engine, "do_execute", _once_more_after_conflict)
    return engine


def _only_read(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
    given = parameters.get("options", "")
    parameters["options"] = f"{given} -c default_transaction_read_only=on".strip()
    parameters.setdefault("connect_timeout", _CONNECT_SECONDS)
    parameters.setdefault("tcp_user_timeout", _DEAD_AFTER_MILLISECONDS)


def _once_more_after_conflict(cursor: Any, statement: str, parameters: Any, _context: Any) -> bool:
    """Execute a statement; what the standby cancelled is asked once more.

    Each statement sees the moment of its own, so one of a later moment is as good.
    """
    try:
        cursor.execute(statement, parameters)
    except Exception as error:
        if not _is_conflict(error) or cursor.connection.closed:
            raise
        cursor.connection.rollback()
        cursor.execute(statement, parameters)
    return True


def _is_conflict(error: BaseException) -> bool:
    return getattr(error, "sqlstate", None) == _CONFLICT
