"""How far an import is, how fast it goes, and how long it will still take."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from cardpay.services.backfill_ranges import ListKind, Range

# For a list of which nothing is known yet: its objects for each PaymentIntent, as a guess that
# the first page corrects.
_PER_INTENT = {
    ListKind.PAYMENT_INTENTS: 1.0,
    ListKind.CHARGES: 1.05,
    ListKind.REFUNDS: 0.05,
    ListKind.DISPUTES: 0.005,
    ListKind.BALANCE_TRANSACTIONS: 1.05,
}


@dataclass(frozen=True)
class Progress:
    """How far an import is. `share` (0 to 1) and the rest are guesses from what has come."""

    done_objects: int
    share: float
    objects_per_second: float
    remaining_seconds: float | None


class Tally:
    """Counts what is stored."""

    def __init__(self, done_before: int) -> None:
        self._before = done_before
        self._done = dict.fromkeys(ListKind, 0)
        self._began_at = time.monotonic()

    def add(self, kind: ListKind, objects: int) -> None:
        """A page is stored."""
        self._done[kind] += objects

    def progress(self, ranges: Sequence[Range]) -> Progress:
        """As it is now."""
        done = sum(self._done.values())
        left = self._left(ranges)
        rate = done / max(0.001, time.monotonic() - self._began_at)
        total = self._before + done + left
        return Progress(
            done_objects=self._before + done,
            share=(self._before + done) / total if total else 1.0,
            objects_per_second=rate,
            remaining_seconds=left / rate if rate else None,
        )

    def _left(self, ranges: Sequence[Range]) -> float:
        """Objects that are still to come, by the density of those that came."""
        left: dict[ListKind, float] = {}
        for kind in ListKind:
            of_kind = [one for one in ranges if one.kind is kind]
            if all(one.stored for one in of_kind):
                left[kind] = 0.0
            elif any(one.fetched for one in of_kind):
                left[kind] = sum(one.left_objects or 0.0 for one in of_kind)
            else:
                intents = self._done[ListKind.PAYMENT_INTENTS] + left.get(
                    ListKind.PAYMENT_INTENTS, 0.0
                )
                left[kind] = intents * _PER_INTENT[kind]
        return sum(left.values())
