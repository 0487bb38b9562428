"""Long numbers with check digits of their own, which are no card's."""

import re
from collections.abc import Iterator
from typing import Final

from cardpay.domain.card_data.card_schemes import (
    has_gs1_check_digit,
    lengths_from,
    passes_luhn,
)
from cardpay.domain.card_data.readings import Reading

_CARD_NAMED: Final = re.compile(
    r"card|karte|carte|visa|maestro|amex|diners|uatp|airplus|\bpan\b|credit|debit|kredit"
    r"|\bexp|valid|\bcv[vc]|\bcid\b|(?<!\d)(?:0[1-9]|1[0-2]) ?/ ?(?:20)?[2-4]\d(?!\d)",
    re.IGNORECASE,
)
_NEAR: Final = 40  # characters

# How long an IBAN is in each country (SWIFT, IBAN registry).
_IBAN_LENGTHS: Final = {
    country: int(length)
    for length, countries in {
        "15": "NO", "16": "BE", "18": "DK FI FK FO GL NL SD", "19": "MK SI",
        "20": "AT BA EE KZ LT LU MN XK", "21": "CH HR LI LV",
        "22": "BG BH CR DE GB GE IE ME RS VA",
        "23": "AE GI IL IQ OM SO TL", "24": "AD CZ ES MD PK RO SA SE SK TN VG",
        "25": "LY PT ST", "26": "IS TR", "27": "BI DJ FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HU LB NI PL SV", "29": "BR EG PS QA UA", "30": "JO KW YE MU",
        "31": "MT SC", "32": "LC", "33": "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
_IBAN: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,29}", re.ASCII
)
_SIGNS: Final = re.compile(r"[^0-9A-Za-z]")
# UPS: account, service and parcel, and a check digit.
_UPS: Final = re.compile(
    r"(?<![A-Za-z0-9])1Z((?: ?[0-9A-Za-z]){15} ?[0-9])(?![A-Za-z0-9])", re.ASCII
)
_LICENCE_PLATE: Final = re.compile(r"(?<![A-Za-z0-9])JJ?D\d{16,20}(?!\d)", re.ASCII)  # DHL
# EAN-13 and SSCC-18 (with 00 before it or not), together or in the groups below a bar code; the
# USPS's and FedEx's 22 digits also by fours.
_GS1: Final = re.compile(
    r"(?<![\dOo])(?:\(?00\)? ?)?(?P<sscc>\d{18}|\d (?:\d{3,10} ){1,3}\d{1,9})(?![^\W_])"
    r"|(?<![\dOo])(?P<ean>\d{13}|\d \d{6} \d{6})(?![^\W_])"
    r"|(?<![\dOo])(?P<parcel>9\d{21}|9\d{3}(?: \d{4}){4} \d\d)(?![^\W_])",
    re.ASCII,
)
_NEARER: Final = 24  # characters
_MOST_MORE: Final = 6  # digits: a card's number has nineteen at most
_NO_WORDS: Final = re.compile(r"[\W\d]*", re.ASCII)
_NOT_DIGITS: Final = re.compile(r"[^0-9]+")
_DIGITS_OF: Final = {"sscc": 18, "ean": 13, "parcel": 22}


def without_lookalikes(reading: Reading) -> Reading:
    """With a space for each such number; one that the text calls a card's stays, but no IBAN."""
    text = reading.text
    spans = [
        *_ibans(text),
        *(span for span in _parcels_and_articles(text) if not names_a_card(text, *span)),
    ]
    apart, position = list[tuple[int, int, str]](), 0
    for start, end in sorted(spans):
        if start >= position:
            apart.append((start, end, " "))
            position = end
    return reading.replaced(apart)


def names_a_card(text: str, start: int, end: int) -> bool:
    """Whether what stands near there says that a number is a card's."""
    near = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    return any(_CARD_NAMED.search(words) for words in near)


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match.group()[:2].upper(), 0)
        end, seen = match.start(), 0
        while seen < length and end < match.end():
            seen += text[end].isalnum()
            end += 1
        iban = _SIGNS.sub("", text[match.start() : end])
        if seen == length and not text[end : end + 1].isalnum() and _passes_mod_97(iban):
            yield match.start(), end


def _parcels_and_articles(text: str) -> Iterator[tuple[int, int]]:
    for match in _UPS.finditer(text):
        if _passes_ups(_SIGNS.sub("", match[1]).upper()):
            yield match.span()
    for match in _LICENCE_PLATE.finditer(text):
        yield match.span()
    for match in _GS1.finditer(text):
        kind = match.lastgroup or ""
        digits = _SIGNS.sub("", match[kind])
        # A company's prefix in an SSCC never begins with 2, as UnionPay's cards go on; and two
        # zeros are more often somebody's before a card number.
        is_cards = kind == "sscc" and (digits[1] == "2" or digits.startswith("00"))
        if (
            len(digits) == _DIGITS_OF[kind]
            and has_gs1_check_digit(digits)
            and not is_cards
            and not _is_part_of_a_card(text, match.span(), digits)
        ):
            yield match.span()


def _is_part_of_a_card(text: str, span: tuple[int, int], digits: str) -> bool:
    """Whether it is a card's number with the digits that stand just before or behind it."""
    start, end = span
    before = _digits_at_first(text[max(0, start - _NEARER) : start][::-1])[::-1]
    behind = _digits_at_first(text[end : end + _NEARER])
    together = (
        *(before[-more:] + digits for more in range(1, len(before) + 1)),
        *(digits + behind[:more] for more in range(1, len(behind) + 1)),
    )
    return any(len(one) in lengths_from(one) and passes_luhn(one) for one in together)


def _digits_at_first(text: str) -> str:
    """The first digits of a text up to its first letter, six at most."""
    words = _NO_WORDS.match(text)
    return _NOT_DIGITS.sub("", words[0] if words else "")[:_MOST_MORE]


def _passes_mod_97(iban: str) -> bool:
    """ISO 7064, MOD 97-10."""
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def _passes_ups(number: str) -> bool:
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in number]
    return -(sum(values[0:15:2]) + 2 * sum(values[1:15:2])) % 10 == values[15]
