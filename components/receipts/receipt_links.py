"""Where receipts are."""

from typing import Final
from urllib.parse import urlencode

RECEIPTS: Final = "/receipts"
REFUND_PARAMETER: Final = "refund"


def pdf_link(payment_id: str, refund_id: str | None = None) -> str:
    """The address of the PDF of a payment's receipt, or of its refund's."""
    return _link("pdf", payment_id, refund_id)


def print_link(payment_id: str, refund_id: str | None = None) -> str:
    """The address of the page that prints a payment's receipt, or its refund's."""
    return _link("print", payment_id, refund_id)


def _link(kind: str, payment_id: str, refund_id: str | None) -> str:
    refund = f"?{urlencode({REFUND_PARAMETER: refund_id})}" if refund_id else ""
    return f"{RECEIPTS}/{kind}/{payment_id}{refund}"
