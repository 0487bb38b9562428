"""The receipt of a payment or of a refund: what the customer gets, on paper and as a file.

A receipt's number is made of its payment's or refund's id: the same each time it is printed,
also for payments that were taken elsewhere, without a counter that everything would wait for.
It counts nothing, so it cannot show gaps; where the law wants invoices numbered one after the
other, a receipt is none. A refund's number is its payment's with four more digits.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from cardpay.domain.company import Company
from cardpay.domain.errors import CardpayError
from cardpay.domain.money import Money

# 48 bits: among a million payments, one chance in six hundred that any two share a number.
_DIGITS: Final = 12
_NUMBER: Final = re.compile(
    r"R[- ]?([0-9A-F]{4})[- ]?([0-9A-F]{4})[- ]?([0-9A-F]{4})(?:[- ]?[0-9A-F]{4})?",
    re.IGNORECASE | re.ASCII,
)


class NoReceipt(CardpayError):
    """No money came in, or this refund gave none back."""

    def __init__(self) -> None:
        super().__init__("There's no receipt: no money has moved.")


@dataclass(frozen=True)
class ReceiptLine:
    """One thing that was sold. `price` is of one piece, if known; `tax` is its rate in words."""

    name: str
    quantity: int
    price: Money | None
    amount: Money
    tax: str = ""


@dataclass(frozen=True)
class ReceiptTax:
    """Tax that the total contains: "VAT 20%"."""

    label: str
    amount: Money


@dataclass(frozen=True)
class ReceiptRefund:
    """What was given back of the payment, by the refund's own receipt."""

    refund_id: str
    number: str
    at: datetime
    amount: Money


@dataclass(frozen=True)
class Receipt:
    """One receipt. `total` is what the customer paid, or got back where `refund_of` is set.

    `ordered` is what the lines come to, of which a part may not have been taken. `refund_of` is
    the number of the payment's own receipt. Names are empty where they are unknown or erased.
    """

    number: str
    refund_of: str | None
    company: Company
    livemode: bool
    order_reference: str
    at: datetime
    customer_name: str
    customer_email: str
    method: str
    is_card: bool
    taken_by: str
    lines: tuple[ReceiptLine, ...]
    taxes: tuple[ReceiptTax, ...]
    ordered: Money
    total: Money
    refunds: tuple[ReceiptRefund, ...]
    payment_intent_id: str


def payment_receipt_number(payment_id: str) -> str:
    """The number of a payment's receipt: "R-1A2B-3C4D-5E6F"."""
    digits = UUID(payment_id).hex[:_DIGITS].upper()
    return "-".join(["R", *(digits[at : at + 4] for at in range(0, _DIGITS, 4))])


def refund_receipt_number(payment_id: str, refund_id: str) -> str:
    """The number of a refund's receipt: "R-1A2B-3C4D-5E6F-7A8B"."""
    digits = sha256(refund_id.encode()).hexdigest()[:4].upper()
    return f"{payment_receipt_number(payment_id)}-{digits}"


def payment_ids_of(number: str) -> tuple[str, str] | None:
    """The first and the last id that a payment can have whose receipt has this number.

    However it is typed, and for a refund's number too; None if it is no receipt's number.
    """
    found = _NUMBER.fullmatch(number.strip())
    if found is None:
        return None
    digits = "".join(found.groups()).lower()
    return str(UUID(digits.ljust(32, "0"))), str(UUID(digits.ljust(32, "f")))
