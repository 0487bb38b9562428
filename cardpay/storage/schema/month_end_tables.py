"""What of a month was exported last, to tell what has changed since."""

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from cardpay.storage.schema import columns


class MonthEnd(SQLModel, table=True):
    """What the last month-end file had of a month that is over, in one currency of the balance.

    `month` is its first day as text, `zone` that of its business days. `transaction_digests` has
    8 bytes for each of its transactions, so that those that came in later can be named.
    """

    __tablename__ = "month_end"
    __table_args__ = (UniqueConstraint("stripe_account_id", "livemode", "month", "currency"),)

    id: int | None = columns.key()
    stripe_account_id: str
    livemode: bool
    month: str
    zone: str
    currency: str
    exported_at: datetime = columns.time()
    transactions: int
    opening_minor: int = columns.money()
    net_minor: int = columns.money()
    transaction_digests: bytes = Field(sa_type=LargeBinary)
