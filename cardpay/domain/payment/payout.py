"""A payout's statuses, and whether its transactions add up."""

from enum import StrEnum
from typing import Final


class PayoutStatus(StrEnum):
    """Stripe's statuses of a Payout, as Stripe spells them (API reference: "The Payout object").

    `paid` is not final: the bank may still send the money back.
    """

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"


FINAL_PAYOUT_STATUSES: Final = frozenset({PayoutStatus.FAILED, PayoutStatus.CANCELED})
