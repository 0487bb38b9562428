"""Disputes and balance transactions as rows."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from cardpay.storage.schema.tables import BalanceTransaction, Dispute


def dispute(
    session: Session, stripe_account_id: str, livemode: bool, dispute_id: str
) -> Dispute | None:
    """The dispute with this id of Stripe's; None if there is none."""
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
    """The balance transaction with this id of Stripe's; None if there is none."""
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
    """Those of `ids` that are not stored, in their order."""
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
