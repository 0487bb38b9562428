"""A refund's statuses and reasons, and how much of a payment may still be refunded."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, Literal, Protocol, get_args

from cardpay.domain.payment.status import PaymentStatus


class RefundStatus(StrEnum):
    """Stripe's statuses of a Refund, as Stripe spells them (API reference: "The Refund object").

    `succeeded` is not final: the cardholder's bank may still send the money back.
    """

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


RefundReason = Literal["requested_by_customer", "duplicate", "fraudulent"]
REFUND_REASONS: Final[tuple[RefundReason, ...]] = get_args(RefundReason)
"""Why a payment is refunded, as Stripe spells it (API reference: "Create a refund", `reason`)."""

FINAL_REFUND_STATUSES: Final = frozenset({RefundStatus.FAILED, RefundStatus.CANCELED})
"""Nothing that Stripe says later changes these, and such a refund has returned no money."""

REFUND_UNDER_WAY: Final = frozenset({RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION})
"""The money is not with the customer yet, and may still come back."""


DAYS_TO_REACH_CARD: Final = "5–10"
"""How many days a refund takes to reach the card (Stripe docs: "Refund and cancel payments")."""

EXPIRED_HOLD: Final = "expired_uncaptured_charge"
"""Stripe's own reason for a Refund that it makes when a hold runs out (API reference)."""


class RefundOfPayment(Protocol):
    """What has to be known of a refund to tell what it does to its payment."""

    @property
    def amount_minor(self) -> int:
        """In the minor unit of the payment's currency."""

    @property
    def status(self) -> RefundStatus | str | None:
        """Stripe's, or None until Stripe has answered."""

    @property
    def reason(self) -> str | None:
        """Stripe's."""

    @property
    def stripe_balance_transaction_id(self) -> str | None:
        """What moved the money out of the Stripe balance."""


def is_release(refund: RefundOfPayment, amount_minor: int, received_minor: int) -> bool:
    """Whether a refund only released what was held on the card: no money had been taken.

    Older versions of the API make a Refund when a hold is captured in part, is cancelled, or runs
    out. It succeeds without a balance transaction (Stripe docs: "Place a hold on a payment
    method").
    """
    if refund.reason == EXPIRED_HOLD:
        return True
    return (
        received_minor < amount_minor
        and refund.status == RefundStatus.SUCCEEDED
        and refund.stripe_balance_transaction_id is None
    )


def released_minor(
    status: PaymentStatus | str | None, amount_minor: int, received_minor: int
) -> int:
    """What was held of a payment and was not taken, in the minor unit."""
    return max(0, amount_minor - received_minor) if status == PaymentStatus.SUCCEEDED else 0


def shown_minor(status: PaymentStatus | str | None, amount_minor: int, received_minor: int) -> int:
    """The amount by which a payment is shown, in the minor unit: of a hold what was taken."""
    return amount_minor - released_minor(status, amount_minor, received_minor)


def refunded_minor(
    refunds: Iterable[RefundOfPayment], amount_minor: int, received_minor: int
) -> int:
    """What Stripe has refunded or is refunding of a payment, in the minor unit."""
    return sum(
        refund.amount_minor
        for refund in refunds
        if refund.status is not None
        and refund.status not in FINAL_REFUND_STATUSES
        and not is_release(refund, amount_minor, received_minor)
    )


def refundable_minor(
    refunds: Iterable[RefundOfPayment], amount_minor: int, received_minor: int
) -> int:
    """What may still be refunded of a payment, in the minor unit, never below zero.

    A refund that was asked for counts before Stripe has answered.
    """
    standing = sum(
        refund.amount_minor
        for refund in refunds
        if refund.status not in FINAL_REFUND_STATUSES
        and not is_release(refund, amount_minor, received_minor)
    )
    return max(0, received_minor - standing)
