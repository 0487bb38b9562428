"""How many reads of Stripe were made, one row a month."""

from sqlalchemy import update
from sqlmodel import Session, col

from cardpay.storage.database.inserts import insert, is_postgresql
from cardpay.storage.schema.tables import StripeReads


def add(session: Session, account: tuple[str, bool], month: str, reads: int) -> None:
    """Add to a month's count. `account` is the account's id and livemode."""
    stripe_account_id, livemode = account
    first = insert(StripeReads, on_postgresql=is_postgresql(session)).values(
        stripe_account_id=stripe_account_id, livemode=livemode, month=month, reads=0
    )
    session.execute(first.on_conflict_do_nothing())
    session.execute(
        update(StripeReads)
        .where(
            col(StripeReads.stripe_account_id) == stripe_account_id,
            col(StripeReads.livemode) == livemode,
            col(StripeReads.month) == month,
        )
        .values(reads=col(StripeReads.reads) + reads)
    )


def counted(session: Session, account: tuple[str, bool], month: str) -> int:
    """The month's count so far."""
    row = session.get(StripeReads, (*account, month))
    return row.reads if row else 0
