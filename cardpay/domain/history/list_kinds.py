"""Words of the import and of the reconciliation: which lists are read, and what may differ."""

from enum import StrEnum


class ListKind(StrEnum):
    """Stripe's lists that make up an account's history."""

    PAYMENT_INTENTS = "payment_intents"
    CHARGES = "charges"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    BALANCE_TRANSACTIONS = "balance_transactions"
    PAYOUTS = "payouts"


class DifferenceKind(StrEnum):
    """What a difference between the desk and Stripe is about."""

    PAYMENT = "Payment"
    CHARGE = "Charge"
    FEE = "Fee"
    REFUND = "Refund"
    DISPUTE = "Dispute"
    PAYOUT = "Payout"
    EVENT = "Event"
