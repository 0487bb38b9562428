"""A phone order before it is a payment: what staff type in, and what is valid."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from cardpay.domain.card_number_guard import refuse_card_data, refuse_card_data_as_id
from cardpay.domain.cleaned_text import tidy, without_overrides
from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import Money

MAX_TEXT = 200  # characters in a name, an e-mail address or an order reference
MAX_NOTE = 1_000  # characters in a note, or in the reason for a second payment
ERASED: Final = "Erased"
"""Shown in place of a customer's name after it was erased."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True)
class SecondPayment:
    """The request to take another payment for an order that has one already.

    `after_sequence` is the number of the payment that the person saw, so that two people who
    both ask for one more after that cannot both get one.
    """

    reason: str
    after_sequence: int


@dataclass(frozen=True)
class Draft:
    """An order as it was typed in. `payment_id` was made when the page opened.

    With the capture method `manual` the amount is held on the card until somebody captures it.
    `price_shown` is the product's price as the screen showed it.
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
        """The draft with its texts tidied.

        Raises InvalidInput, which names the first field that is not valid, and CardDataRefused
        for card data in any of them.
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
        note = without_overrides(self.note).strip()
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


def order_claim(order_reference: str) -> str:
    """The reference in the form in which two spellings of it are equal ("ab 1" and "AB1").

    Case, white space and what cannot be seen (joiners, marks of direction) do not count.
    Punctuation does, because it may distinguish two orders.
    """
    folded = unicodedata.normalize("NFKC", order_reference).casefold()
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c)[0] != "C")
