"""Erasure: what keeps a customer's details.

A payment needs them while it is open or an operation on it is, while it is disputed, and while a
refund is on its way. Until then they are neither erased on request nor removed for their age.
"""

from typing import Final

from cardpay.domain.personal_data.customer_identity import digits, folded

# A shorter name or number stands in many references by chance.
_LEAST_TELLING: Final = 5


def needed_because(display_status: str, *, is_open: bool, disputed: bool, refunded: bool) -> str:
    """Why a payment still needs its customer's details, in words; "" if it does not.

    `is_open` says that it or an operation on it has not ended, `refunded` that a refund is on its
    way.
    """
    if is_open:
        return display_status
    if disputed:
        return "disputed"
    return "a refund is on its way" if refunded else ""


def names_customer(order_reference: str, texts: tuple[str, ...], phone: str) -> bool:
    """Whether an order reference, which stays, holds a text (name, e-mail) or the phone."""
    reference = folded(order_reference)
    if any(len(text) >= _LEAST_TELLING and text in reference for text in map(folded, texts)):
        return True
    number = digits(phone)
    return len(number) > _LEAST_TELLING and number in digits(reference)
