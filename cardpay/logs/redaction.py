"""Blots out of text what must not be kept: keys, secrets, card data, addresses.

A net below the rule, not the rule: the desk logs ids, and nothing that people typed. But other
libraries' lines and exceptions may quote what they were given.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote, quote_plus

from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.logs.wordless_errors import kind_of

BLOT: Final = "•••"
_DEEPEST: Final = 8
_SHORTEST_SECRET: Final = 8  # a shorter one would blot out ordinary words
_LEAST_CARD_NUMBER: Final = 10**12

# What a value is called where only its name tells that it is secret or personal.
_TELLING_NAMES: Final = (
    "authorization|proxy-authorization|cookie|set-cookie|stripe-signature|x-xsrftoken|"
    "client_secret|cookie_secret|secret_key|api_key|apikey|secret|password|passwd|pwd|"
    "access_token|refresh_token|id_token|token|code_verifier|"
    "cvc|cvv|cvv2|cvn|security_code|card_number|pan"
)
_PERSONAL_NAMES: Final = (
    "email|customer_email|receipt_email|customer_name|customer_phone|phone|billing_details|"
    "billing_name|name_on_card|shipping|address|postal_code|note"
)
_NAMES: Final = frozenset(
    name.replace("-", "_") for name in f"{_TELLING_NAMES}|{_PERSONAL_NAMES}".split("|")
)

_PATTERNS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # PostgreSQL quotes rows below an error (PostgreSQL docs: "Message reporting").
    (re.compile(r"^([ \t]*(?:DETAIL|CONTEXT):).*$", re.MULTILINE), rf"\1 {BLOT}"),
    # Headers and settings: `Cookie: a=b; c=d` is secret up to the end of its line.
    (
        re.compile(
            r"(?<![\w\"'])((?:proxy-)?authorization|(?:set-)?cookie|stripe-signature)"
            r"(\s*[:=]\s*)[^\r\n]+",
            re.IGNORECASE,
        ),
        rf"\1\2{BLOT}",
    ),
    # JSON and Python's way to write a mapping or a pair: the value may be quoted or not.
    (
        re.compile(
            rf"((['\"])(?:{_TELLING_NAMES}|{_PERSONAL_NAMES}|name)\2\s*[:,]\s*)"
            r"(?:b?(['\"])(?:\\.|(?!\3).)*\3|[^\s,})\]]+)",
            re.IGNORECASE | re.DOTALL,
        ),
        rf"\1'{BLOT}'",
    ),
    # Forms and `name=value`.
    (
        re.compile(
            rf"(?:(?<![A-Za-z])|(?<=%5B))((?:{_TELLING_NAMES})(?:\]|%5D)?=)[^\s&;,'\"]+",
            re.IGNORECASE,
        ),
        rf"\1{BLOT}",
    ),
    (re.compile(r"(://[^:/@\s]*):[^@\s/]*(?:/[^@\s/]*)?@"), rf"\1:{BLOT}@"),
    (re.compile(r"\b(bearer\s+)[\w.~+/=\-]{6,}", re.IGNORECASE), rf"\1{BLOT}"),
    (re.compile(r"\b(basic\s+)[A-Za-z0-9+/]{12,}={0,2}", re.IGNORECASE), rf"\1{BLOT}"),
    (re.compile(r"\beyJ[\w\-]{5,1000}\.[\w\-]+(?:\.[\w\-]*)?"), BLOT),  # a JSON web token
    (re.compile(r"(?<![A-Za-z0-9])([sre]k_(?:test|live)_)[A-Za-z0-9_]+"), rf"\1{BLOT}"),
    (re.compile(r"(?<![A-Za-z0-9])(whsec_)[A-Za-z0-9_+/=\-]+"), rf"\1{BLOT}"),
    (re.compile(r"((?:pi|seti|cs|src)_[A-Za-z0-9]+_secret_)[A-Za-z0-9]+"), rf"\1{BLOT}"),
    (
        re.compile(r"[\w.!#$&'*+^`~%\-]{1,64}(?:@|%40)[\w\-]+(?:\.[\w\-]+)+"),
        f"{BLOT}@{BLOT}",
    ),
)
# A query may hold what somebody typed; of ours only a payment's id says where one was.
_QUERY: Final = re.compile(r"(?<=[\w/\]\-])\?(?=[^\s\"'=?]*=)[^\s\"'<>)]*")
_PAYMENT: Final = re.compile(r"[?&](payment=[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=&|$)")
# Whose digits are no card number's: UUIDs, times, Stripe's ids, digests, fractions.
_WITHOUT_CARDS: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|[a-z]{2,6}_(?=\d*[A-Za-z])[A-Za-z0-9]{8,}"
    r"|(?=\d*[a-f])[0-9a-f]{32,128}"
    r"|0x[0-9a-f]+"
    r"|0\.\d+(?:e-?\d+)?"
    r")(?![0-9A-Za-z])",
    re.ASCII,
)
_LONGEST: Final = 20_000  # of what is written: beyond a traceback's length it is somebody's flood
_THREE_DIGITS: Final = re.compile(r"\d.*\d.*\d", re.DOTALL)


class Redaction:
    """What is blotted out. `secrets` are values that must not appear, whatever they look like."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        told = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        forms = {form for secret in told for form in (secret, quote(secret), quote_plus(secret))}
        literals = sorted(forms, key=len, reverse=True)
        self._literals = re.compile("|".join(map(re.escape, literals))) if literals else None

    def text(self, text: str) -> str:
        """`text` without what must not be kept; of a very long one, how long it is."""
        if len(text) > _LONGEST:
            return f"({len(text)} characters)"
        if self._literals is not None:
            text = self._literals.sub(BLOT, text)
        text = _QUERY.sub(_short_query, text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return _without_card_data(text) if _THREE_DIGITS.search(text) else text

    def value(self, value: object, depth: int = 0) -> Any:
        """The same for whatever a log line may hold; what is unknown becomes text."""
        match value:
            case None | bool():
                return value
            case str():
                return self.text(str(value))
            case int() | float():
                return self._number(value)
            case datetime() | date():
                return value.isoformat()
            case bytes() | bytearray():
                return self.text(bytes(value).decode(errors="replace"))
            case Mapping() | list() | tuple() | set() | frozenset() if depth >= _DEEPEST:
                return "…"
            case Mapping():
                return {
                    self.text(str(name)): self.named(str(name), inner, depth + 1)
                    for name, inner in value.items()
                }
            case list() | tuple() | set() | frozenset():
                return [self.value(inner, depth + 1) for inner in value]
            case BaseException():
                return kind_of(value)  # never its words
            case _:
                return self.text(_written(value))

    def named(self, name: str, value: object, depth: int = 0) -> Any:
        """A value with its name, which may be enough to tell that it must not be kept."""
        is_told = value not in (None, "", True, False)
        if is_told and name.lower().replace("-", "_") in _NAMES:
            return BLOT
        return self.value(value, depth)

    def _number(self, value: float) -> float | str:
        if abs(value) < _LEAST_CARD_NUMBER:
            return value
        written = f"{value:.0f}"
        masked = mask_card_numbers(written)
        return value if masked == written else masked


def without_query(target: str) -> str:
    """A request's target without its query, of which a payment's id alone is kept."""
    path, mark, query = target.partition("?")
    return path + (_short_query_of(f"?{query}") if mark else "")


def _short_query(match: re.Match[str]) -> str:
    return _short_query_of(match.group())


def _short_query_of(query: str) -> str:
    payment = _PAYMENT.search(query)
    return f"?{payment[1]}" if payment else "?…"


def _without_card_data(text: str) -> str:
    """Ids and times are left alone: now and then their digits look like a card number."""
    kept, position = [], 0
    for match in _WITHOUT_CARDS.finditer(text):
        kept += [mask_card_numbers(text[position : match.start()]), match.group()]
        position = match.end()
    return "".join(kept) + mask_card_numbers(text[position:])


def _written(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a line about a failure must not be another one
        return f"<{type(value).__name__}>"
