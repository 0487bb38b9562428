"""Products: adding, changing, archiving and restoring them.

A payment keeps the name and the price it was created with. A change says which product it was
made from (`seen`), and is refused if somebody else has changed that product since.
"""

from collections.abc import Sequence
from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.errors import InvalidInput
from cardpay.domain.money_format import format_money
from cardpay.domain.product_rules import (
    CatalogueItem,
    Product,
    ProductChanged,
    ProductNotFound,
    TypedProduct,
    name_key,
)
from cardpay.services.audit.record_act import Value, record
from cardpay.services.desk import Desk
from cardpay.storage.catalogue import products
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.schema.tables import Product as ProductRow

# Products to try the desk with, in each kind of currency: two decimals, none, three.
EXAMPLES = (
    Product("consultation", "Consultation, one hour", 12_000, "gbp"),
    Product("site-visit", "Site visit", 24_500, "gbp"),
    Product("spare-part-kit", "Spare part kit", 3_995, "gbp"),
    Product("support-plan-month", "Support plan, one month", 4_900, "eur"),
    Product("licence-year", "Licence, one year", 69_900, "usd"),
    Product("workshop-seat", "Workshop seat, Tokyo", 18_000, "jpy"),
    Product("inspection", "Inspection, Kuwait", 45_500, "kwd"),
)


def products_on_sale(desk: Desk) -> tuple[Product, ...]:
    """The products on sale, in the catalogue's order."""
    with desk.store.reading() as session:
        return tuple(products.item_of(row).product for row in products.active(session))


def catalogue(desk: Desk, actor: Actor) -> tuple[CatalogueItem, ...]:
    """All products, on sale or not, in the catalogue's order. Raises NotAllowed."""
    actor.require(Permission.MANAGE_CATALOGUE)
    with desk.store.reading() as session:
        return tuple(products.item_of(row) for row in products.every(session))


def add_product(desk: Desk, actor: Actor, product_id: str, typed: TypedProduct) -> CatalogueItem:
    """Put a product on sale under an id that never changes. The same call again adds nothing.

    Errors: NotAllowed, InvalidInput, CardDataRefused; ProductChanged if the id is taken.
    """
    actor.require(Permission.MANAGE_CATALOGUE)
    refuse_card_data_as_id("Product", product_id)
    wanted = CatalogueItem(typed.checked(product_id), on_sale=True)
    try:
        with desk.store.transaction() as session:
            row = products.locked(session, product_id)
            if row is None:
                row = ProductRow(
                    id=product_id,
                    name="",
                    currency="",
                    position=products.next_position(session),
                    created_at=desk.now(),
                )
                _set(session, desk, actor, row, wanted, ("catalogue.add", None))
    except Duplicate:
        return _added_by_another_click(desk, wanted)
    return _same(row, wanted)


def change_product(
    desk: Desk, actor: Actor, seen: CatalogueItem, typed: TypedProduct
) -> CatalogueItem:
    """Change the name or the price of a product.

    Errors: NotAllowed, InvalidInput, CardDataRefused, ProductChanged, ProductNotFound.
    """
    actor.require(Permission.MANAGE_CATALOGUE)
    product = typed.checked(seen.product.product_id)
    return _change(desk, actor, seen, CatalogueItem(product, seen.on_sale), "catalogue.change")


def withdraw_product(desk: Desk, actor: Actor, seen: CatalogueItem) -> CatalogueItem:
    """Take a product off sale. Raises NotAllowed, ProductChanged, ProductNotFound."""
    actor.require(Permission.MANAGE_CATALOGUE)
    wanted = CatalogueItem(seen.product, on_sale=False)
    return _change(desk, actor, seen, wanted, "catalogue.withdraw")


def restore_product(desk: Desk, actor: Actor, seen: CatalogueItem) -> CatalogueItem:
    """Put a product back on sale. Raises NotAllowed, ProductChanged, ProductNotFound."""
    actor.require(Permission.MANAGE_CATALOGUE)
    wanted = CatalogueItem(seen.product, on_sale=True)
    return _change(desk, actor, seen, wanted, "catalogue.restore")


def add_examples(session: Session, now: datetime, examples: Sequence[Product] = EXAMPLES) -> None:
    """Add products to a new catalogue, in demo and test mode."""
    for position, product in enumerate(examples):
        session.add(
            ProductRow(
                id=product.product_id,
                name=product.name,
                name_key=name_key(product.name),
                unit_amount_minor=product.unit_amount_minor,
                currency=product.currency,
                position=position,
                created_at=now,
            )
        )


def item_words(item: CatalogueItem) -> str:
    """The product in words: "Site visit, £245.00, on sale"."""
    price = format_money(item.product.total(1))
    return f"{item.product.name}, {price}, {'on sale' if item.on_sale else 'archived'}"


def _change(
    desk: Desk, actor: Actor, seen: CatalogueItem, wanted: CatalogueItem, act: str
) -> CatalogueItem:
    """Change a product from `seen` to `wanted`.

    Nothing happens if it is so already, after a second click or another person's same change.
    """
    try:
        with desk.store.transaction() as session:
            row = products.locked(session, seen.product.product_id)
            if row is None:
                raise ProductNotFound
            now = products.item_of(row)
            if now == wanted:
                return now
            if now != seen:
                raise ProductChanged(now, item_words(now))
            _set(session, desk, actor, row, wanted, (act, now))
    except Duplicate:
        raise _name_taken() from None
    return wanted


def _set(
    session: Session,
    desk: Desk,
    actor: Actor,
    row: ProductRow,
    wanted: CatalogueItem,
    act: tuple[str, CatalogueItem | None],
) -> None:
    """Write the row and its audit entry. A unique key refuses two products of one name."""
    product = wanted.product
    name, before = act
    if before is None or before.product.name != product.name:
        # A product that keeps its name keeps its key, even if it has none: two that had the same
        # name before there were keys can both still be changed and taken off sale.
        row.name_key = name_key(product.name)
        if products.id_of_name(session, row.name_key) not in (None, row.id):
            raise _name_taken()
    row.name = product.name
    row.unit_amount_minor = product.unit_amount_minor
    row.currency = product.currency
    row.active = wanted.on_sale
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        name,
        ("product", row.id),
        at=desk.now(),
        before=_values(before) if before else None,
        after=_values(wanted),
    )


def _added_by_another_click(desk: Desk, wanted: CatalogueItem) -> CatalogueItem:
    """The product that was added with this id meanwhile. InvalidInput if only the name is."""
    with desk.store.reading() as session:
        row = session.get(ProductRow, wanted.product.product_id)
    if row is None:
        raise _name_taken()
    return _same(row, wanted)


def _same(row: ProductRow, wanted: CatalogueItem) -> CatalogueItem:
    now = products.item_of(row)
    if now != wanted:
        raise ProductChanged(now, item_words(now))
    return now


def _name_taken() -> InvalidInput:
    return InvalidInput("Name", "Another product has this name. It may be archived")


def _values(item: CatalogueItem) -> dict[str, Value]:
    return {
        "name": item.product.name,
        "unit_amount_minor": item.product.unit_amount_minor,
        "currency": item.product.currency,
        "on_sale": item.on_sale,
    }
