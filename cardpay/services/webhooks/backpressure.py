"""Backpressure: applying events pauses while others arrive.

Receiving and applying share a process and its one interpreter: an event that is applied while
others arrive makes those wait. What is stored is safe, so it can be applied a little later.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Between two events of one burst; a sender that waits for its answers leaves less than this.
QUIET_SECONDS: Final = 0.002
LOOK_SECONDS: Final = 0.01
# However many events arrive, each process applies some ten a second all the same, all of its
# threads together.
MOST_SECONDS: Final = 0.1


class Backpressure:
    """Knows whether one process is receiving events, and holds up its workers meanwhile."""

    def __init__(self) -> None:
        self._under_way = 0
        self._last_at = 0.0
        self._turn = threading.Lock()

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Around one event, from its request to its answer; on the event loop's thread only."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._last_at = time.monotonic()

    def wait_for_quiet(self) -> None:
        """Wait, on another thread, until nothing arrives, at most MOST_SECONDS.

        Several threads wait one after the other, so that the number of events applied meanwhile
        does not grow with theirs.
        """
        with self._turn:
            until = time.monotonic() + MOST_SECONDS
            while self._is_busy() and time.monotonic() < until:
                time.sleep(LOOK_SECONDS)

    def _is_busy(self) -> bool:
        return self._under_way > 0 or time.monotonic() - self._last_at < QUIET_SECONDS
