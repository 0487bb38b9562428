"""The NUL character is refused before it reaches the database: PostgreSQL takes it in no text.

Nobody types it; a forged message, address or answer may hold it. SQLite would take it, and refuses
it here all the same, so that both behave alike.
"""

from collections.abc import Mapping
from typing import Any

from cardpay.domain.errors import CardpayError


class UnusableText(CardpayError):
    """A text that no database keeps and no search finds."""

    def __init__(self) -> None:
        super().__init__(
            "The text has a character in it that can't be used (NUL).",
            "Remove it, or type the text again.",
        )


def refuse_nul(
    _connection: Any, _cursor: Any, _statement: str, parameters: Any, *_rest: Any
) -> None:
    """Before each statement: raise UnusableText for a value with a NUL."""
    if _has_nul(parameters):
        raise UnusableText


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(map(_has_nul, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_nul, value))
