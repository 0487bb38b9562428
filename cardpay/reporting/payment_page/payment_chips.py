"""All that is the matter with a payment, as chips: status, refunds, disputes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cardpay.domain.payment.display_status import DISPLAY_TONES, DisplayStatus
from cardpay.reporting.payment_page.payment_details import PaymentDetails


@dataclass(frozen=True)
class Chip:
    """One word or two, with its tone; `until_at` is by when somebody has to act."""

    words: str
    tone: str
    until_at: datetime | None = None


_REFUNDED = frozenset({DisplayStatus.REFUNDED, DisplayStatus.PARTIALLY_REFUNDED})


def payment_chips(payment: PaymentDetails) -> Iterator[Chip]:
    """The most urgent first: the status; then refunds and disputes that it doesn't tell of."""
    until_at = payment.allowed_actions.capture_before_at
    if payment.display is DisplayStatus.DISPUTED:
        due = [dispute.reply_due_at for dispute in payment.disputes if dispute.reply_due_at]
        until_at = min(due, default=None)
    yield Chip(payment.status_words, DISPLAY_TONES[payment.display], until_at)
    if payment.refunded.amount_minor and payment.display not in _REFUNDED:
        left = payment.received.amount_minor - payment.refunded.amount_minor
        word = DisplayStatus.PARTIALLY_REFUNDED if left > 0 else DisplayStatus.REFUNDED
        yield Chip(word.value, DISPLAY_TONES[word])
    for dispute in payment.disputes:
        if f"Dispute {dispute.words}" != payment.status_words and dispute.reply_due_at is None:
            yield Chip(f"Dispute {dispute.words}", dispute.tone)
