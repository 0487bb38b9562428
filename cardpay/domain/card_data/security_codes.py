"""Security codes in a reading: three or four digits beside a name for them."""

import re
from collections.abc import Iterator
from typing import Final

_NAME: Final = (
    r"(?<![^\W\d_])(?:c\W?v\W?[vcnd]2?|cv2|cav2?|csc|cid|card\W{0,2}code"
    r"|(?<!social )sec(?:urity)?\W{0,2}(?:code|number|no)"
    r"|verification\W{0,2}(?:code|number|value)"
    r"|(?:3|three)[ -](?:digits?|numbers|figures)(?: (?:code|number|no))?"
    r"|(?<!last )(?:4|four)[ -]digits? (?:code|number)"
    r"|pr(?:ü|ue)f(?:nummer|ziffern?|zahl)|cryptogramme|c[oó]digo de seguridad)"
)
_BACK_OF_CARD: Final = r"back of(?: the| their)? card"
_BACK: Final = (
    r"(?:on|from|at)(?: the| their)? (?:back|reverse|front|(?:signature )?strip)"
    r"(?: of(?: the| their)?(?: card)?)?"
)
# A part of each of those names. Looking for parts is ten times as fast as for the names.
_PARTS: Final = (
    "csc", "cid", "cav", "card", "sec", "verif", "digit", "number", "figures", "three", "3 ",
    "back", "strip", "front", "reverse", "code", "prüf", "pruef", "crypto", "código", "codigo",
)  # fmt: skip
_CV: Final = re.compile(r"c\W?v")
# The digits that a masked number shows are no code, or masking twice would mask more.
_CODE: Final = r"(?<!•••• )(?:\d{3,4}|\d(?:[ .-]\d){2,3}|\d{2}[ .-]\d{1,2}|\d[ .-]\d{2,3})"
_FILLER: Final = r"(?:\W|_|\b(?:is|was|are|s|the|number|no|code|it|says|reads)\b){0,8}"
_AFTER: Final = re.compile(
    # "CSC 2026 conference": what is called CSC or CID, and when it is.
    rf"(?:(?!(?:csc|cid) 20[0-4]\d [a-z]){_NAME}(?:{_FILLER}{_BACK})?"
    rf"|(?<![^\W\d_])(?:code|digits|numbers?|figures|three|3) {_BACK}"
    rf"|{_BACK}(?= it\b)|{_BACK_OF_CARD})"
    rf"{_FILLER}(?P<code>{_CODE})(?!\d)"
    # Within one word it is a part of an id: "CAV6528OT9F4X43S", as banks name a transfer.
    r"(?!(?:(?<=[^\W\d_]\d{3})|(?<=[^\W\d_]\d{4}))[^\W\d_])",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    rf"(?<![\d.,/-])(?P<code>{_CODE})\W{{0,3}}"
    r"(?:(?:is (?:the |their )?|as )?(?=c\W?v\W?[vcn]2?\b|cv2\b)"
    rf"|(?:is |are )?(?={_BACK}(?!\W+[^\W\d_])|{_BACK_OF_CARD}))",
    re.IGNORECASE,
)


def may_have_code(text: str) -> bool:
    """Whether a name for a security code may be in it: a quick check, often too careful."""
    lower = text.lower()
    return any(part in lower for part in _PARTS) or _CV.search(lower) is not None


def security_codes(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each security code."""
    if not may_have_code(text):
        return
    for pattern in (_AFTER, _BEFORE):
        for match in pattern.finditer(text):
            yield match.span("code")
