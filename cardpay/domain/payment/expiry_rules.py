"""Expiry of unpaid payments: which payments count as unpaid, and how long one may stay so."""

from datetime import timedelta
from typing import Final

from cardpay.domain.payment.display_status import DisplayStatus

UNPAID_LIFETIME: Final = timedelta(hours=24)
"""Where no setting says otherwise: then the PaymentIntent is cancelled, and the order is free."""

UNPAID: Final = frozenset(
    {DisplayStatus.AWAITING_CARD, DisplayStatus.DECLINED, DisplayStatus.NEEDS_AUTHENTICATION}
)
"""Nobody has paid, and no operation is open. A hold (Authorised) is not unpaid."""
