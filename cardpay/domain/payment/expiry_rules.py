"""Expiry of unpaid payments: which are cancelled, and how long one may stay unpaid."""

from datetime import datetime, timedelta
from typing import Final

from cardpay.domain.payment.display_status import DisplayStatus

UNPAID_LIFETIME: Final = timedelta(hours=24)
"""Where no setting says otherwise: then the PaymentIntent is cancelled, and the order is free."""

UNPAID: Final = frozenset(
    {DisplayStatus.AWAITING_CARD, DisplayStatus.DECLINED, DisplayStatus.NEEDS_AUTHENTICATION}
)
"""Nobody has paid, and no operation is open. A hold (Authorised) is not unpaid."""


def has_expired(
    status: str,
    *,
    taken_at_desk: bool,
    holds_order: bool,
    created_at: datetime,
    created_before: datetime,
) -> bool:
    """Whether a payment is to be cancelled: one of the desk's that is unpaid and too old.

    Payments taken elsewhere are not the desk's to cancel. One that holds no order expires at any
    age: its PaymentIntent was made after the desk had said that nothing was charged.
    """
    is_due = created_at < created_before or not holds_order
    return status in UNPAID and taken_at_desk and is_due
