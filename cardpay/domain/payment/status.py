"""A payment's statuses at Stripe, and which may follow which.

The seven statuses are Stripe's PaymentIntent statuses (Stripe docs: "How PaymentIntents and
SetupIntents work", statuses). `None` stands for a payment whose PaymentIntent does not exist
yet. `requires_action` and `requires_payment_method` may follow each other any number of
times; `succeeded` and `canceled` are final.
"""

from enum import StrEnum
from typing import Final

from cardpay.domain.errors import MoneyMoved


class PaymentStatus(StrEnum):
    """Stripe's statuses of a PaymentIntent, as Stripe spells them."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"


_S = PaymentStatus
TERMINAL: Final = frozenset({_S.SUCCEEDED, _S.CANCELED})
_OPEN: Final = frozenset(_S) - TERMINAL

# An observer may miss any number of statuses in between, so from an open status each other
# one may be the next that is seen; what may never be seen is a way out of a final status, or
# back from a hold (requires_capture) to a payment without a card.
TRANSITIONS: Final[dict[PaymentStatus | None, frozenset[PaymentStatus]]] = {
    None: frozenset(_S),
    _S.REQUIRES_PAYMENT_METHOD: frozenset(_S),
    _S.REQUIRES_CONFIRMATION: frozenset(_S),
    _S.REQUIRES_ACTION: frozenset(_S),
    _S.PROCESSING: frozenset(_S),
    _S.REQUIRES_CAPTURE: frozenset({_S.REQUIRES_CAPTURE, _S.SUCCEEDED, _S.CANCELED}),
    _S.SUCCEEDED: frozenset({_S.SUCCEEDED}),
    _S.CANCELED: frozenset({_S.CANCELED}),
}


def may_follow(old: PaymentStatus | str | None, new: PaymentStatus | str) -> bool:
    """Whether `new` may be what Stripe says next, after `old` was what it said last.

    Of a status that Stripe did not have when this was written nothing is known: all may follow it,
    and it may follow all that is not final.
    """
    if not isinstance(old, PaymentStatus | None) or not isinstance(new, PaymentStatus):
        return old not in TERMINAL
    return new in TRANSITIONS[old]


def money_moved(status: PaymentStatus | str | None) -> MoneyMoved:
    """Whether a payment in this status has moved money, to say so when a step of it fails."""
    match status:
        case _S.SUCCEEDED:
            return MoneyMoved.YES
        case _S.PROCESSING:
            return MoneyMoved.UNKNOWN
    return MoneyMoved.NO


CONFIRMABLE: Final = frozenset({_S.REQUIRES_PAYMENT_METHOD, _S.REQUIRES_CONFIRMATION})
CANCELLABLE: Final = _OPEN - {_S.PROCESSING}

MAY_STILL_BE_PAID: Final = CONFIRMABLE | {_S.REQUIRES_ACTION}
"""Taking the payment may go on: with a card, or with the cardholder's authentication."""

CHARGED_OR_HELD: Final = frozenset({_S.SUCCEEDED, _S.PROCESSING, _S.REQUIRES_CAPTURE})
"""The card was charged, is being charged, or the amount is held on it."""


class CancellationCause(StrEnum):
    """Why a payment ended without money."""

    REQUESTED = "requested"  # a person cancelled it
    RECOVERY = "recovery"  # cancelled as the fence against a confirm of unknown outcome
    EXPIRED = "expired"  # unpaid for too long
    HOLD_EXPIRED = "hold_expired"  # held, and not captured in time
    STRIPE = "stripe"  # cancelled outside cardpay
