"""Products: their prices, whether they are on sale, and what an administrator may type in."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from cardpay.domain.card_number_guard import refuse_card_data
from cardpay.domain.cleaned_text import tidy
from cardpay.domain.errors import CardpayError, InvalidInput
from cardpay.domain.money import CURRENCIES, Money
from cardpay.domain.typed_amounts import parse_major

MAX_QUANTITY: Final = 1_000  # of one product in a phone order; more is a typing mistake
MAX_NAME: Final = 100  # characters: what a receipt and the product list show in one line
# Stripe takes up to 12 digits (Stripe API reference: "Create a PaymentIntent", `amount`).
MOST_MINOR: Final = 999_999_999_999


@dataclass(frozen=True)
class Product:
    """A product. `unit_amount_minor` is its price in the currency's minor unit."""

    product_id: str
    name: str
    unit_amount_minor: int
    currency: str

    def total(self, quantity: int) -> Money:
        """The price of `quantity` of it. Raises InvalidInput unless it is 1 to MAX_QUANTITY."""
        if not 1 <= quantity <= MAX_QUANTITY:
            raise InvalidInput("Quantity", f"Enter a whole number from 1 to {MAX_QUANTITY:,}")
        return Money(self.unit_amount_minor * quantity, self.currency)


@dataclass(frozen=True)
class CatalogueItem:
    """A product, and whether it is on sale."""

    product: Product
    on_sale: bool


@dataclass(frozen=True)
class TypedProduct:
    """A product as a person types it; `price` is in the main unit ("1,250.50")."""

    name: str
    price: str
    currency: str

    def checked(self, product_id: str) -> Product:
        """The product with this id. Raises InvalidInput and CardDataRefused."""
        refuse_card_data("Name", self.name)
        refuse_card_data("Price", self.price)
        name = tidy(self.name)
        if not name:
            raise InvalidInput("Name", "Enter the product name")
        if len(name) > MAX_NAME:
            raise InvalidInput("Name", f"Name must be {MAX_NAME} characters or fewer")
        currency = self.currency.lower()
        if currency not in CURRENCIES:
            raise InvalidInput("Currency", "Choose a currency")
        price = parse_major(self.price, currency, "Price")
        if price.amount_minor > MOST_MINOR:
            raise InvalidInput("Price", "Price is more than Stripe allows")
        return Product(product_id, name, price.amount_minor, currency)


def name_key(name: str) -> str:
    """The name in the form in which two spellings are equal ("Site  visit", "SITE VISIT")."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class ProductChanged(CardpayError):
    """Somebody else changed the product after it was read. `now` is the product as it is."""

    def __init__(self, now: CatalogueItem, words: str) -> None:
        self.now = now
        super().__init__(
            f"Somebody else changed this product. It is now {words}. Your change was not saved.",
            "To overwrite it, save again.",
        )


class ProductNotFound(CardpayError):
    """No product has this id."""

    def __init__(self) -> None:
        super().__init__("Product not found.", "Reload the page.")
