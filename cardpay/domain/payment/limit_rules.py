"""The limits on payments and on declines in a row: what counts, and when one is reached.

They are there against two kinds of misuse: somebody who signs in as a member of staff and
charges faster than a phone desk ever does; and card testing, where stolen cards are tried until
a bank accepts one (Stripe docs: "Card testing").

Only the desk's own attempts count. A payment counts if its attempt took money, holds it, or may
still do so. A decline counts if the bank or Stripe refused the card: not a request that Stripe
did not accept (the configuration is at fault), not a failed authentication (it says nothing
about the card), not a failure at the bank or at Stripe. A success resets the count of declines,
and only declines within the last `decline_window` count.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from cardpay.domain.errors import CardpayError
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.declines import NOT_ABOUT_THE_CARD

HOUR: Final = timedelta(hours=1)

COUNTED_AS_PAYMENT: Final = frozenset(
    {
        AttemptOutcome.PENDING,
        AttemptOutcome.REQUIRES_ACTION,
        AttemptOutcome.PROCESSING,
        AttemptOutcome.AUTHORISED,
        AttemptOutcome.SUCCEEDED,
    }
)
# Failed authentications and refused requests have outcomes of their own.
COUNTED_AS_DECLINE: Final = frozenset({AttemptOutcome.DECLINED})
# Declines with these codes do not count.
NO_DECLINE_CODES: Final = NOT_ABOUT_THE_CARD
RESETS_DECLINES: Final = frozenset({AttemptOutcome.AUTHORISED, AttemptOutcome.SUCCEEDED})

# What holds where no setting says otherwise.
PAYMENTS_PER_HOUR: Final = 1_000
# A payment each half a minute for a whole hour: no caller is that quick.
PAYMENTS_PER_PERSON_PER_HOUR: Final = 120
# Callers do have bad days, but not so many one after the other.
DECLINES_PER_PERSON: Final = 20
DECLINES_PER_CARD: Final = 15


class Limit(StrEnum):
    """One limit, as the audit log names it."""

    PAYMENTS = "payments_per_hour"
    PAYMENTS_OF_PERSON = "payments_per_person_per_hour"
    DECLINES_OF_PERSON = "declines_per_person"
    DECLINES_OF_CARD = "declines_per_card"

    @property
    def counts_payments(self) -> bool:
        """Whether it counts payments, not declines."""
        return self in {Limit.PAYMENTS, Limit.PAYMENTS_OF_PERSON}


@dataclass(frozen=True)
class Limits:
    """How many are allowed; 0 switches a limit off. Staff read times in `zone`."""

    payments_per_hour: int = 0
    payments_per_person_per_hour: int = 0
    declines_per_person: int = 0
    declines_per_card: int = 0
    decline_window: timedelta = HOUR
    zone: tzinfo = field(default=UTC)

    def allowed(self, limit: Limit) -> int:
        """How many are allowed; 0 if the limit is off."""
        return {
            Limit.PAYMENTS: self.payments_per_hour,
            Limit.PAYMENTS_OF_PERSON: self.payments_per_person_per_hour,
            Limit.DECLINES_OF_PERSON: self.declines_per_person,
            Limit.DECLINES_OF_CARD: self.declines_per_card,
        }[limit]

    def window(self, limit: Limit) -> timedelta:
        """The time over which a limit counts."""
        return HOUR if limit.counts_payments else self.decline_window

    @property
    def are_off(self) -> bool:
        """Whether no limit is set."""
        return not any(self.allowed(limit) for limit in Limit)


NO_LIMITS: Final = Limits()


@dataclass(frozen=True)
class Tally:
    """How many were counted, at most the number allowed, and when the oldest of them was."""

    count: int
    oldest_at: datetime | None


class LimitReached(CardpayError):
    """Too many payments or declines. `until_at` is when payments are taken again."""

    def __init__(self, limit: Limit, count: int, until_at: datetime, when: str) -> None:
        self.limit = limit
        self.count = count
        self.until_at = until_at
        noun, what, do_next = _WORDS[limit]
        counted = f"{count:,} {noun}{'' if count == 1 else 's'}"
        super().__init__(what.format(counted), do_next.format(when))


def limit_reached(
    limits: Limits, limit: Limit, tally: Tally, now: datetime
) -> LimitReached | None:
    """The error to raise if the limit is reached; None if it is not.

    It is lifted as soon as the oldest of those counted is outside the limit's window.
    """
    allowed = limits.allowed(limit)
    if not allowed or tally.count < allowed or tally.oldest_at is None:
        return None
    until_at = tally.oldest_at + limits.window(limit)
    return LimitReached(limit, tally.count, until_at, _clock_time(limits.zone, until_at, now))


def _clock_time(zone: tzinfo, at: datetime, now: datetime) -> str:
    """The time as "14:32 (Europe/London)", rounded up to the minute so as not to be too early."""
    shown = (at + timedelta(seconds=59)).astimezone(zone)
    day = "" if shown.date() == now.astimezone(zone).date() else f" on {shown.day} {shown:%B}"
    return f"{shown:%H:%M}{day} ({zone})"


_ASK: Final = "You can take payments again from {}. If you can't wait, ask an administrator."
_WORDS: Final[dict[Limit, tuple[str, str, str]]] = {
    Limit.PAYMENTS: (
        "payment",
        "The desk has reached its limit: {} in the last hour.",
        _ASK,
    ),
    Limit.PAYMENTS_OF_PERSON: (
        "payment",
        "You've reached your limit: {} in the last hour.",
        _ASK,
    ),
    Limit.DECLINES_OF_PERSON: (
        "decline",
        "You've reached your limit: {} in a row.",
        _ASK,
    ),
    Limit.DECLINES_OF_CARD: (
        "decline",
        "This card has reached its limit: {} in a row.",
        "Ask for another card. You can try this one again from {}.",
    ),
}
