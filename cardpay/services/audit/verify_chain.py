"""Verifying the audit log: the hash chain, its head, and the heads that were written down.

It reads page by page, so that a log of millions needs no more memory than a short one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from cardpay.domain.audit_chain import (
    EMPTY,
    AuditKey,
    ChainProblem,
    ChainReader,
    Fault,
    Head,
    Tombstone,
    key_of,
    same,
    tombstone_mac,
)
from cardpay.services.audit.write_heads import LONG
from cardpay.storage.audit import stored_entries
from cardpay.storage.audit.heads_file import Malformed
from cardpay.storage.database.engine import Session, Store

# A log that was taken apart has more to tell than anybody reads.
MOST_PROBLEMS: Final = 200
_ENTRIES_A_PAGE: Final = 500
_HEADS_A_PAGE: Final = 500
_START_ANEW: Final = (
    "If that was done on purpose, keep the file and this answer, move the file away and start the "
    "desk, which begins a new one."
)


@dataclass(frozen=True)
class Verification:
    """What was found. `problems` are sentences; `more_problems` counts those beyond the first.

    `entries` are in the log, `pruned` were there before.
    """

    entries: int
    pruned: int
    problems: tuple[str, ...]
    more_problems: int = 0


def verify(
    store: Store, keys: Sequence[AuditKey], heads: Iterable[Head | Malformed], now: datetime
) -> Verification:
    """Verify everything that is there now.

    `heads` must have been opened before: a head that is written meanwhile belongs to an entry
    that this look does not see.
    """
    with stored_entries.snapshot(store) as session:
        return _Verifier(session, keys, now).carry_out(heads)


class _Verifier:
    """One verification, from the oldest entry to the newest."""

    def __init__(self, session: Session, keys: Sequence[AuditKey], now: datetime) -> None:
        self._session = session
        self._keys = keys
        self._now = now
        self._problems: list[str] = []
        self._more = 0
        self._entries = 0

    def carry_out(self, heads: Iterable[Head | Malformed]) -> Verification:
        """All of it."""
        begin = self._beginning(stored_entries.last_tombstone(self._session))
        try:
            end = self._follow(begin)
            self._compare_head(end)
            self._compare_logged(heads, begin, end)
        except (
            AttributeError,
            TypeError,
            ValueError,
        ):  # what SQLite keeps, a column's type may not read
            self._say(
                "The log could not be read to its end: an entry was changed into what the desk "
                "never writes."
            )
        return Verification(self._entries, begin.number, tuple(self._problems), self._more)

    def _beginning(self, stone: Tombstone | None) -> Head:
        """What the first entry follows."""
        if stone is None:
            return EMPTY
        key = key_of(self._keys, stone.key_mark)
        if key is None:
            self._say("The tombstone of the pruned entries was made with a key that is not given.")
        elif not same(stone.mac, tombstone_mac(key, stone)):
            self._say("The tombstone of the pruned entries was changed.")
        return Head(stone.number, stone.entry_mac)

    def _follow(self, begin: Head) -> Head:
        """Along the chain to its end."""
        reader = ChainReader(self._keys, begin)
        problem: ChainProblem | None = None
        for entry in self._all():
            self._entries += 1
            found = reader.take(entry)
            together = problem and found and problem.with_next(found)
            if problem and found and not together:
                self._say(problem.sentence)
            problem = together or found or problem
        if problem:
            self._say(problem.sentence)
        return reader.end

    def _all(self) -> Iterator[Any]:
        last: int | None = None
        while page := stored_entries.after(self._session, last, _ENTRIES_A_PAGE):
            yield from page
            last = page[-1].id

    def _compare_head(self, end: Head) -> None:
        """With the head's row, and with what else is stored, which an emptied log belies."""
        head = stored_entries.head(self._session)
        if head.number > end.number:
            self._say(ChainProblem(Fault.REMOVED, end.number + 1, head.number).sentence)
        elif head.number != end.number or not same(head.mac, end.mac):
            self._say(
                f"The log's head was changed: it names entry {head.number}, and the log ends "
                f"with entry {end.number}."
            )
        if end == EMPTY and stored_entries.acts_are_stored(self._session):
            self._say("The log is empty, although the desk was used: all entries were removed.")

    def _compare_logged(self, heads: Iterable[Head | Malformed], begin: Head, end: Head) -> None:
        """With the heads that were written down, but for those of pruned entries."""
        newest = EMPTY
        coming = iter(heads)
        while some := list(islice(coming, _HEADS_A_PAGE)):
            logged = [head for head in some if isinstance(head, Head)]
            newest = max([newest, *logged], key=lambda head: head.number)
            self._compare_macs(logged, begin, end)
            for line in some:
                if isinstance(line, Malformed):
                    self._say(
                        f"Line {line.line} of the file of heads is damaged: it was changed, or "
                        f"the disk was full. {_START_ANEW}"
                    )
        if newest.number > end.number:
            self._say(
                f"The log was cut off: it ends with entry {end.number}, but entry "
                f"{newest.number} was written down. If a backup was restored, keep the file of "
                "heads and this answer, and move the file away before the desk starts."
            )
        self._compare_lag(newest)

    def _compare_macs(self, logged: Sequence[Head], begin: Head, end: Head) -> None:
        macs = stored_entries.macs_of(self._session, {head.number for head in logged})
        macs[begin.number] = begin.mac
        for head in dict.fromkeys(logged):
            if begin.number <= head.number <= end.number and (
                head.number not in macs or not same(macs[head.number], head.mac)
            ):
                self._say(
                    f"Entry {head.number} is not the one that was written down: the log was cut "
                    "off and continued."
                )

    def _compare_lag(self, newest: Head) -> None:
        """Each entry's time is vouched for by its MAC, so it can be relied on here."""
        since = stored_entries.time_after(self._session, newest.number)
        if since is None or self._now - since <= LONG:
            return
        said = f"ends at entry {newest.number}" if newest.number else "is missing or empty"
        self._say(
            f"The file of heads {said}, although the log goes on since "
            f"{since:%Y-%m-%d %H:%M} UTC: the end of the log could be cut off unseen. If no desk "
            "is running, start it, which writes the head; otherwise its log says why it cannot, "
            "or somebody shortened the file: compare a collected log with --heads."
        )

    def _say(self, problem: str) -> None:
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(problem)
        else:
            self._more += 1
