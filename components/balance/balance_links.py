"""Where a payout is opened, and where the month-end file is."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from urllib.parse import quote, urlencode

from cardpay.domain.business_days import Days
from components.frame.page_list import BALANCE

PAYOUT_PARAMETER: Final = "payout"
MONTH_END_FILE: Final = "/balance/files/month-end.xlsx"
_FROM: Final = "from"
_TO: Final = "to"


def payout_link(payout_id: str) -> str:
    """The address of the Balance page with this payout open."""
    return f"/{BALANCE.name}?{PAYOUT_PARAMETER}={quote(payout_id)}"


def month_end_link(first: date, last: date) -> str:
    """The address of the month-end file of these days."""
    return f"{MONTH_END_FILE}?{urlencode({_FROM: first.isoformat(), _TO: last.isoformat()})}"


def days_of_link(parameters: Mapping[str, str]) -> Days:
    """The days that an address of the file names.

    Raises KeyError, ValueError, InvalidInput where it names none.
    """
    return Days(date.fromisoformat(parameters[_FROM]), date.fromisoformat(parameters[_TO]))
