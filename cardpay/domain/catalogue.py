"""What the desk sells, and the order that a member of staff fills in for a caller."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from cardpay.domain.card_number_guard import refuse_card_data, refuse_card_data_as_id
from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import Money

MAX_QUANTITY = 1_000  # a phone order above this is a slip of the finger, not an order
MAX_TEXT = 200  # characters in a name, an e-mail address or an order reference
MAX_NOTE = 1_000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True)
class Product:
    """Something with a price. `unit_amount_minor` is in the currency's minor unit."""

    product_id: str
    name: str
    unit_amount_minor: int
    currency: str

    def total(self, quantity: int) -> Money:
        """The price of `quantity` of it; InvalidInput unless 1 ≤ quantity ≤ MAX_QUANTITY."""
        if not 1 <= quantity <= MAX_QUANTITY:
            raise InvalidInput("Quantity", f"Enter a whole number from 1 to {MAX_QUANTITY:,}")
        return Money(self.unit_amount_minor * quantity, self.currency)


@dataclass(frozen=True)
class SecondPayment:
    """The statement that an order is to be paid a second time.

    `after_sequence` is the number of the payment that the person saw: two people who both
    mean "one more after that" cannot both get one.
    """

    reason: str
    after_sequence: int


@dataclass(frozen=True)
class Draft:
    """One phone order before it is a payment. `payment_id` was made when the page opened.

    A `manual` capture holds the amount on the card until somebody captures it. `price_shown`
    is the product's price on the screen that the order was filled in on.
    """

    payment_id: str
    product_id: str
    quantity: int
    customer_name: str
    customer_email: str
    customer_phone: str
    order_reference: str
    note: str
    second_payment: SecondPayment | None = None
    capture_method: Literal["automatic", "manual"] = "automatic"
    price_shown: Money | None = None

    def checked(self) -> "Draft":
        """The draft with its texts tidied; InvalidInput names the first field that is wrong.

        CardDataRefused for card data in any of them.
        """
        refuse_card_data_as_id("Payment", self.payment_id)
        texts = {
            "Customer name": tidy(self.customer_name),
            "Customer email": tidy(self.customer_email),
            "Customer phone": tidy(self.customer_phone),
            "Order reference": tidy(self.order_reference),
        }
        for label, text in texts.items():
            if len(text) > MAX_TEXT:
                raise InvalidInput(label, f"{label} must be {MAX_TEXT} characters or fewer")
            refuse_card_data(label, text)
        note = self.note.strip()
        if len(note) > MAX_NOTE:
            raise InvalidInput("Note", f"Note must be {MAX_NOTE:,} characters or fewer")
        refuse_card_data("Note", note)
        if not texts["Customer name"]:
            raise InvalidInput("Customer name", "Enter the customer's name")
        if texts["Customer email"] and not _EMAIL.fullmatch(texts["Customer email"]):
            raise InvalidInput("Customer email", "Enter an email address like name@example.com")
        if not texts["Order reference"]:
            raise InvalidInput("Order reference", "Enter the order reference")
        second = self.second_payment
        if second is not None:
            reason = tidy(second.reason)
            if len(reason) < 5:
                raise InvalidInput(
                    "Reason for a second payment", "Enter the reason for a second payment"
                )
            refuse_card_data("Reason for a second payment", reason)
            second = SecondPayment(reason[:MAX_NOTE], second.after_sequence)
        return Draft(
            payment_id=self.payment_id,
            product_id=self.product_id,
            quantity=self.quantity,
            customer_name=texts["Customer name"],
            customer_email=texts["Customer email"],
            customer_phone=texts["Customer phone"],
            order_reference=texts["Order reference"],
            note=note,
            second_payment=second,
            capture_method=self.capture_method,
            price_shown=self.price_shown,
        )


def tidy(text: str) -> str:
    """`text` without control characters, with single spaces."""
    printable = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(printable.split())


def order_claim(order_reference: str) -> str:
    """The form in which two spellings of one order reference are the same ("ab 1" and "AB1").

    Letters fold case and white space is dropped; punctuation stays, since it may be meant.
    """
    return "".join(unicodedata.normalize("NFKC", order_reference).casefold().split())
