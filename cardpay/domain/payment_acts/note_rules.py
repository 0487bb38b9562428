"""A note about a payment: what may be written in one."""

from typing import Final

from cardpay.domain.errors import InvalidInput
from cardpay.domain.payment.order import checked_note_text

MOST_NOTES: Final = 200
"""Of one payment: its page shows all of them."""


def checked_note(typed: str) -> str:
    """The note as it is stored. Raises InvalidInput, and CardDataRefused for card data in it."""
    text = checked_note_text(typed)
    if not text:
        raise InvalidInput("Note", "Enter a note")
    return text


def refuse_another_note(notes: int) -> None:
    """Raise InvalidInput for a payment that has so many notes."""
    if notes >= MOST_NOTES:
        raise InvalidInput("Note", f"This payment has {MOST_NOTES} notes, and takes no more")
