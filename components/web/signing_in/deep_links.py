"""Links to a page that survive sign-in: somebody ends up where they wanted to go.

Only the address of one of our pages is taken, with the parameters that links may carry: nobody is
ever sent elsewhere.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from components.frame.page_list import PAGES
from components.frame.session_state import PAYMENT_PARAMETER

_MOST_PARAMETERS: Final = 50
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
    kept = {name: value for name, value in sent if _may_stay(name, value)}
    return f"{parts.path}?{urlencode(kept)}" if kept else parts.path


def _may_stay(name: str, value: str) -> bool:
    if name != PAYMENT_PARAMETER:
        return False
    try:
        return str(UUID(value)) == value
    except ValueError:
        return _PAYMENT_INTENT.fullmatch(value) is not None
