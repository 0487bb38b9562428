"""Keeps card numbers and security codes out of free text.

Staff hear card numbers all day, and sooner or later one is typed into a note. PCI DSS (3.3,
3.4) allows at most the last four digits to be kept and a security code never, so such text
is refused before it is stored, and masked where it arrives from elsewhere.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cardpay.domain.errors import CardpayError

# First digits and lengths by which card schemes are known (ISO/IEC 7812; the schemes' own
# ranges): every prefix from first to last, with the lengths of the numbers that begin with it.
_ISSUERS: Final[tuple[tuple[int, int, frozenset[int]], ...]] = (
    (4, 4, frozenset({13, 16, 19})),  # Visa
    (51, 55, frozenset({16})),  # Mastercard
    (2221, 2720, frozenset({16})),  # Mastercard
    (34, 34, frozenset({15})),  # American Express
    (37, 37, frozenset({15})),
    (6011, 6011, frozenset({16, 19})),  # Discover
    (644, 649, frozenset({16, 19})),
    (65, 65, frozenset({16, 19})),
    (62, 62, frozenset({16, 17, 18, 19})),  # UnionPay
    (3528, 3589, frozenset({16, 19})),  # JCB
    (300, 305, frozenset({14, 16})),  # Diners Club
    (36, 36, frozenset({14, 16, 19})),
    (38, 39, frozenset({14, 16})),
    (5018, 5020, frozenset(range(13, 20))),  # Maestro, Dankort
    (5038, 5038, frozenset(range(13, 20))),
    (5893, 5893, frozenset(range(13, 20))),
    (6304, 6304, frozenset(range(13, 20))),
    (6759, 6763, frozenset(range(13, 20))),
    (2200, 2204, frozenset({16, 19})),  # Mir
)
# The lengths of the numbers that begin with each of these texts.
_LENGTHS: Final = {
    str(prefix): lengths for first, last, lengths in _ISSUERS for prefix in range(first, last + 1)
}
_PREFIX_LENGTHS: Final = sorted({len(prefix) for prefix in _LENGTHS})
_SHORTEST, _LONGEST = 13, 19
_SHORTEST_CODE = 3
# Shorter numbers made of several groups count only where a run of digits begins: inside one
# they are too often the tail of an order reference (3-7-7 digits is a usual shape).
_SHORTEST_INSIDE_A_RUN = 15
# Inside a run, too, a short number is one in the groups in which it is written on the card.
_SHORT_GROUPS: Final = frozenset({(13,), (14,), (4, 6, 4), (4, 3, 3, 3)})
_REPEATED = re.compile(r"(.)\1+")
_ASCII_DIGIT = re.compile("[0-9]")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAX_PHONE_DIGITS = 15  # ITU-T E.164
# The most characters between two digits of one number. White space does not count, such as a
# line break with indentation, and a repeated character, as in "----", counts once.
_MAX_GAP = 2
# Letters that are invisible (Unicode: "Default_Ignorable_Code_Point").
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0")

_CODE_NAME = (
    r"(?<![^\W\d_])(?:c\W?v\W?[vcn]2?|cv2|csc|card\W{0,2}code"
    r"|sec(?:urity)?\W{0,2}(?:code|number|no)|verification\W{0,2}(?:code|number|value))"
)
# How each of those names begins, also of those that follow a code.
_CODE_HINT = re.compile(r"c\W?v|csc|card|sec|verif", re.IGNORECASE)
# The digits that a masked number shows are no code, or masking twice would mask more.
_CODE_DIGITS = r"(?<!•••• )(?:\d{3,4}|\d(?:[ .-]\d){2,3}|\d{2}[ .-]\d{1,2}|\d[ .-]\d{2,3})"
_SECURITY_CODE = re.compile(
    rf"{_CODE_NAME}(?:\W|_|\b(?:is|was|s|the|number|no|code)\b){{0,6}}"
    rf"(?P<after>{_CODE_DIGITS})(?!\d)"
    rf"|(?<![\d.,/-])(?P<before>{_CODE_DIGITS})\W{{0,3}}(?:is (?:the |their )?|as )?"
    rf"(?=c\W?v\W?[vcn]2?\b|cv2\b)",
    re.IGNORECASE,
)


class CardDataRefused(CardpayError):
    """A typed text contains what looks like card data. The text is neither stored nor repeated."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(
            f"{field} looks like it contains a card number or security code.",
            "Remove it. Enter card details in the card form only.",
        )


@dataclass(frozen=True)
class _Digits:
    """Neighbouring digits, and their positions in the original text."""

    text: str
    starts: tuple[int, ...]
    after_plus: bool
    gap_before: bool


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
    if _holds_none(text):
        return text
    masked = _masked(text)
    while masked != text:
        text, masked = masked, _masked(masked)
    return masked


