"""Which stretch of which list is fetched next: shared by the threads of one import.

A list begins as one stretch of time. A thread without work takes the older half of what another
has left, as long as that promises some pages: nobody has to know in advance when an account was
busy. Work is handed out in the order of the lists; a list opens once the lists that it needs are
stored whole.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cardpay.domain.history.list_kinds import NEEDS, ListKind
from cardpay.gateway.pagination import PAGE_SIZE, ListPage

# A split costs about one request more; below this many pages it is not worth it.
_WORTH_PAGES = 4


@dataclass(eq=False)
class Range:
    """One stretch of one list, in whole Unix seconds, both ends included.

    `newest` and `reached` are the times of the first and the last object that were fetched;
    `cursor` is the last one's id, and `passed` are those of the pages before.
    """

    kind: ListKind
    first: int
    last: int
    cursor: str | None = None
    row_id: int | None = None
    newest: int | None = None
    reached: int | None = None
    fetched: int = 0
    fetching: bool = False
    fetched_all: bool = False
    stored: bool = False
    passed: set[str | None] = field(default_factory=set)

    @property
    def left_objects(self) -> float | None:
        """An estimate of how many objects are still to come; None before the first page."""
        if self.fetched_all:
            return 0.0
        if self.newest is None or self.reached is None:
            return None
        density = self.fetched / max(1, self.newest - self.reached)
        return density * max(0, self.reached - self.first)


@dataclass
class Ranges:
    """The stretches of one import. `on_split` is called with each that is split, in order."""

    every: list[Range]
    on_split: Callable[[Range, Range], None]
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _stopped: bool = False

    def work(self, order: Sequence[ListKind]) -> Iterator[Range]:
        """Stretches, each for one page by one thread, until all is fetched or `stop` is called.

        Those of an open kind that stands earlier in `order` come first.
        """
        while (mine := self._next(order)) is not None:
            yield mine

    def note_fetched(self, mine: Range, page: ListPage[Any]) -> None:
        """Note a page that was fetched."""
        with self._changed:
            if page.found:
                mine.fetched += len(page.found)
                mine.newest = mine.newest or int(page.found[0].created_at.timestamp())
                # Whoever lists what is later than was asked for must not move the stretch.
                mine.reached = min(mine.last, int(page.found[-1].created_at.timestamp()))
            mine.passed.add(mine.cursor)
            mine.cursor = page.last_id or mine.cursor  # also past a page that can't be read
            behind = mine.reached is not None and mine.reached < mine.first  # another's by now
            mine.fetched_all = behind or not page.has_more

    def put_back(self, mine: Range) -> None:
        """Its page is on its way to whoever writes: another thread may fetch the next one."""
        with self._changed:
            mine.fetching = False
            self._changed.notify_all()

    def note_stored(self, done: Range) -> None:
        """Note that all of a stretch is committed."""
        with self._changed:
            done.stored = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Let every thread end after its page."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def is_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    @property
    def all_stored(self) -> bool:
        """Whether nothing is left to do."""
        with self._changed:
            return all(one.stored for one in self.every)

    def _next(self, order: Sequence[ListKind]) -> Range | None:
        with self._changed:
            while not self._stopped:
                for kind in filter(self._is_open, order):
                    mine = self._free(kind) or self._half_of_anothers(kind)
                    if mine is not None:
                        mine.fetching = True
                        return mine
                if all(one.fetched_all for one in self.every):
                    return None
                self._changed.wait()
            return None

    def _is_open(self, kind: ListKind) -> bool:
        return all(one.stored for one in self.every if one.kind in NEEDS[kind])

    def _free(self, kind: ListKind) -> Range | None:
        for one in self.every:
            if one.kind is kind and not one.fetching and not one.fetched_all:
                return one
        return None

    def _half_of_anothers(self, kind: ListKind) -> Range | None:
        busy = [one for one in self.every if one.kind is kind and one.fetching]
        fullest = max(busy, key=lambda one: one.left_objects or 0, default=None)
        if fullest is not None and (fullest.left_objects or 0) >= _WORTH_PAGES * PAGE_SIZE:
            assert fullest.reached is not None
            middle = (fullest.first + fullest.reached) // 2
            if fullest.first <= middle < fullest.reached:
                half = Range(kind, fullest.first, middle)
                fullest.first = middle + 1
                self.every.append(half)
                self.on_split(fullest, half)
                return half
        return None


def as_time(seconds: int) -> datetime:
    """Unix seconds as an aware time."""
    return datetime.fromtimestamp(seconds, UTC)
