"""Which columns of a list a person sees, and in what order."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

# More than any list has, and longer than any column's name: what is kept of a forged choice.
_MOST: Final = 60
_NAME: Final = re.compile(r"[a-z][a-z-]{0,30}", re.ASCII)


class ListName(StrEnum):
    """The lists whose columns can be chosen."""

    PAYMENTS = "payments"
    ATTEMPTS = "attempts"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    CUSTOMERS = "customers"
    PAYOUTS = "payouts"


def kept_columns(names: Iterable[str]) -> list[str]:
    """What is kept of a choice: names of columns, each once, in their order.

    No name has a digit, so that nothing of a card can be kept as one.
    """
    return [one for one in dict.fromkeys(names) if _NAME.fullmatch(one)][:_MOST]
