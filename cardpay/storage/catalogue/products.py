"""The catalogue's products as rows."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from cardpay.domain import product_rules
from cardpay.domain.product_rules import CatalogueItem
from cardpay.storage.schema.tables import Product


def item(session: Session, product_id: str) -> CatalogueItem | None:
    """The product as it is sold; None if there is none."""
    row = session.get(Product, product_id)
    return None if row is None else item_of(row)


def item_of(row: Product) -> CatalogueItem:
    """The row as the domain's value."""
    product = product_rules.Product(row.id, row.name, row.unit_amount_minor, row.currency)
    return CatalogueItem(product, row.active)


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
