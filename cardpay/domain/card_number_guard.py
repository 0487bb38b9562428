"""Keeps card numbers and security codes out of free text.

Staff hear card numbers all day, and sooner or later one is typed into a note. PCI DSS (3.3,
3.4) allows at most the last four digits to be kept and a security code never, so such text
is refused before it is stored, and masked where it arrives from elsewhere.
"""

import re
from collections.abc import Iterator
from typing import Final

from cardpay.domain.card_data.card_numbers import SHORTEST, card_numbers
from cardpay.domain.card_data.lookalikes import without_lookalikes
from cardpay.domain.card_data.readings import (
    Reading,
    encoded,
    may_be_disguised,
    plain,
    spoken,
    unescaped,
    with_even_gaps,
    with_letters_as_digits,
)
from cardpay.domain.card_data.security_codes import may_have_code, security_codes
from cardpay.domain.errors import CardpayError

_DIGIT: Final = re.compile("[0-9]")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHORTEST_CODE: Final = 3
_MOST_ROUNDS: Final = 8


class CardDataRefused(CardpayError):
    """A typed text contains what looks like card data. The text is neither stored nor repeated."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(
            f"{field} looks like it contains a card number or security code.",
            "Remove it. Enter card details in the card form only.",
        )


def refuse_card_data(field_label: str, text: str) -> None:
    """Raise CardDataRefused, which names the field but not the text, if `text` has card data."""
    if next(_card_data(text), None) is not None:
        raise CardDataRefused(field_label)


def refuse_card_data_as_id(field_label: str, text: str) -> None:
    """The same where an id should stand. The desk's own ids pass, although some look alike."""
    if not is_our_id(text):
        refuse_card_data(field_label, text)


def is_our_id(text: str) -> bool:
    """Whether it is a UUID. The desk's ids are, and one in 2,000 would pass for a card number."""
    return _UUID.fullmatch(text) is not None


def mask_card_numbers(text: str) -> str:
    """`text` with card numbers cut to their last four digits and security codes masked.

    Masking the result again changes nothing, although the last four digits that are left may
    form another number with the digits after them.
    """
    if text.isascii() and _holds_none(text):
        return text
    for _ in range(_MOST_ROUNDS):
        masked = _masked(text)
        if masked == text:
            return text
        text = masked
    return _DIGIT.sub("•", plain(text).text)  # only what was made for it gets here


def _masked(text: str) -> str:
    kept, position = [], 0
    for start, end, shown in sorted(_card_data(text)):
        if start >= position:
            kept += [text[position:start], f"•••• {shown}" if shown else "•••"]
            position = end
    return "".join(kept) + text[position:]


def _holds_none(text: str) -> bool:
    """Whether plain `text` has too little for a card number, and no name of a security code.

    A quick check that settles most of the texts from Stripe, of which there are millions.
    """
    digits = len(_DIGIT.findall(text))
    return (
        digits < SHORTEST
        and not (digits >= _SHORTEST_CODE and may_have_code(text))
        and not may_be_disguised(text, digits)
    )


def _card_data(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and last four digits of each card number; no digits for a security code."""
    written = plain(text)
    if _holds_none(written.text):
        return
    read = unescaped(written)
    for reading in (written, read) if read is not written else (written,):
        yield from _found(reading)
        for start, end, meaning in encoded(reading):
            for _, _, shown in card_numbers(meaning):
                yield reading.starts[start], reading.ends[end - 1], shown


def _found(reading: Reading) -> Iterator[tuple[int, int, str]]:
    said = spoken(without_lookalikes(reading))
    even = with_even_gaps(said)
    lettered = with_letters_as_digits(said)
    readings = [said]
    readings += [even] if even is not said else []
    readings += [with_even_gaps(lettered)] if lettered is not said else []
    for each in readings:
        for start, end, shown in card_numbers(each.text):
            yield each.starts[start], each.ends[end - 1], shown
    yield from _codes(said)


def _codes(reading: Reading) -> Iterator[tuple[int, int, str]]:
    for start, end in security_codes(reading.text):
        yield reading.starts[start], reading.ends[end - 1], ""
