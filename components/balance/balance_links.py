"""Where a payout is opened: on the Balance page, by Stripe's id of it in the address."""

from typing import Final
from urllib.parse import quote

from components.frame.page_list import BALANCE

PAYOUT_PARAMETER: Final = "payout"


def payout_link(payout_id: str) -> str:
    """The address of the Balance page with this payout open."""
    return f"/{BALANCE.name}?{PAYOUT_PARAMETER}={quote(payout_id)}"
