"""The lists that make up an account's history, which waits for which, and what may differ."""

from enum import StrEnum
from typing import Final


class ListKind(StrEnum):
    """Stripe's lists that make up an account's history."""

    PAYMENT_INTENTS = "payment_intents"
    CHARGES = "charges"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    BALANCE_TRANSACTIONS = "balance_transactions"
    PAYOUTS = "payouts"


NEEDS: Final = {
    ListKind.PAYMENT_INTENTS: frozenset[ListKind](),
    ListKind.CHARGES: frozenset({ListKind.PAYMENT_INTENTS}),
    ListKind.REFUNDS: frozenset({ListKind.PAYMENT_INTENTS, ListKind.CHARGES}),
    ListKind.DISPUTES: frozenset({ListKind.PAYMENT_INTENTS, ListKind.CHARGES}),
    ListKind.BALANCE_TRANSACTIONS: frozenset[ListKind](),
    ListKind.PAYOUTS: frozenset[ListKind](),
}
"""Which lists an import has to store whole before it reads one: a charge needs its payment."""


class DifferenceKind(StrEnum):
    """What a difference between the desk and Stripe is about."""

    PAYMENT = "Payment"
    CHARGE = "Charge"
    FEE = "Fee"
    REFUND = "Refund"
    DISPUTE = "Dispute"
    PAYOUT = "Payout"
    EVENT = "Event"
    LINK = "Payment link"
