"""A limit on refused requests for each remote address."""

from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic
from typing import Final

# Stripe never signs wrongly, and a person who tries things out does so a few times.
BAD_SIGNATURES_A_MINUTE: Final = 30
_WINDOW_SECONDS: Final = 60.0
_MOST_ADDRESSES: Final = 1_000


class RefusalRateLimit:
    """Counts the refused requests of each remote address in the last minute.

    Requests that are accepted are not counted, and are never held up, even from an address that
    many refused ones come from.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = monotonic) -> None:
        """`now` gives seconds."""
        self._per_minute = per_minute
        self._now = now
        self._refused: OrderedDict[str, deque[float]] = OrderedDict()

    def is_exceeded_by_one_more(self, address: str) -> bool:
        """Count a refusal; true if there were more than `per_minute` in the last minute."""
        now = self._now()
        times = self._refused.setdefault(address, deque(maxlen=self._per_minute + 1))
        self._refused.move_to_end(address)
        if len(self._refused) > _MOST_ADDRESSES:
            self._refused.popitem(last=False)
        times.append(now)
        while times[0] <= now - _WINDOW_SECONDS:
            times.popleft()
        return len(times) > self._per_minute
