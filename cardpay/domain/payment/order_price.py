"""What an order costs: today's price, and only if the person who takes it has seen that one."""

from cardpay.domain.errors import InvalidInput, PriceChanged
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.product_rules import CatalogueItem, Product
from cardpay.domain.typed_amounts import validate_for_charge


def priced_order(
    item: CatalogueItem | None, quantity: int, price_shown: Money | None
) -> tuple[Product, Money]:
    """What is sold, and what `quantity` of it costs now: only a product that is on sale.

    `price_shown` is the price of one that the person saw; if it has changed since, the order is
    refused. Raises InvalidInput and PriceChanged.
    """
    if item is None or not item.on_sale:
        raise InvalidInput("Product", "Choose a product that is on sale")
    price = item.product.total(1)
    if price_shown is not None and price_shown != price:
        raise PriceChanged(item.product.name, format_money(price_shown), format_money(price))
    total = item.product.total(quantity)
    validate_for_charge(total)
    return item.product, total
