"""What is taken out of texts that people or other systems write."""

import re
import unicodedata
from typing import Final

# Embeddings, overrides and isolates of the writing's direction: with them a text can look like
# another one (Unicode Standard Annex 9; "Trojan Source", CVE-2021-42574).
_DIRECTION: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
# They join letters and emoji, and stand in many languages' names (Unicode, "Join_Control").
_JOINERS: Final = "\u200c\u200d"
WORD_JOINER: Final = "\u2060"
"""Has no width. The desk itself puts it into what it shows, from where people copy it."""


def without_overrides(text: str) -> str:
    """`text` without what changes the direction of writing."""
    return _DIRECTION.sub("", text)


def tidy(text: str) -> str:
    """`text` without control characters and word joiners, with single spaces.

    Of joiners alone, which nobody sees, nothing is left.
    """
    printable = "".join(
        c if c in _JOINERS or unicodedata.category(c)[0] != "C" else " "
        for c in without_overrides(text).replace(WORD_JOINER, "")
    )
    return " ".join(printable.split()) if set(printable).difference(_JOINERS, " ") else ""
