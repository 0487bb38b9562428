"""By which first digits and lengths the numbers of the card schemes are known.

ISO/IEC 7812, and the schemes' own ranges. Where a number of that length is as often something
else, it counts only where the text says that it is a card's.
"""

from typing import Final

LONGEST: Final = 19
_LONG: Final = frozenset({16, 17, 18, 19})
_INTERNATIONAL: Final = frozenset({14, 16, 19})

# Every prefix from first to last, with the lengths of the numbers that begin with it.
_SCHEMES: Final[tuple[tuple[int, int, frozenset[int]], ...]] = (
    (4, 4, frozenset({13, 16, 19})),  # Visa
    (51, 55, frozenset({16})),  # Mastercard
    (2221, 2720, frozenset({16})),  # Mastercard
    (34, 34, frozenset({15})),  # American Express
    (37, 37, frozenset({15})),
    (300, 305, _INTERNATIONAL),  # Diners Club
    (3095, 3095, _INTERNATIONAL),
    (36, 36, _INTERNATIONAL),
    (38, 39, _INTERNATIONAL),  # Diners Club, Hipercard
    (3528, 3589, frozenset({16, 19})),  # JCB, RuPay
    (50, 50, _LONG),  # Maestro, Verve, Elo, RuPay, Dankort
    # Maestro; Discover (60, 644 to 65), UnionPay (62), Hipercard, Troy, Verve, Elo, RuPay
    (56, 69, _LONG),
    (81, 82, _LONG),  # UnionPay, RuPay
    (2200, 2204, _LONG),  # Mir
    (9792, 9792, frozenset({16})),  # Troy
    (1, 1, frozenset({15})),  # UATP
)
# Twelve to fifteen digits are an order number's or a parcel's far more often than one of the few
# Maestro cards that short.
_UNCERTAIN: Final[tuple[tuple[int, int, frozenset[int]], ...]] = (
    (50, 50, frozenset({12, 13, 14, 15})),  # Maestro
    (56, 69, frozenset({12, 13, 14, 15})),
)


def _by_prefix(
    schemes: tuple[tuple[int, int, frozenset[int]], ...],
) -> dict[str, frozenset[int]]:
    return {str(prefix): on for first, last, on in schemes for prefix in range(first, last + 1)}


_CERTAIN_LENGTHS: Final = _by_prefix(_SCHEMES)
_UNCERTAIN_LENGTHS: Final = _by_prefix(_UNCERTAIN)
_LONGEST_PREFIX: Final = max(map(len, _CERTAIN_LENGTHS))
_NONE: Final = frozenset[int]()
# What a digit adds to the sum where it is doubled.
_DOUBLED: Final = bytes(2 * digit - 9 * (digit > 4) for digit in range(10))


def lengths_from(digits: str) -> frozenset[int]:
    """How long the numbers are whose first digits these (ASCII) digits begin with."""
    for size in range(1, _LONGEST_PREFIX + 1):
        if found := _CERTAIN_LENGTHS.get(digits[:size]):
            return found | _UNCERTAIN_LENGTHS.get(digits[:2], _NONE)
    return _NONE


def is_certain(number: str) -> bool:
    """Whether nothing usual but a card has a number with these first digits and this length."""
    if (len(number) == 13 or number.startswith("1")) and has_gs1_check_digit(number):
        # An EAN-13, or a parcel of FedEx Ground, whose check digit is made the same way. A Visa of
        # thirteen digits is hardly seen any more, and UATP is the airlines' alone.
        return False
    return any(
        len(number) in _CERTAIN_LENGTHS.get(number[:size], _NONE)
        for size in range(1, _LONGEST_PREFIX + 1)
    )


def passes_luhn(number: str) -> bool:
    """Whether the check digit of `number` (ASCII digits) is right (ISO/IEC 7812-1, Luhn)."""
    values = [ord(digit) - 48 for digit in reversed(number)]
    return (sum(values[0::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def has_gs1_check_digit(number: str) -> bool:
    """Whether it ends as an EAN, ISBN-13 or SSCC does (GS1 General Specifications, 7.9)."""
    values = [ord(digit) - 48 for digit in reversed(number)]
    return (sum(values[0::2]) + 3 * sum(values[1::2])) % 10 == 0
