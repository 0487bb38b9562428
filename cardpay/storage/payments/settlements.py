"""Finding refunds, disputes and balance transactions."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, func, select

from cardpay.domain.payment.refund import FINAL_REFUND_STATUSES
from cardpay.storage.schema.tables import BalanceTransaction, Dispute, Refund

# How a balance transaction ends up.
AVAILABLE = "available"


def refund(
    session: Session, stripe_account_id: str, livemode: bool, refund_id: str
) -> Refund | None:
    """The refund with Stripe's id."""
    return session.exec(
        select(Refund).where(
            Refund.stripe_account_id == stripe_account_id,
            Refund.livemode == livemode,
            Refund.stripe_refund_id == refund_id,
        )
    ).one_or_none()


def refunds(session: Session, payment_id: str) -> Sequence[Refund]:
    """All refunds of a payment, oldest first."""
    return session.exec(
        select(Refund)
        .where(Refund.payment_id == payment_id)
        .order_by(col(Refund.created_at), col(Refund.id))
    ).all()


def refunded_minor(session: Session, payment_id: str) -> int:
    """What Stripe is giving back or has given back, in the payment's minor unit."""
    total = session.exec(
        select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
            Refund.payment_id == payment_id,
            col(Refund.status).is_not(None),
            col(Refund.status).not_in(FINAL_REFUND_STATUSES),
        )
    ).one()
    return int(total)


def dispute(
    session: Session, stripe_account_id: str, livemode: bool, dispute_id: str
) -> Dispute | None:
    """The dispute with Stripe's id."""
    return session.exec(
        select(Dispute).where(
            Dispute.stripe_account_id == stripe_account_id,
            Dispute.livemode == livemode,
            Dispute.stripe_dispute_id == dispute_id,
        )
    ).one_or_none()


def balance_transaction(
    session: Session, stripe_account_id: str, livemode: bool, balance_transaction_id: str
) -> BalanceTransaction | None:
    """The balance transaction with Stripe's id."""
    return session.exec(
        select(BalanceTransaction).where(
            BalanceTransaction.stripe_account_id == stripe_account_id,
            BalanceTransaction.livemode == livemode,
            BalanceTransaction.stripe_balance_transaction_id == balance_transaction_id,
        )
    ).one_or_none()


def unknown_balance_transactions(
    session: Session, stripe_account_id: str, livemode: bool, ids: Iterable[str]
) -> list[str]:
    """Those of `ids` that no row has, in their order."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    known = set(
        session.exec(
            select(BalanceTransaction.stripe_balance_transaction_id).where(
                BalanceTransaction.stripe_account_id == stripe_account_id,
                BalanceTransaction.livemode == livemode,
                col(BalanceTransaction.stripe_balance_transaction_id).in_(wanted),
            )
        )
    )
    return [one for one in wanted if one not in known]
