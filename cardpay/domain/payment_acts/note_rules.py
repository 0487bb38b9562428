"""A note about a payment: what may be written in one."""

from cardpay.domain.errors import InvalidInput
from cardpay.domain.payment.order import checked_note_text


def checked_note(typed: str) -> str:
    """The note as it is stored. Raises InvalidInput, and CardDataRefused for card data in it."""
    text = checked_note_text(typed)
    if not text:
        raise InvalidInput("Note", "Enter a note")
    return text
