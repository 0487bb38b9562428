"""The disputes of a payment, in words for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from cardpay.domain.attention_rules import may_await_response
from cardpay.domain.money import Money
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.storage.schema.tables import Dispute, Payment

# The words end "Disputed: …". A warning is an inquiry, for which the bank has taken no money yet.
DISPUTE_WORDS: Final[dict[str, tuple[str, str]]] = {
    DisputeStatus.WARNING_NEEDS_RESPONSE: ("inquiry, needs response", "warning"),
    DisputeStatus.WARNING_UNDER_REVIEW: ("inquiry, under review", "warning"),
    DisputeStatus.WARNING_CLOSED: ("inquiry, closed", "neutral"),
    DisputeStatus.NEEDS_RESPONSE: ("needs response", "error"),
    DisputeStatus.UNDER_REVIEW: ("under review", "warning"),
    DisputeStatus.WON: ("won", "success"),
    DisputeStatus.LOST: ("lost", "error"),
    DisputeStatus.PREVENTED: ("prevented", "neutral"),
    DisputeStatus.APPEAL_NEEDS_RESPONSE: ("appeal, needs response", "error"),
    DisputeStatus.APPEAL_UNDER_REVIEW: ("appeal, under review", "warning"),
}


@dataclass(frozen=True)
class DisputeFacts:
    """A dispute. `reply_due_at` is set while Stripe waits for a reply, as far as is known here."""

    amount: Money
    words: str
    tone: str
    reason: str | None
    dispute_id: str
    created_at: datetime
    reply_due_at: datetime | None


def disputes(session: Session, payment: Payment) -> Iterator[DisputeFacts]:
    """Every dispute of the payment, oldest first."""
    rows = session.scalars(
        select(Dispute)
        .where(col(Dispute.payment_id) == payment.id)
        .order_by(col(Dispute.created_at), col(Dispute.id))
    )
    for row in rows:
        words, tone = DISPUTE_WORDS.get(row.status, (row.status, "warning"))
        yield DisputeFacts(
            amount=Money(row.amount_minor, row.currency),
            words=words,
            tone=tone,
            reason=row.reason,
            dispute_id=row.stripe_dispute_id,
            created_at=row.created_at,
            reply_due_at=row.evidence_due_at if may_await_response(row.status) else None,
        )
