"""Makes free text from Stripe safe to store and to show."""

from typing import Final, overload

from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.domain.cleaned_text import without_overrides

_LONGEST_READ: Final = 5_000  # characters
# As long as a metadata value may be (Stripe docs: "Metadata"). No index of PostgreSQL's holds more
# than 2,700 bytes, and a character has up to four.
_LONGEST_KEPT: Final = 500


@overload
def sanitize_text(text: str) -> str: ...


@overload
def sanitize_text(text: str | None) -> str | None: ...


def sanitize_text(text: str | None) -> str | None:
    """`text` with card numbers masked, and without NUL, unpaired surrogates and overrides.

    PostgreSQL refuses NUL, UTF-8 cannot encode half of a surrogate pair, and a text that changes
    the direction of writing shows something else than it says. Of a text that is far longer than
    Stripe's nothing is left: it would be looked through for card numbers. What is longer than any
    that is kept is cut once it is masked. Anything that is not a string is returned unchanged.
    """
    if not isinstance(text, str):
        return text
    if len(text) > _LONGEST_READ:
        return ""
    if not text.isprintable():
        text = text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
        text = without_overrides(text)
    masked = mask_card_numbers(text)
    # Again, since the cut may leave another number.
    return masked if len(masked) <= _LONGEST_KEPT else mask_card_numbers(masked[:_LONGEST_KEPT])
