"""A payment's refunds, newest first, with who asked for them and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from cardpay.domain.money import Money
from cardpay.domain.payment.refund import RefundStatus, is_release
from cardpay.reporting.payments.method_words import in_plain_words
from cardpay.reporting.staff_names import names
from cardpay.storage.schema.tables import Operation, Payment, Refund

REFUND_REASON_WORDS: Final = {
    "requested_by_customer": "Requested by customer",
    "duplicate": "Duplicate",
    "fraudulent": "Fraudulent",
}
_STATUS: Final[dict[str, tuple[str, str]]] = {
    RefundStatus.PENDING: ("Pending", "info"),
    RefundStatus.REQUIRES_ACTION: ("Needs action", "warning"),
    RefundStatus.SUCCEEDED: ("Succeeded", "success"),
    RefundStatus.FAILED: ("Failed", "error"),
    RefundStatus.CANCELED: ("Cancelled", "neutral"),
}
OUTSIDE: Final = "Outside this desk"
"""In place of who did it, where that was not done here."""


@dataclass(frozen=True)
class RefundRow:
    """One refund. `tone` is that of the status; `problem` is Stripe's reason for a failure."""

    at: datetime
    amount: Money
    reason: str
    status: str
    tone: str
    requested_by: str
    problem: str


def refund_rows(session: Session, payment: Payment) -> tuple[RefundRow, ...]:
    """Every refund of the payment, those that were only asked for included."""
    rows = session.execute(
        select(Refund, col(Operation.actor_id))
        .outerjoin(Operation, col(Operation.id) == col(Refund.operation_id))
        .where(Refund.payment_id == payment.id)
        .order_by(col(Refund.created_at).desc(), col(Refund.id).desc())
    ).all()
    people = names(session, {actor_id for _, actor_id in rows if actor_id})
    found = []
    for row, actor_id in rows:
        if is_release(row, payment.amount_minor, payment.amount_received_minor):
            continue
        status, tone = refund_words(row.status)
        found.append(
            RefundRow(
                at=row.created_at,
                amount=Money(row.amount_minor, row.currency),
                reason=refund_reason_words(row.reason),
                status=status,
                tone=tone,
                requested_by=people[actor_id] if actor_id else OUTSIDE,
                problem=in_plain_words(row.failure_reason or ""),
            )
        )
    return tuple(found)


def refund_reason_words(reason: str | None) -> str:
    """Stripe's reason for a refund in words; empty for none."""
    return REFUND_REASON_WORDS.get(reason or "") or in_plain_words(reason or "")


def refund_words(status: RefundStatus | str | None) -> tuple[str, str]:
    """A refund's status in words, with its tone."""
    if status is None:
        return "Checking with Stripe", "warning"
    return _STATUS.get(status) or (in_plain_words(status), "warning")
