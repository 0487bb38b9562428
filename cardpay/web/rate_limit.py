"""How much may come in a second: from one remote address, and from all strangers together."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from cardpay.web.remote_addresses import network_of

# So many addresses are remembered; whoever comes from more is held by what all have together.
_MOST_ADDRESSES: Final = 10_000


@dataclass(frozen=True)
class Rate:
    """`at_once` of something, and `per_second` after that."""

    at_once: float
    per_second: float


class Allowance:
    """What one sender has left of a rate."""

    def __init__(self, rate: Rate, now: Callable[[], float] = monotonic) -> None:
        """`now` gives seconds."""
        self._rate = rate
        self._now = now
        self._left = rate.at_once
        self._at = now()

    def take(self, cost: float = 1.0) -> bool:
        """Use some of it; False, and nothing is used, if that is not there."""
        if not self.has(cost):
            return False
        self._left -= cost
        return True

    def has(self, cost: float = 1.0) -> bool:
        """Whether so much is there now."""
        self._fill()
        return self._left >= cost

    def reserve(self, cost: float = 1.0) -> float:
        """Use some of it, and return the seconds to wait until it is there."""
        self._fill()
        self._left -= cost
        return max(0.0, -self._left / self._rate.per_second)

    def _fill(self) -> None:
        now = self._now()
        self._left = min(self._rate.at_once, self._left + (now - self._at) * self._rate.per_second)
        self._at = now


class RateByAddress:
    """A rate for each remote address, and one for all of them together."""

    def __init__(
        self, each: Rate, all_of_them: Rate, now: Callable[[], float] = monotonic
    ) -> None:
        """`now` gives seconds."""
        self._each = each
        self._all = Allowance(all_of_them, now)
        self._now = now
        self._by_address: OrderedDict[str, Allowance] = OrderedDict()

    def take(self, address: str, cost: float = 1.0) -> bool:
        """Use some of the address's allowance and of the common one; False if one is used up."""
        own = self._of(address)
        return own.has(cost) and self._all.take(cost) and own.take(cost)

    def _of(self, address: str) -> Allowance:
        network = network_of(address)
        found = self._by_address.setdefault(network, Allowance(self._each, self._now))
        self._by_address.move_to_end(network)
        if len(self._by_address) > _MOST_ADDRESSES:
            self._by_address.popitem(last=False)
        return found
