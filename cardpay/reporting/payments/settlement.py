"""What became of a payment's money after the charge: Stripe's fee, what is left, disputes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, union
from sqlmodel import Session, col

from cardpay.domain.money import Money
from cardpay.domain.payment.dispute import AWAITS_RESPONSE, DisputeStatus
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Refund,
)

# The words end "Disputed: …"; a warning is an inquiry, for which
# the bank has taken no money yet.
DISPUTE_WORDS: Final[dict[str, tuple[str, str]]] = {
    DisputeStatus.WARNING_NEEDS_RESPONSE: ("inquiry, needs response", "warning"),
    DisputeStatus.WARNING_UNDER_REVIEW: ("inquiry, under review", "warning"),
    DisputeStatus.WARNING_CLOSED: ("inquiry, closed", "neutral"),
    DisputeStatus.NEEDS_RESPONSE: ("needs response", "error"),
    DisputeStatus.UNDER_REVIEW: ("under review", "warning"),
    DisputeStatus.WON: ("won", "success"),
    DisputeStatus.LOST: ("lost", "error"),
    DisputeStatus.PREVENTED: ("prevented", "neutral"),
}


@dataclass(frozen=True)
class Settlement:
    """What the payment did to the Stripe balance so far, in one currency of that balance.

    Charge, refunds and disputes together: `fee` is what Stripe kept, `net` what is left.
    """

    fee: Money
    net: Money


@dataclass(frozen=True)
class DisputeFacts:
    """A cardholder's objection. `reply_due_at` is there while Stripe waits for a reply."""

    amount: Money
    words: str
    tone: str
    reason: str | None
    dispute_id: str
    created_at: datetime
    reply_due_at: datetime | None


def settlements(session: Session, payment: Payment) -> tuple[Settlement, ...]:
    """One for each currency of the balance; empty until Stripe has told the fee."""
    sources = union(
        *(
            select(column).where(owner == payment.id)
            for column, owner in (
                (col(PaymentAttempt.stripe_charge_id), col(PaymentAttempt.payment_id)),
                (col(Refund.stripe_refund_id), col(Refund.payment_id)),
                (col(Dispute.stripe_dispute_id), col(Dispute.payment_id)),
            )
        )
    )
    sums = session.execute(
        select(
            col(BalanceTransaction.currency),
            func.sum(col(BalanceTransaction.fee_minor)),
            func.sum(col(BalanceTransaction.net_minor)),
        )
        .where(
            col(BalanceTransaction.stripe_source_id).in_(sources),
            col(BalanceTransaction.stripe_account_id) == payment.stripe_account_id,
            col(BalanceTransaction.livemode) == payment.livemode,
        )
        .group_by(col(BalanceTransaction.currency))
        .order_by(col(BalanceTransaction.currency))
    )
    return tuple(
        Settlement(Money(int(fee), currency), Money(int(net), currency))
        for currency, fee, net in sums
    )


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
            reply_due_at=row.evidence_due_at if row.status in AWAITS_RESPONSE else None,
        )
