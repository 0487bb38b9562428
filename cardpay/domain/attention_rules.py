"""What a person has to do about a payment, and until when: answer a dispute, capture a hold."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.dispute import AWAITS_RESPONSE, DisputeStatus

RUNS_OUT_SOON: Final = timedelta(days=2)
"""How long before its end a hold needs attention: over a weekend, a working day is left."""


class Attention(StrEnum):
    """What a person has to do."""

    DISPUTE = "dispute"  # answer it
    HOLD = "hold"  # capture or cancel it


class DisputeOfPayment(Protocol):
    """What has to be known of a dispute to tell what it asks for."""

    @property
    def status(self) -> DisputeStatus | str | None:
        """Stripe's."""

    @property
    def evidence_due_at(self) -> datetime | None:
        """Until when Stripe takes an answer."""


def may_await_response(status: DisputeStatus | str | None) -> bool:
    """A status that this version does not know may await one: better a deadline too many."""
    return status in AWAITS_RESPONSE or not isinstance(status, DisputeStatus)


def attention(
    display: DisplayStatus,
    disputes: Iterable[DisputeOfPayment],
    capture_before_at: datetime | None,
) -> tuple[Attention | None, datetime | None]:
    """What a payment asks a person for, and until when; the time is None where nobody has said.

    `capture_before_at` is the end of the hold that its last attempt made.
    """
    if display is DisplayStatus.DISPUTED:
        waiting = [one for one in disputes if may_await_response(one.status)]
        due = [one.evidence_due_at for one in waiting if one.evidence_due_at is not None]
        return (Attention.DISPUTE if waiting else None), min(due, default=None)
    if display is DisplayStatus.AUTHORISED:
        return Attention.HOLD, capture_before_at
    return None, None


def runs_out_soon(capture_before_at: datetime | None, now: datetime) -> bool:
    """Whether a hold runs out soon, or has run out; not where nobody has said when."""
    return capture_before_at is not None and capture_before_at <= now + RUNS_OUT_SOON
