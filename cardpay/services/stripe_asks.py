"""How often a person may have Stripe asked: a pressed button, or a forged one, is not a flood.

It is counted in this process's memory, for each person. What has an unknown outcome never waits
for it: recovery, events and periodic tasks ask in nobody's name.
"""

import threading
from collections import OrderedDict, deque
from datetime import datetime
from math import ceil
from typing import Final

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.errors import AskedTooOften

ASKS_A_MINUTE: Final = 60
"""Each second for a whole minute: three open pages that look for an answer, and no person."""
_WINDOW_SECONDS: Final = 60.0
_MOST_KEYS: Final = 1_000


class PerMinute:
    """So many a minute for each key. It remembers the last keys, and takes no more memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def seconds_to_wait(self, key: str, now: float) -> float:
        """0 and counted, or how many seconds until the next one; `now` is in seconds."""
        with self._lock:
            times = self._times.setdefault(key, deque())
            self._times.move_to_end(key)
            if len(self._times) > _MOST_KEYS:
                self._times.popitem(last=False)
            while times and times[0] <= now - _WINDOW_SECONDS:
                times.popleft()
            if len(times) >= self._most:
                return times[0] + _WINDOW_SECONDS - now
            times.append(now)
            return 0.0


class StripeAsks:
    """The reads of Stripe that people cause; one for all of a desk's use cases."""

    def __init__(self) -> None:
        self._asked = PerMinute(ASKS_A_MINUTE)

    def count(self, actor: Actor, now: datetime) -> None:
        """To be called just before the read, after every check. Raises AskedTooOften."""
        if actor.actor_id == SYSTEM.actor_id:
            return
        wait = self._asked.seconds_to_wait(actor.actor_id, now.timestamp())
        if wait > 0:
            raise AskedTooOften(ASKS_A_MINUTE, ceil(wait))
