"""Totals of business days, which days they are kept for, and when the books changed.

All three can be emptied at any time: what is not kept is computed from the books.
"""

from datetime import date

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from cardpay.storage.schema import columns


class DayTotal(SQLModel, table=True):
    """The totals of a business day and currency, for each `value` of what they are `split` by.

    What each counts, and what they are split by, says `cardpay.domain.payment.totals`.
    `settled_in` is the currency of the balance transactions of what is counted, empty where none
    is known; the amounts whose names begin with `settled` are in it.
    """

    __tablename__ = "day_total"

    split: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    settled_in: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    payments: int = columns.money()
    volume_minor: int = columns.money()
    tried: int = columns.money()
    accepted: int = columns.money()
    declined: int = columns.money()
    saved: int = columns.money()
    attempts: int = columns.money()
    attempts_accepted: int = columns.money()
    refunds: int = columns.money()
    refunded_minor: int = columns.money()
    disputes: int = columns.money()
    disputed_minor: int = columns.money()
    fee_minor: int = columns.money()
    net_minor: int = columns.money()
    settled_volume_minor: int = columns.money()
    settled_refunded_minor: int = columns.money()
    settled_disputed_minor: int = columns.money()


class TotalledDay(SQLModel, table=True):
    """A day whose totals are kept, and in which time zone it is a day."""

    __tablename__ = "totalled_day"

    day: date = Field(primary_key=True)
    zone: str


class ChangedQuarter(SQLModel, table=True):
    """A quarter of an hour since 1970 in which something happened that was written later.

    Triggers add a row with each write to the books, in its transaction; equal ones may be many, so
    that nobody waits for another's. The totals of the quarter's day count only without any.
    """

    __tablename__ = "changed_quarter"
    __table_args__ = (Index("ix_changed_quarter_quarter", "quarter"),)

    id: int | None = columns.key()
    quarter: int = Field(sa_type=BigInteger)
