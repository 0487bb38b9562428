"""All that is the matter with a payment, as chips: status, refunds, disputes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cardpay.domain.payment.display_status import DISPLAY_TONES, DisplayStatus
from cardpay.reporting.payments.payment_details import PaymentDetails


@dataclass(frozen=True)
class Chip:
    """One word or two, with its tone; `until_at` is by when somebody has to act."""

    words: str
    tone: str
    until_at: datetime | None = None


def payment_chips(payment: PaymentDetails) -> Iterator[Chip]:
    """The most urgent first."""
    for dispute in payment.disputes:
        yield Chip(f"Disputed: {dispute.words}", dispute.tone, dispute.reply_due_at)
    until_at = None
    if payment.display is DisplayStatus.AUTHORISED:
        until_at = payment.allowed_actions.capture_before_at
    yield Chip(payment.status_words, DISPLAY_TONES[payment.display], until_at)
    if payment.refunded.amount_minor:
        left = payment.received.amount_minor - payment.refunded.amount_minor
        yield Chip("Partially refunded" if left > 0 else "Refunded", "neutral")
