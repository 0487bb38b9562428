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

PAYOUT_TRANSACTION: Final = "payout"
"""The type of the balance transaction that is the payout itself: what it took from the balance."""


class Itemisation(StrEnum):
    """Whether it is known what is in a payout, and whether that is all of it."""

    IMPOSSIBLE = "impossible"  # of a manual payout nobody knows what is in it
    WAITING = "waiting"  # Stripe has not said yet, or the desk has not asked yet
    ADDS_UP = "adds_up"
    DIFFERS = "differs"


def itemisation(
    *, is_automatic: bool, is_itemised: bool, amount_minor: int, listed_minor: int
) -> Itemisation:
    """How far the payout is known.

    `listed_minor` is the sum of `net` over its balance transactions without PAYOUT_TRANSACTION,
    in the payout's currency, and has to be its amount (Stripe docs: "Payout reconciliation").
    """
    if not is_automatic:
        return Itemisation.IMPOSSIBLE
    if not is_itemised:
        return Itemisation.WAITING
    return Itemisation.ADDS_UP if listed_minor == amount_minor else Itemisation.DIFFERS
