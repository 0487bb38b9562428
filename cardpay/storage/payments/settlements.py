"""Which balance transactions are not stored yet."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from cardpay.storage.schema.tables import BalanceTransaction


def unknown_sources(
    session: Session, stripe_account_id: str, livemode: bool, ids: Iterable[str]
) -> list[str]:
    """Those of these objects that no stored balance transaction comes from, in their order."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    known = set(
        session.exec(
            select(BalanceTransaction.stripe_source_id).where(
                BalanceTransaction.stripe_account_id == stripe_account_id,
                BalanceTransaction.livemode == livemode,
                col(BalanceTransaction.stripe_source_id).in_(wanted),
            )
        )
    )
    return [one for one in wanted if one not in known]


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
