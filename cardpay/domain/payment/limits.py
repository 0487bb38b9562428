"""How many payments, and how many declines in a row, are too many.

Two dangers are behind it: somebody who charges faster than a phone desk ever does, under a
name of ours; and card testing, where stolen cards are tried one after the other, or one card
again and again, until a bank says yes (Stripe docs: "Card testing").

What is counted are the desk's own attempts. A payment counts once its attempt took money, holds
it, or may yet do so. A decline is a bank's or Stripe's "no" to the card: not a request that
Stripe did not accept (the set-up is at fault), not a failed authentication (it says nothing
about the card), not trouble at the bank or at Stripe. A success ends a row of declines, and so
does time: only the last `decline_window` is looked at.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from cardpay.domain.errors import CardpayError
from cardpay.domain.payment.status import AttemptOutcome

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
ENDS_A_ROW: Final = frozenset({AttemptOutcome.AUTHORISED, AttemptOutcome.SUCCEEDED})
# Declined, but not for anything about the card (Stripe docs: "Decline codes").
NOT_ABOUT_THE_CARD: Final = frozenset(
    {"issuer_not_available", "processing_error", "reenter_transaction", "try_again_later"}
)


class Limit(StrEnum):
    """One limit, as the audit log names it."""

    PAYMENTS = "payments_per_hour"
    PAYMENTS_OF_PERSON = "payments_per_person_per_hour"
    DECLINES_OF_PERSON = "declines_per_person"
    DECLINES_OF_CARD = "declines_per_card"


@dataclass(frozen=True)
class Limits:
    """What is allowed; 0 means any number. `zone` is the one in which staff read times."""

    payments_per_hour: int = 0
    payments_per_person_per_hour: int = 0
    declines_per_person: int = 0
    declines_per_card: int = 0
    decline_window: timedelta = HOUR
    zone: tzinfo = field(default=UTC)

    def allowed(self, limit: Limit) -> int:
        """How many there may be; 0 for any number."""
        return {
            Limit.PAYMENTS: self.payments_per_hour,
            Limit.PAYMENTS_OF_PERSON: self.payments_per_person_per_hour,
            Limit.DECLINES_OF_PERSON: self.declines_per_person,
            Limit.DECLINES_OF_CARD: self.declines_per_card,
        }[limit]

    def window(self, limit: Limit) -> timedelta:
        """How far back is counted."""
        of_payments = {Limit.PAYMENTS, Limit.PAYMENTS_OF_PERSON}
        return HOUR if limit in of_payments else self.decline_window

    @property
    def are_off(self) -> bool:
        """Whether anything goes."""
        return not any(self.allowed(limit) for limit in Limit)


NO_LIMITS: Final = Limits()


@dataclass(frozen=True)
class Tally:
    """What was counted, up to the number allowed, and when the first of those came."""

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


def refusal(limits: Limits, limit: Limit, tally: Tally, now: datetime) -> LimitReached | None:
    """The refusal that a count calls for, if it does.

    It ends as soon as the oldest of those counted is older than the limit looks back.
    """
    allowed = limits.allowed(limit)
    if not allowed or tally.count < allowed or tally.oldest_at is None:
        return None
    until_at = tally.oldest_at + limits.window(limit)
    return LimitReached(limit, tally.count, until_at, _clock_time(limits.zone, until_at, now))


def _clock_time(zone: tzinfo, at: datetime, now: datetime) -> str:
    """ "14:32 (Europe/London)", never too early by the seconds that it leaves out."""
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
