"""A limit on refused requests for each remote address."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from cardpay.services.stripe_asks import PerMinute

# Stripe never signs wrongly, and a person who tries things out does so a few times.
BAD_SIGNATURES_A_MINUTE: Final = 30


class RefusalRateLimit:
    """Counts the refused requests of each remote address in the last minute.

    Requests that are accepted are not counted, and are never held up, even from an address that
    many refused ones come from.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = monotonic) -> None:
        """`now` gives seconds."""
        self._refused = PerMinute(per_minute)
        self._now = now

    def is_exceeded_by_one_more(self, address: str) -> bool:
        """Count a refusal; true if there were `per_minute` in the last minute already."""
        return self._refused.seconds_to_wait(address, self._now()) > 0
