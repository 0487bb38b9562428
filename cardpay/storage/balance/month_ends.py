"""Keeping what the last month-end file of a month had, and finding it again."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from sqlalchemy import delete, select
from sqlmodel import Session, col

from cardpay.storage.schema.tables import MonthEnd

DIGEST_BYTES: Final = 8
"""Of a million transactions, two have the same digest with a chance of one in 40 million."""


def digest(transaction_id: str) -> bytes:
    """The digest of a balance transaction's id."""
    return blake2b(transaction_id.encode(), digest_size=DIGEST_BYTES).digest()


def keep(session: Session, month: str, exported: Sequence[MonthEnd]) -> None:
    """Keep what was exported of a month in each currency, in place of what was before."""
    session.execute(delete(MonthEnd).where(col(MonthEnd.month) == month))
    session.add_all(exported)


def kept(session: Session, month: str, zone: str) -> dict[str, MonthEnd]:
    """What was exported of a month last, by currency.

    Nothing if its business days were those of another time zone.
    """
    query = select(MonthEnd).where(col(MonthEnd.month) == month, col(MonthEnd.zone) == zone)
    return {one.currency: one for one in session.execute(query).scalars()}
