"""Sums over payments and attempts, the rates that follow from them, and what they are split by."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final


class Split(StrEnum):
    """What totals are split by, besides days and currency. The values are stored.

    HOUR is "weekday-hour" ("1-09": Mondays, 9:00 to 9:59), REASON Stripe's decline code and error
    code with a slash between, SETTLED the currency of the Stripe balance.
    """

    NOTHING = ""
    PRODUCT = "product"
    TAKEN_BY = "taken_by"
    BRAND = "brand"
    COUNTRY = "country"
    METHOD = "method"
    HOUR = "hour"
    REASON = "reason"
    SETTLED = "settled"


@dataclass(frozen=True)
class Totals:
    """Counts, and amounts in the minor unit of one currency.

    - `payments`, `volume_minor`: paid, by the day on which they were paid, and what was received
    - `tried`: payments for which a card was tried, by the day on which they were created; of
      these `accepted` with a card that was accepted, `declined` with one that was not, and
      `saved` with both, and more than one card
    - `attempts`, `attempts_accepted`: those that ended with a yes or a no, by their own day
    - `refunds`, `refunded_minor`, `disputes`, `disputed_minor`: by the refund's or dispute's day
    - `fee_minor`, `net_minor`: what Stripe kept of the payments of `payments` and what is left of
      them, refunds and disputes taken off; in the balance's currency, with SETTLED alone
    """

    payments: int = 0
    volume_minor: int = 0
    tried: int = 0
    accepted: int = 0
    declined: int = 0
    saved: int = 0
    attempts: int = 0
    attempts_accepted: int = 0
    refunds: int = 0
    refunded_minor: int = 0
    disputes: int = 0
    disputed_minor: int = 0
    fee_minor: int = 0
    net_minor: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        """Both together; of one currency."""
        return Totals(*(getattr(self, name) + getattr(other, name) for name in MEASURES))

    @property
    def average_minor(self) -> int | None:
        """The amount of a payment, rounded half up; None without any."""
        if not self.payments:
            return None
        return (2 * self.volume_minor + self.payments) // (2 * self.payments)

    @property
    def attempts_declined(self) -> int:
        """The attempts that ended with a no."""
        return self.attempts - self.attempts_accepted

    @property
    def payment_success(self) -> float | None:
        """The share of tried payments with a card that was accepted; None without any."""
        return share(self.accepted, self.tried)

    @property
    def attempt_success(self) -> float | None:
        """The share of attempts that were accepted; None without any."""
        return share(self.attempts_accepted, self.attempts)

    @property
    def refund_rate(self) -> float | None:
        """What was refunded, as a share of the volume of the same days; None without any."""
        return share(self.refunded_minor, self.volume_minor)

    @property
    def dispute_rate(self) -> float | None:
        """The disputes for each payment of the same days; None without any."""
        return share(self.disputes, self.payments)


MEASURES = tuple(one.name for one in fields(Totals))
SETTLED_MEASURES: Final = {
    "volume_minor": "settled_volume_minor",
    "refunded_minor": "settled_refunded_minor",
    "disputed_minor": "settled_disputed_minor",
}
"""Amounts of payments, refunds and disputes, and the same as the Stripe balance has them: what
their own balance transactions moved, in its currency."""
BY_SETTLEMENT: Final = frozenset(
    {"payments", "refunds", "disputes", "fee_minor", "net_minor", *SETTLED_MEASURES}
)
"""What counts by the currency in which it settled; the others count in any currency."""


def in_settlement_currency(totals: Totals, settled: Mapping[str, int]) -> Totals:
    """The totals of what settled in one currency, in that one; `settled` has its amounts."""
    return replace(totals, **{name: settled[stored] for name, stored in SETTLED_MEASURES.items()})


def settlement_alone(totals: Totals) -> Totals:
    """What counts of the totals by the currency in which it settled."""
    return Totals(**{name: getattr(totals, name) for name in BY_SETTLEMENT})


def without_settlement(totals: Totals) -> Totals:
    """What counts of the totals where they settled in another currency, or not yet."""
    return replace(totals, **dict.fromkeys(BY_SETTLEMENT, 0))


def share(part: int, whole: int) -> float | None:
    """The part of the whole, from 0 on; None of nothing."""
    return part / whole if whole else None
