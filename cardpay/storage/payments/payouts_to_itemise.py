"""Payouts as rows: which still have to be itemised."""

from collections.abc import Collection

from sqlmodel import Session, col, select, update

from cardpay.storage.schema.tables import Payout

Account = tuple[str, bool]  # its id, and livemode
COMPLETED = "completed"


def to_itemise(
    session: Session, account: Account, among: Collection[str] | None = None
) -> list[str]:
    """Stripe's ids of the payouts that can be itemised and are not yet, oldest first.

    `among` limits them to some.
    """
    if among is not None and not among:
        return []
    asked = (
        select(Payout.stripe_payout_id)
        .where(
            Payout.stripe_account_id == account[0],
            Payout.livemode == account[1],
            col(Payout.is_itemised).is_(False),
            col(Payout.is_automatic),
            Payout.reconciliation_status == COMPLETED,
        )
        .order_by(col(Payout.created_at))
    )
    if among is not None:
        asked = asked.where(col(Payout.stripe_payout_id).in_(among))
    return list(session.exec(asked))


def mark_itemised(session: Session, account: Account, payout_id: str) -> None:
    """All of the payout's transactions are stored."""
    session.execute(
        update(Payout)
        .where(
            col(Payout.stripe_account_id) == account[0],
            col(Payout.livemode) == account[1],
            col(Payout.stripe_payout_id) == payout_id,
        )
        .values(is_itemised=True)
    )
