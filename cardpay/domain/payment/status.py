"""A payment's statuses, which may follow which, and the words that staff read for them.

The seven statuses are Stripe's PaymentIntent statuses (Stripe docs: "How PaymentIntents and
SetupIntents work", statuses). `None` stands for a payment whose PaymentIntent does not exist
yet. `requires_action` and `requires_payment_method` may follow each other any number of
times; `succeeded` and `canceled` are final.
"""

from enum import StrEnum
from typing import Final, Literal

from cardpay.domain.errors import CardpayError, MoneyMoved


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


def may_follow(old: PaymentStatus | None, new: PaymentStatus) -> bool:
    """Whether `new` may be what Stripe says next, after `old` was what it said last."""
    return new in TRANSITIONS[old]


def money_moved(status: PaymentStatus | None) -> MoneyMoved:
    """Whether a payment in this status has moved money, to say so when a step of it fails."""
    match status:
        case _S.SUCCEEDED:
            return MoneyMoved.YES
        case _S.PROCESSING:
            return MoneyMoved.UNKNOWN
    return MoneyMoved.NO


CONFIRMABLE: Final = frozenset({_S.REQUIRES_PAYMENT_METHOD, _S.REQUIRES_CONFIRMATION})
CANCELLABLE: Final = _OPEN - {_S.PROCESSING}


class AttemptOutcome(StrEnum):
    """How one confirm ended. `PENDING` until Stripe's answer is stored."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    AUTHENTICATION_FAILED = "authentication_failed"
    REFUSED = "refused"  # Stripe did not accept the request itself: nothing was tried
    NOT_CHARGED = "not_charged"  # never executed: the PaymentIntent was cancelled first


SETTLED_ATTEMPTS: Final = frozenset(
    {
        AttemptOutcome.SUCCEEDED,
        AttemptOutcome.DECLINED,
        AttemptOutcome.AUTHENTICATION_FAILED,
        AttemptOutcome.REFUSED,
        AttemptOutcome.NOT_CHARGED,
    }
)

ATTEMPT_LABELS: Final[dict[AttemptOutcome, str]] = {
    AttemptOutcome.PENDING: "Checking with Stripe",
    AttemptOutcome.REQUIRES_ACTION: "Needs authentication",
    AttemptOutcome.PROCESSING: "Processing",
    AttemptOutcome.SUCCEEDED: "Succeeded",
    AttemptOutcome.AUTHORISED: "Authorised",
    AttemptOutcome.DECLINED: "Declined",
    AttemptOutcome.AUTHENTICATION_FAILED: "Authentication failed",
    AttemptOutcome.REFUSED: "Not accepted",
    AttemptOutcome.NOT_CHARGED: "Not charged",
}


class CancellationCause(StrEnum):
    """Why a payment ended without money."""

    REQUESTED = "requested"  # a person cancelled it
    RECOVERY = "recovery"  # cancelled as the fence against a confirm of unknown outcome
    EXPIRED = "expired"  # unpaid for too long
    STRIPE = "stripe"  # cancelled outside cardpay


class DisplayStatus(StrEnum):
    """The status words that staff see; the first eight are a contract with screen readers."""

    SUCCEEDED = "Succeeded"
    DECLINED = "Declined"
    NEEDS_AUTHENTICATION = "Needs authentication"
    PROCESSING = "Processing"
    AUTHORISED = "Authorised"
    CANCELLED = "Cancelled"
    NOT_CHARGED = "Not charged"
    CHECKING = "Checking with Stripe"
    AWAITING_CARD = "Awaiting card"


Tone = Literal["success", "error", "warning", "info", "neutral"]

# What stands where a customer's name was.
ERASED: Final = "Erased"

# A word's colour and sign, the same on every page (colour never stands alone).
DISPLAY_TONES: Final[dict[DisplayStatus, Tone]] = {
    DisplayStatus.SUCCEEDED: "success",
    DisplayStatus.DECLINED: "error",
    DisplayStatus.NEEDS_AUTHENTICATION: "warning",
    DisplayStatus.PROCESSING: "info",
    DisplayStatus.AUTHORISED: "info",
    DisplayStatus.CANCELLED: "neutral",
    DisplayStatus.NOT_CHARGED: "neutral",
    DisplayStatus.CHECKING: "warning",
    DisplayStatus.AWAITING_CARD: "neutral",
}

_BY_STATUS: Final[dict[PaymentStatus, DisplayStatus]] = {
    _S.REQUIRES_PAYMENT_METHOD: DisplayStatus.AWAITING_CARD,
    _S.REQUIRES_CONFIRMATION: DisplayStatus.AWAITING_CARD,
    _S.REQUIRES_ACTION: DisplayStatus.NEEDS_AUTHENTICATION,
    _S.PROCESSING: DisplayStatus.PROCESSING,
    _S.REQUIRES_CAPTURE: DisplayStatus.AUTHORISED,
    _S.CANCELED: DisplayStatus.CANCELLED,
    _S.SUCCEEDED: DisplayStatus.SUCCEEDED,
}

_FAILED_ATTEMPTS: Final = frozenset(
    {AttemptOutcome.DECLINED, AttemptOutcome.AUTHENTICATION_FAILED}
)
_FENCED: Final = frozenset({CancellationCause.RECOVERY})


def display_status(
    status: PaymentStatus | None,
    *,
    has_open_operation: bool,
    last_attempt: AttemptOutcome | None,
    cancellation_cause: CancellationCause | None,
) -> DisplayStatus:
    """The one word for a payment, from what is stored about it.

    A final status wins over an open operation: what Stripe said for good cannot be undone
    by a request whose answer is still missing.
    """
    if status is _S.SUCCEEDED:
        return DisplayStatus.SUCCEEDED
    if status is _S.CANCELED:
        fenced = cancellation_cause in _FENCED
        return DisplayStatus.NOT_CHARGED if fenced else DisplayStatus.CANCELLED
    if has_open_operation:
        return DisplayStatus.CHECKING
    if status is None:
        return DisplayStatus.NOT_CHARGED
    if status in CONFIRMABLE and last_attempt in _FAILED_ATTEMPTS:
        return DisplayStatus.DECLINED
    return _BY_STATUS[status]


class WrongState(CardpayError):
    """The payment's status does not allow an action, named as a participle ("captured")."""

    def __init__(self, action: str, display: DisplayStatus, money: MoneyMoved) -> None:
        self.money = money
        super().__init__(f"{_WHY_NOT[display]}, so it can't be {action}.")

    @property
    def sentence(self) -> str:
        """The reason alone: it says what became of the money."""
        return self.what


_WHY_NOT: Final[dict[DisplayStatus, str]] = {
    DisplayStatus.SUCCEEDED: "This payment is already paid",
    DisplayStatus.DECLINED: "This payment was declined",
    DisplayStatus.NEEDS_AUTHENTICATION: "This payment is waiting for authentication",
    DisplayStatus.PROCESSING: "This payment is still processing",
    DisplayStatus.AUTHORISED: "This payment is held on the card",
    DisplayStatus.CANCELLED: "This payment was cancelled",
    DisplayStatus.NOT_CHARGED: "This payment was closed without a charge",
    DisplayStatus.CHECKING: "We're confirming this payment with Stripe",
    DisplayStatus.AWAITING_CARD: "This payment has not been paid yet",
}
