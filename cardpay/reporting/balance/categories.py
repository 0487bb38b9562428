"""Stripe's reporting categories: what each is called, and which part of the balance it is."""

from enum import StrEnum
from typing import Final

from cardpay.reporting.payments.method_words import in_plain_words


class Part(StrEnum):
    """One term of the balance: opening + all of these = closing."""

    PAYMENTS = "Payments"
    REFUNDS = "Refunds"
    DISPUTES = "Disputes"
    FEES = "Fees"
    OTHER = "Other"
    PAID_OUT = "Paid out"


# Stripe docs: "Reporting categories". Those that are not here are OTHER. A type stands for a
# category where Stripe gives none.
_PARTS: Final = {
    "charge": Part.PAYMENTS,
    "charge_failure": Part.PAYMENTS,
    "payment": Part.PAYMENTS,
    # What was held and not captured: the charge has the whole hold, though its type is "refund".
    "partial_capture_reversal": Part.PAYMENTS,
    "refund": Part.REFUNDS,
    "refund_failure": Part.REFUNDS,
    "dispute": Part.DISPUTES,
    "dispute_reversal": Part.DISPUTES,
    "fee": Part.FEES,
    "stripe_fee": Part.FEES,
    "network_cost": Part.FEES,
    "tax": Part.FEES,
    "payout": Part.PAID_OUT,
    "payout_reversal": Part.PAID_OUT,
    "payout_failure": Part.PAID_OUT,
    "payout_cancel": Part.PAID_OUT,
}
_WORDS: Final = {
    "charge": "Payment",
    "charge_failure": "Failed payment",
    "partial_capture_reversal": "Not captured",
    "refund_failure": "Failed refund",
    "dispute_reversal": "Dispute returned",
    "payout_reversal": "Payout returned",
    "fee": "Stripe fee",
    "topup": "Top-up",
    "other_adjustment": "Adjustment",
}


def part_of(category: str) -> Part:
    """The part of the balance that a category counts to."""
    return _PARTS.get(category, Part.OTHER)


def category_words(category: str) -> str:
    """What a category is called on screen and in files."""
    return _WORDS.get(category) or in_plain_words(category)
