"""A refund's statuses, and how much of a payment may still be refunded."""

from enum import StrEnum
from typing import Final


class RefundStatus(StrEnum):
    """Stripe's statuses of a Refund, as Stripe spells them (API reference: "The Refund object").

    `succeeded` is not final: the cardholder's bank may still send the money back.
    """

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


FINAL_REFUND_STATUSES: Final = frozenset({RefundStatus.FAILED, RefundStatus.CANCELED})
"""No later statement changes these, and such a refund has returned no money."""

REFUND_UNDER_WAY: Final = frozenset({RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION})
"""The money is not with the customer yet, and may still come back."""


def refundable_minor(received_minor: int, standing_minor: int) -> int:
    """What may still be refunded, in the minor unit: what was received, less what stands.

    `standing_minor` is the sum of all refunds but those that failed or were cancelled.
    """
    return max(0, received_minor - standing_minor)
