"""The desk itself: whose books it holds, and what it sells."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from cardpay.storage.schema import columns


class Desk(SQLModel, table=True):
    """Which account's books these are: one row, written at first use and never changed."""

    __tablename__ = "desk"

    id: int = Field(default=1, primary_key=True)
    mode: str
    stripe_account_id: str
    livemode: bool
    created_at: datetime = columns.time()


class OrderNumber(SQLModel, table=True):
    """The last order number that the desk gave under a prefix; numbers only grow."""

    __tablename__ = "order_number"

    prefix: str = Field(primary_key=True)
    last: int = columns.money()


class Product(SQLModel, table=True):
    """What the desk sells. `name_key`, unique, is the name without differences of spelling."""

    __tablename__ = "product"
    __table_args__ = (Index("uq_product_name_key", "name_key", unique=True),)

    id: str = Field(primary_key=True)
    name: str
    name_key: str | None = None
    unit_amount_minor: int = columns.money()
    currency: str
    active: bool = True
    position: int = 0
    created_at: datetime = columns.time()
