"""What payments are found by: the words of a name, the end of a telephone number, a number.

The same functions make what is stored and what a person typed, so that spellings meet.
"""

import re
import unicodedata
from typing import Final

from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.errors import InvalidInput

# Letters that Unicode does not take apart into a letter and its accent.
_PLAIN: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
)
_WORD: Final = re.compile(r"[^\W_]+")
_SIGNS: Final = re.compile(r"[^\w\s]|_")
_NUMBER: Final = re.compile(r"\d+", re.ASCII)
_PHONE: Final = re.compile(r"\+?[\d\s().\-/]+", re.ASCII)
# National numbers have nine digits or more almost everywhere (ITU-T E.164 has at most fifteen with
# the country's code); what stands before them is written in several ways: +44, 0044, 0.
_NATIONAL_DIGITS: Final = 9
_LEAST_PHONE_DIGITS: Final = 5
_LONGEST_SEARCH: Final = 200  # characters: as long as any name, address or reference
# Indexes hold 2,700 bytes, and what is written without spaces is one word.
_LONGEST_WORD: Final = 100
_MOST_WORDS: Final = 10  # each is looked for by itself


def check_search(text: str) -> None:
    """Refuse what nobody can mean to search for.

    Raises CardDataRefused; InvalidInput if it is too long, or of too many words.
    """
    typed = text.strip()
    if len(typed) > _LONGEST_SEARCH:
        raise InvalidInput("Search", f"Search must be {_LONGEST_SEARCH} characters or fewer")
    refuse_card_data_as_id("Search", typed)
    if len(typed_words(typed)) > _MOST_WORDS:
        raise InvalidInput("Search", f"Search for {_MOST_WORDS} words or fewer")


def unaccented(text: str) -> str:
    """The text without accents and differences of case: "Zoë Müller" is "zoe muller"."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_PLAIN)


def typed_words(text: str) -> list[str]:
    """The words of what was typed, each the beginning of a word that is looked for."""
    return [word[:_LONGEST_WORD] for word in _WORD.findall(unaccented(text))]


def note_words(text: str | None) -> frozenset[str]:
    """What a note is found by: each of its words, told from a customer's by a sign before it."""
    return frozenset(f"#{word}" for word in typed_words(text or ""))


def stored_words(name: str | None, email: str | None, note: str | None = None) -> frozenset[str]:
    """What a customer is found by: each word of the name, and "@" with the e-mail's domain.

    "O'Brien" is found as o, brien and obrien. The order's note is found, too.
    """
    words = set(typed_words(name or ""))
    words.update(typed_words(_SIGNS.sub("", name or "")))
    _, at, domain = (email or "").casefold().rpartition("@")
    return note_words(note) | words | ({f"@{domain}"} if at and domain else set())


def phone_key(phone: str | None) -> str | None:
    """A telephone number from its end, since its beginning is written in several ways."""
    return "".join(_NUMBER.findall(phone or ""))[::-1] or None


def typed_phone_key(text: str) -> str | None:
    """How the key of the number begins whose end was typed; None for what is no number."""
    if not _PHONE.fullmatch(text.strip()):
        return None
    found = "".join(_NUMBER.findall(text)).lstrip("0")
    return found[-_NATIONAL_DIGITS:][::-1] if len(found) >= _LEAST_PHONE_DIGITS else None


def reference_number(order_reference: str) -> str | None:
    """The last number in an order reference, without leading zeros: 12877 of "FH-12877"."""
    found = _NUMBER.findall(order_reference)
    return (found[-1].lstrip("0") or "0") if found else None
