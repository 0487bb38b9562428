"""What the desk sells."""

from datetime import datetime

from cardpay.domain.catalogue import Product
from cardpay.services.desk import Desk
from cardpay.storage import payments
from cardpay.storage.engine import Session
from cardpay.storage.tables import Product as ProductRow

# Something to try the desk with, in each kind of currency: two decimals, none, three.
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
    """What may be sold now, in the catalogue's order."""
    with desk.store.reading() as session:
        return tuple(
            Product(row.id, row.name, row.unit_amount_minor, row.currency)
            for row in payments.active_products(session)
        )


def add_examples(session: Session, now: datetime) -> None:
    """Put the examples on sale, in books that hold no real money."""
    for position, product in enumerate(EXAMPLES):
        session.add(
            ProductRow(
                id=product.product_id,
                name=product.name,
                unit_amount_minor=product.unit_amount_minor,
                currency=product.currency,
                position=position,
                created_at=now,
            )
        )
