"""How far an import is, how fast it goes, and how long it will still take."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from cardpay.domain.history.list_kinds import ListKind
from cardpay.services.history.import_work_sharing import Range

# An estimate: how many objects of a list there are for each PaymentIntent.
_PER_INTENT = {
    ListKind.PAYMENT_INTENTS: 1.0,
    ListKind.CHARGES: 1.05,
    ListKind.REFUNDS: 0.05,
    ListKind.DISPUTES: 0.005,
    ListKind.PAYOUTS: 0.01,  # one a day
    ListKind.BALANCE_TRANSACTIONS: 1.05,
}


@dataclass(frozen=True)
class Progress:
    """How far an import is. `share` (0 to 1) and what follows are estimates."""

    done_objects: int
    share: float
    objects_per_second: float
    remaining_seconds: float | None


class ProgressCounter:
    """Counts the objects that are stored, and estimates how many are still to come."""

    def __init__(self, done_before: int) -> None:
        self._before = done_before
        self._done = dict.fromkeys(ListKind, 0)
        self._began_at = time.monotonic()

    def add(self, kind: ListKind, objects: int) -> None:
        """Note that a page of so many objects is stored."""
        self._done[kind] += objects

    def progress(self, ranges: Sequence[Range]) -> Progress:
        """The progress now, with these stretches."""
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
        """An estimate of the objects that are still to come.

        PaymentIntents by the density of those that came, all else by the number of PaymentIntents:
        only these are spread over all free threads from the first second.
        """
        intents = [one for one in ranges if one.kind is ListKind.PAYMENT_INTENTS]
        more = sum(one.left_objects or 0.0 for one in intents)
        intents_in_all = self._done[ListKind.PAYMENT_INTENTS] + more
        left = more
        for kind in ListKind:
            stored = all(one.stored for one in ranges if one.kind is kind)
            if not stored and kind is not ListKind.PAYMENT_INTENTS:
                left += max(0.0, intents_in_all * _PER_INTENT[kind] - self._done[kind])
        return left
