"""The catalogue, as rows."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from cardpay.storage.schema.tables import Product


def locked(session: Session, product_id: str) -> Product | None:
    """The product, and nobody else may change it until this transaction ends."""
    return session.exec(
        select(Product).where(Product.id == product_id).with_for_update()
    ).one_or_none()


def every(session: Session) -> Sequence[Product]:
    """All that is or was on sale, in the catalogue's order."""
    return session.exec(select(Product).order_by(col(Product.position), col(Product.id))).all()


def id_of_name(session: Session, name_key: str) -> str | None:
    """The product of this name."""
    return session.exec(select(Product.id).where(Product.name_key == name_key)).one_or_none()


def next_position(session: Session) -> int:
    """Behind all others."""
    return int(session.exec(select(func.coalesce(func.max(Product.position), -1))).one()) + 1
