"""The numbers that the desk gives to orders: one row a prefix, which is locked while it counts."""

from sqlmodel import Session, select

from cardpay.storage.database.inserts import insert_if_absent
from cardpay.storage.schema.tables import OrderNumber


def last_number(session: Session, prefix: str) -> int:
    """The last number that was given under a prefix; 0 before the first."""
    found = session.get(OrderNumber, prefix)
    return found.last if found is not None else 0


def locked_counter(session: Session, prefix: str) -> OrderNumber:
    """The counter of a prefix, locked until this transaction ends; made if there is none."""
    insert_if_absent(session, OrderNumber(prefix=prefix, last=0))
    return session.exec(
        select(OrderNumber).where(OrderNumber.prefix == prefix).with_for_update()
    ).one()
