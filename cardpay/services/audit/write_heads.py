"""Writing the head of the audit log down outside the database, and whether that was done.

A process does it beside the acts, every few seconds and when it stops: an act neither waits for
the file nor fails with it. Whoever is killed after a commit and before that, the next pass of any
process makes up for it, since each head vouches for all entries before it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cardpay.domain.audit_chain import EMPTY, Head
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import PeriodicTask
from cardpay.storage.audit import stored_entries
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database.engine import Store

# A pass is a read of one row and of the file's last lines.
EVERY: Final = timedelta(seconds=2)
# What is committed longer ago than this, and not written down, waits for nobody.
LONG: Final = timedelta(minutes=1)

_log = logging.getLogger("cardpay.audit")


def head_writer(desk: Desk, file: HeadsFile) -> PeriodicTask:
    """The periodic task of this process."""
    writer = HeadWriter(desk.store, file, desk.now)
    return PeriodicTask("writing down the audit log's head", EVERY, lambda _go_on: writer.write())


def write_head(store: Store, file: HeadsFile, now: Callable[[], datetime]) -> None:
    """One pass, as a process begins and ends. A failure is logged: the next makes up for it."""
    try:
        HeadWriter(store, file, now).write()
    except Exception as error:  # noqa: BLE001 - the process goes on all the same
        _log.warning("the head of the audit log was not written: %s", type(error).__name__)


class HeadWriter:
    """Writes each new head once. It remembers the last, and what it has complained of."""

    def __init__(self, store: Store, file: HeadsFile, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._file = file
        self._written: Head | None = None
        self._complained_of: Head | None = None
        self._times_emptied = store.times_emptied

    def write(self) -> None:
        """One pass: the newest head, unless it or a later one is in the file already."""
        with self._store.writing_head:
            if self._times_emptied != self._store.times_emptied:  # by the demo's reset alone
                self._times_emptied = self._store.times_emptied
                self._written = self._complained_of = None
            self._write()

    def _write(self) -> None:
        # What is known from before is read before the database, which can only be ahead of it.
        known = _newest(self._store.committed_head, self._written)
        logged = _last(self._file, otherwise=self._written)
        with self._store.reading() as session:
            stored = stored_entries.head(session)
        self._complain_of_cut(stored, _newest(known, logged))
        newest = _newest(stored, known)
        if newest.number == EMPTY.number:
            return
        if newest != self._written:
            _log.info("%s", newest.words)
        if logged is None or logged.number < newest.number:
            self._file.append(newest, self._now())
        self._written = newest

    def _complain_of_cut(self, stored: Head, before: Head) -> None:
        is_cut = before.number > stored.number or (
            before.number == stored.number and before.mac != stored.mac
        )
        if is_cut and stored != self._complained_of:
            self._complained_of = stored
            _log.error(
                "the audit log ends at entry %d, which is not what was written up to entry %d: "
                "run python -m cardpay doctor --audit",
                stored.number,
                before.number,
            )


@dataclass(frozen=True)
class HeadState:
    """How far the log is, and how far that is written down.

    `head_at` is when the last entry was written; `unwritten_since` since when the file should
    have been written to, None where it is up to date.
    """

    head: Head
    head_at: datetime | None
    unwritten_since: datetime | None

    def lags(self, now: datetime) -> bool:
        """Whether the file should be further by now. A time far ahead hides nothing."""
        return self.unwritten_since is not None and abs(now - self.unwritten_since) > LONG


def head_state(store: Store, file: HeadsFile) -> HeadState:
    """As it is now. A file that cannot be read counts as one that says nothing."""
    logged = _last(file, otherwise=None) or EMPTY
    with store.reading() as session:
        head = stored_entries.head(session)
        head_at = stored_entries.time_after(session, head.number - 1) if head.number else None
        first_at = stored_entries.time_after(session, logged.number)
    return HeadState(head, head_at, _since(first_at, file))


def _since(first_at: datetime | None, file: HeadsFile) -> datetime | None:
    """When the first entry that is not written down was committed, as near as can be told.

    Not before the file's last line was written, whatever the entry says: the demo's past is made
    today, with the times of its own days.
    """
    try:
        line_at = file.last_written_at()
    except OSError:
        line_at = None
    return max(first_at, line_at) if first_at and line_at else first_at


def _last(file: HeadsFile, *, otherwise: Head | None) -> Head | None:
    try:
        return file.last()
    except OSError:
        return otherwise


def _newest(one: Head | None, other: Head | None) -> Head:
    return max(one or EMPTY, other or EMPTY, key=lambda head: head.number)
