"""A phone order before it is a payment: what staff type in, and what is valid."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from cardpay.domain.card_number_guard import (
    CardDataRefused,
    refuse_card_data,
    refuse_card_data_as_id,
)
from cardpay.domain.cleaned_text import tidy, without_overrides
from cardpay.domain.errors import CardpayError, InvalidInput
from cardpay.domain.money import Money

MAX_TEXT = 200  # characters in a name, an e-mail address or an order reference
MAX_NOTE = 1_000  # characters in a note, or in the reason for a second payment
MIN_REASON = 5  # characters: shorter is no reason
SECOND_PAYMENT_REASON: Final = "Reason to charge again"
ERASED: Final = "Erased"
"""Shown in place of a customer's name after it was erased."""
_REQUIRED: Final = {
    "Customer name": "Enter the customer's name",
    "Order reference": "Enter the order reference",
}
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

    With `hold` the amount is held on the card until somebody captures it. If it `is_numbered`, the
    order reference is the desk's own, and the next number if somebody was quicker with that one.
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
    hold: bool = False
    is_numbered: bool = False
    price_shown: Money | None = None

    def checked(self) -> "Draft":
        """The draft with its texts tidied.

        Raises what is wrong with the first field that is not valid, in the order of the form:
        InvalidInput, or CardDataRefused for card data in it.
        """
        refuse_card_data_as_id("Payment", self.payment_id)
        for problem in self.problems().values():
            raise problem
        second = self.second_payment
        if second is not None:
            second = SecondPayment(tidy(second.reason)[:MAX_NOTE], second.after_sequence)
        return replace(
            self,
            customer_name=tidy(self.customer_name),
            customer_email=tidy(self.customer_email),
            customer_phone=tidy(self.customer_phone),
            order_reference=tidy(self.order_reference),
            note=without_overrides(self.note).strip(),
            second_payment=second,
        )

    def problems(self) -> dict[str, CardpayError]:
        """What is wrong with each field that is not valid, by its label, in the form's order.

        InvalidInput, or CardDataRefused for card data in the field.
        """
        found: dict[str, CardpayError] = {}
        for label, check in self._checks():
            try:
                check()
            except (InvalidInput, CardDataRefused) as problem:
                found[label] = problem
        return found

    def _checks(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """The labels in the order of the form, each with the check of its field."""
        yield "Product", self._check_product
        yield "Customer name", lambda: _check_text("Customer name", self.customer_name)
        yield "Order reference", lambda: _check_text("Order reference", self.order_reference)
        yield "Customer email", lambda: _check_email("Customer email", self.customer_email)
        yield "Customer phone", lambda: _check_text("Customer phone", self.customer_phone)
        yield "Note", lambda: _check_note("Note", self.note)
        if self.second_payment is not None:
            reason = self.second_payment.reason
            yield SECOND_PAYMENT_REASON, lambda: _check_reason(reason)

    def _check_product(self) -> None:
        if not self.product_id:
            raise InvalidInput("Product", "Choose a product")


def _check_text(label: str, typed: str) -> None:
    """Raise what is wrong with the text of a line."""
    text = tidy(typed)
    if len(text) > MAX_TEXT:
        raise InvalidInput(label, f"{label} must be {MAX_TEXT} characters or fewer")
    refuse_card_data(label, text)
    if not text and label in _REQUIRED:
        raise InvalidInput(label, _REQUIRED[label])


def _check_email(label: str, typed: str) -> None:
    _check_text(label, typed)
    if tidy(typed) and not _EMAIL.fullmatch(tidy(typed)):
        raise InvalidInput(label, "Enter an email address like name@example.com")


def checked_email(label: str, typed: str) -> str:
    """The e-mail address that somebody typed, tidied. Raises InvalidInput, CardDataRefused."""
    _check_email(label, typed)
    return tidy(typed)


def _check_note(label: str, typed: str) -> None:
    note = without_overrides(typed).strip()
    if len(note) > MAX_NOTE:
        raise InvalidInput(label, f"{label} must be {MAX_NOTE:,} characters or fewer")
    refuse_card_data(label, note)


def _check_reason(typed: str) -> None:
    reason = tidy(typed)
    if len(reason) < MIN_REASON:
        raise InvalidInput(SECOND_PAYMENT_REASON, "Enter why the order is charged again")
    refuse_card_data(SECOND_PAYMENT_REASON, reason)


def checked_note_text(typed: str) -> str:
    """A note, tidied. Raises InvalidInput, and CardDataRefused for card data in it."""
    note = without_overrides(typed).strip()
    if len(note) > MAX_NOTE:
        raise InvalidInput("Note", f"Note must be {MAX_NOTE:,} characters or fewer")
    refuse_card_data("Note", note)
    return note


def order_words(order_reference: str, order_sequence: int) -> str:
    """The order of a payment as staff read it: "SO-1", or "SO-1 · Payment 2" of a second one."""
    again = f" · Payment {order_sequence}" if order_sequence > 1 else ""
    return f"{order_reference}{again}"


def order_claim(order_reference: str) -> str:
    """The reference in the form in which two spellings of it are equal ("ab 1" and "AB1").

    Case, white space and what cannot be seen (joiners, marks of direction) do not count.
    Punctuation does, because it may distinguish two orders. One character may become eighteen:
    what is beyond twice the longest reference does not count either, as no index would hold it.
    """
    folded = unicodedata.normalize("NFKC", order_reference).casefold()
    kept = (c for c in folded if not c.isspace() and unicodedata.category(c)[0] != "C")
    return "".join(kept)[: 2 * MAX_TEXT]
