"""Links to a page that survive sign-in: somebody ends up where they wanted to go.

Only the address of one of our pages is taken, with its filter: nobody is ever sent elsewhere. What
a parameter says is checked by its page, as in any other link.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from components.frame.page_list import PAGES
from components.frame.session_state import PAYMENT_PARAMETER

_MOST_PARAMETERS: Final = 50
_LONGEST: Final = 2_000  # characters: it is kept in a cookie, of which browsers take 4,096 bytes
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)
# What a provider answers with (OpenID Connect Core 3.1.2.5; RFC 9207): no page of ours reads it.
_ANSWERS: Final = frozenset(
    {"code", "state", "session_state", "iss", "error", "error_description"}
)
_PAYMENT_INTENT: Final = re.compile(r"pi_[A-Za-z0-9]{1,100}", re.ASCII)
_PATHS: Final = frozenset(page.path for page in PAGES)


def own_link(address: str) -> str | None:
    """The path and query of a link to one of our pages; None for anything else."""
    try:
        parts = urlsplit(address)
        sent = parse_qsl(parts.query, max_num_fields=_MOST_PARAMETERS)
    except ValueError:  # brackets that are no address, or a query that no page of ours has
        return None
    if parts.path not in _PATHS:
        return None
    query = urlencode([(name, value) for name, value in sent if _may_stay(name, value)])
    return f"{parts.path}?{query}" if query and len(query) <= _LONGEST else parts.path


def _may_stay(name: str, value: str) -> bool:
    if name != PAYMENT_PARAMETER:
        is_named = _NAME.fullmatch(name) is not None and name not in _ANSWERS
        return is_named and value.isprintable()
    try:
        return str(UUID(value)) == value
    except ValueError:
        return _PAYMENT_INTENT.fullmatch(value) is not None