def _masked(text: str) -> str:
    kept, position = [], 0
    for start, end, shown in sorted(_card_data(text)):
        if start >= position:
            kept += [text[position:start], f"•••• {shown}" if shown else "•••"]
            position = end
    return "".join(kept) + text[position:]


def has_known_issuer(number: str) -> bool:
    """Whether `number` (ASCII digits) has the first digits and the length of a card scheme."""
    return any(
        len(number) in _LENGTHS.get(number[:characters], ()) for characters in _PREFIX_LENGTHS
    )


def passes_luhn(number: str) -> bool:
    """Whether the check digit of `number` (ASCII digits) is right (ISO/IEC 7812-1, Luhn)."""
    values = [int(digit) for digit in reversed(number)]
    doubled = (2 * value - 9 * (value > 4) for value in values[1::2])
    return (sum(values[0::2]) + sum(doubled)) % 10 == 0


def _holds_none(text: str) -> bool:
    """Whether `text` has too few digits for a card number and no name of a security code.

    A quick check that settles most of the texts from Stripe, of which there are millions.
    """
    if text.isalpha():
        return True
    if not text.isascii():
        return False
    digits = len(_ASCII_DIGIT.findall(text))
    return digits < _SHORTEST_CODE or (digits < _SHORTEST and _CODE_HINT.search(text) is None)


def _card_data(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and last four digits of each card number; no digits for a security code."""
    if _holds_none(text):
        return
    groups = list(_digit_groups(text))
    used_until = -1
    for index, group in enumerate(groups):
        if group.starts[0] <= used_until:
            continue
        found = _number_from(groups, index)
        if found is not None:
            used_until = found[1] - 1
            yield found
    plain, positions = _plain(text)
    for match in _SECURITY_CODE.finditer(plain):
        start, end = match.span("after" if match["after"] else "before")
        yield positions[start], positions[end - 1] + 1, ""


def _number_from(groups: list[_Digits], first: int) -> tuple[int, int, str] | None:
    """Start, end and last four digits of the longest card number that begins with `first`."""
    found = None
    digits, starts, shape = "", list[int](), tuple[int, ...]()
    for group in groups[first:]:
        if starts and not group.gap_before:
            break
        digits += group.text
        starts += group.starts
        shape = (*shape, len(group.text))
        inside_run = groups[first].gap_before and shape not in _SHORT_GROUPS
        least = _SHORTEST_INSIDE_A_RUN if inside_run else _SHORTEST
        is_phone = groups[first].after_plus and len(digits) <= _MAX_PHONE_DIGITS
        # A number may be followed by an expiry or a code without a gap: cut at any length
        # inside the first group, elsewhere only where a group ends.
        shortest = least if group is groups[first] else max(least, len(digits))
        for length in range(min(len(digits), _LONGEST), shortest - 1, -1):
            number = digits[:length]
            if not is_phone and has_known_issuer(number) and passes_luhn(number):
                found = (starts[0], starts[-1] + 1, number[-4:])
                break
        if len(digits) >= _LONGEST:
            break
    return found


def _digit_groups(text: str) -> Iterator[_Digits]:
    """Runs of digits. `gap_before` is true where only a short gap separates two of them."""
    plain, positions = _plain(text)
    previous_end = -1
    for match in re.finditer(r"\d+", plain):
        start, end = match.span()
        gap = plain[max(previous_end, 0) : start]
        yield _Digits(
            text=match.group(),
            starts=tuple(positions[start:end]),
            after_plus=plain[max(0, start - 2) : start].rstrip(" (").endswith("+"),
            gap_before=previous_end >= 0
            and len(_REPEATED.sub(r"\1", re.sub(r"\s+", "", gap))) <= _MAX_GAP
            and not any(character.isalnum() for character in gap),
        )
        previous_end = end


def _plain(text: str) -> tuple[str, list[int]]:
    """`text` with ASCII digits and no invisible characters, and each character's old position."""
    if text.isascii():
        return text, list(range(len(text)))  # nothing to leave out, as in most texts
    characters, positions = [], []
    for position, character in enumerate(text):
        # Cf: zero-width joiners, soft hyphens, marks of direction. Mn and Me: combining marks.
        if unicodedata.category(character) in {"Cf", "Mn", "Me"} or character in _BLANK_LETTERS:
            continue
        value = unicodedata.digit(character, None)
        usual = unicodedata.normalize("NFKC", character) if value is None else str(value)
        characters.append(usual if len(usual) == 1 else character)
        positions.append(position)
    return "".join(characters), positions
