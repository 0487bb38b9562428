"""Which balance transactions are not stored yet."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from cardpay.storage.schema.tables import BalanceTransaction


def unknown_sources(
    session: Session,
    stripe_account_id: str,
    livemode: bool,
    wanted: Iterable[tuple[str, str | None]],
) -> list[tuple[str, str | None]]:
    """Those of these sources that no stored balance transaction comes from, in their order.

    With a reporting category, only a transaction of that category counts.
    """
    asked = list(dict.fromkeys(wanted))
    if not asked:
        return []
    found = session.exec(
        select(BalanceTransaction.stripe_source_id, BalanceTransaction.reporting_category).where(
            BalanceTransaction.stripe_account_id == stripe_account_id,
            BalanceTransaction.livemode == livemode,
            col(BalanceTransaction.stripe_source_id).in_([source for source, _ in asked]),
        )
    )
    known = {
        (source, kind)
        for stored, category in found
        for source, kind in ((stored, category), (stored, None))
    }
    return [one for one in asked if one not in known]


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
