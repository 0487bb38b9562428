"""A refund's statuses and reasons, and how much of a payment may still be refunded."""

from enum import StrEnum
from typing import Final, Literal, get_args


class RefundStatus(StrEnum):
    """Stripe's statuses of a Refund, as Stripe spells them (API reference: "The Refund object").

    `succeeded` is not final: the cardholder's bank may still send the money back.
    """

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


RefundReason = Literal["duplicate", "fraudulent", "requested_by_customer"]
REFUND_REASONS: Final[tuple[RefundReason, ...]] = get_args(RefundReason)
"""Why a payment is refunded, as Stripe spells it (API reference: "Create a refund", `reason`)."""

FINAL_REFUND_STATUSES: Final = frozenset({RefundStatus.FAILED, RefundStatus.CANCELED})
"""Nothing that Stripe says later changes these, and such a refund has returned no money."""

REFUND_UNDER_WAY: Final = frozenset({RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION})
"""The money is not with the customer yet, and may still come back."""


DAYS_TO_REACH_CARD: Final = "5–10"
"""How many days a refund takes to reach the card (Stripe docs: "Refund and cancel payments")."""


def refundable_minor(received_minor: int, standing_minor: int) -> int:
    """What may still be refunded, in the minor unit, never below zero.

    `standing_minor` is the sum of all refunds but those that failed or were cancelled.
    """
    return max(0, received_minor - standing_minor)
