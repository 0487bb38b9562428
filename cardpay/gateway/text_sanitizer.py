"""Text from Stripe as the desk keeps it, whoever wrote it."""

from cardpay.domain.card_number_guard import mask_card_numbers


def stored_text(text: str) -> str:
    """Without card numbers, and without what databases refuse: NUL, half a surrogate pair."""
    if not text.isprintable():
        text = text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
    return mask_card_numbers(text)
