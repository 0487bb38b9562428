"""The refunds and disputes of a payment, in words for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from cardpay.domain.attention_rules import may_await_response
from cardpay.domain.money import Money
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.refund import RefundStatus, is_release
from cardpay.reporting.payments.method_words import in_plain_words
from cardpay.reporting.staff_names import names
from cardpay.storage.schema.tables import Dispute, Operation, Payment, Refund

_REFUND_WORDS: Final[dict[str | None, tuple[str, str]]] = {
    None: ("Checking with Stripe", "warning"),
    RefundStatus.PENDING: ("Pending", "info"),
    RefundStatus.REQUIRES_ACTION: ("Needs action", "warning"),
    RefundStatus.SUCCEEDED: ("Succeeded", "success"),
    RefundStatus.FAILED: ("Failed", "error"),
    RefundStatus.CANCELED: ("Cancelled", "neutral"),
}

OUTSIDE: Final = "Outside this desk"
"""In place of who did it, where that was not done here."""

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
class RefundFacts:
    """One refund. `tone` is that of the status; `problem` is Stripe's reason for a failure.

    `requested_by` is the name of who asked for it, None if that was outside this desk. It
    `is_release` if it only gave back what was held. `stripe_refund_id` is None until Stripe has
    made it.
    """

    refund_id: str
    stripe_refund_id: str | None
    at: datetime
    amount: Money
    reason: str
    status: str
    tone: str
    requested_by: str | None
    problem: str
    is_release: bool


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


def refunds(session: Session, payment: Payment) -> tuple[RefundFacts, ...]:
    """Every refund of the payment, newest first, those that were only asked for included."""
    rows = session.execute(
        select(Refund, col(Operation.actor_id))
        .outerjoin(Operation, col(Operation.id) == col(Refund.operation_id))
        .where(Refund.payment_id == payment.id)
        .order_by(col(Refund.created_at).desc(), col(Refund.id).desc())
    ).all()
    people = names(session, {actor_id for _, actor_id in rows if actor_id})
    found = []
    for row, actor_id in rows:
        words = refund_words(row.status)
        found.append(
            RefundFacts(
                refund_id=row.id,
                stripe_refund_id=row.stripe_refund_id,
                at=row.created_at,
                amount=Money(row.amount_minor, row.currency),
                reason=refund_reason_words(row.reason),
                status=words[0],
                tone=words[1],
                requested_by=people[actor_id] if actor_id else None,
                problem=in_plain_words(row.failure_reason or ""),
                is_release=is_release(row, payment.amount_minor, payment.amount_received_minor),
            )
        )
    return tuple(found)


def refund_words(status: RefundStatus | str | None) -> tuple[str, str]:
    """A refund's status in words, with its tone."""
    return _REFUND_WORDS.get(status) or (in_plain_words(status or ""), "warning")


def refund_reason_words(reason: str | None) -> str:
    """Stripe's reason for a refund in words; empty for none."""
    return in_plain_words(reason or "")


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
