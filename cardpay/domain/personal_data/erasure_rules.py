"""Erasure: which payments still need their customer's details.

A payment needs them while it is open or an operation on it is, while it is disputed, and while a
refund is on its way. Until then they are neither erased on request nor removed for their age.
"""


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
