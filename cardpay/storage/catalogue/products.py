"""The catalogue's products as rows."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from cardpay.storage.schema.tables import Product


def by_id(session: Session, product_id: str) -> Product | None:
    """The product; None if there is none."""
    return session.get(Product, product_id)


def locked(session: Session, product_id: str) -> Product | None:
    """The product, locked until this transaction ends; None if there is none."""
    return session.exec(
        select(Product).where(Product.id == product_id).with_for_update()
    ).one_or_none()


def active(session: Session) -> Sequence[Product]:
    """The products on sale, in the catalogue's order."""
    return session.exec(
        select(Product).where(Product.active).order_by(col(Product.position), col(Product.id))
    ).all()


def every(session: Session) -> Sequence[Product]:
    """All products, on sale or archived, in the catalogue's order."""
    return session.exec(select(Product).order_by(col(Product.position), col(Product.id))).all()


def id_of_name(session: Session, name_key: str) -> str | None:
    """The id of the product with this name; None if there is none."""
    return session.exec(select(Product.id).where(Product.name_key == name_key)).one_or_none()


def next_position(session: Session) -> int:
    """The position behind all other products."""
    return int(session.exec(select(func.coalesce(func.max(Product.position), -1))).one()) + 1
