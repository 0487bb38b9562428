"""The status word that staff read for a payment, derived from what is stored about it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from cardpay.domain.errors import CardpayError, MoneyMoved
from cardpay.domain.payment.attempt import FAILED_ATTEMPTS, AttemptOutcome
from cardpay.domain.payment.dispute import ENDED_DISPUTE_STATUSES, DisputeStatus
from cardpay.domain.payment.status import CONFIRMABLE, CancellationCause, PaymentStatus


class DisplayStatus(StrEnum):
    """The status words that staff see. Screen readers and tests rely on the first thirteen.

    The first six are of a payment that was paid: they say what became of its money.
    """

    SUCCEEDED = "Succeeded"
    REFUNDED = "Refunded"
    PARTIALLY_REFUNDED = "Partially refunded"
    DISPUTED = "Disputed"
    DISPUTE_LOST = "Dispute lost"
    DISPUTE_WON = "Dispute won"
    DECLINED = "Declined"
    NEEDS_AUTHENTICATION = "Needs authentication"
    PROCESSING = "Processing"
    AUTHORISED = "Authorised"
    CANCELLED = "Cancelled"
    NOT_CHARGED = "Not charged"
    CHECKING = "Checking with Stripe"
    AWAITING_CARD = "Awaiting card"
    AWAITING_CUSTOMER = "Awaiting customer"
    UNKNOWN = "Unknown status"


Tone = Literal["success", "error", "warning", "info", "neutral"]

# The status's colour and icon, the same on every page (colour is never the only sign).
DISPLAY_TONES: Final[dict[DisplayStatus, Tone]] = {
    DisplayStatus.SUCCEEDED: "success",
    DisplayStatus.REFUNDED: "neutral",
    DisplayStatus.PARTIALLY_REFUNDED: "neutral",
    DisplayStatus.DISPUTED: "warning",
    DisplayStatus.DISPUTE_LOST: "error",
    DisplayStatus.DISPUTE_WON: "success",
    DisplayStatus.DECLINED: "error",
    DisplayStatus.NEEDS_AUTHENTICATION: "warning",
    DisplayStatus.PROCESSING: "info",
    DisplayStatus.AUTHORISED: "info",
    DisplayStatus.CANCELLED: "neutral",
    DisplayStatus.NOT_CHARGED: "neutral",
    DisplayStatus.CHECKING: "warning",
    DisplayStatus.AWAITING_CARD: "neutral",
    DisplayStatus.AWAITING_CUSTOMER: "info",
    DisplayStatus.UNKNOWN: "warning",
}

PAID: Final = frozenset(
    {
        DisplayStatus.SUCCEEDED,
        DisplayStatus.REFUNDED,
        DisplayStatus.PARTIALLY_REFUNDED,
        DisplayStatus.DISPUTED,
        DisplayStatus.DISPUTE_LOST,
        DisplayStatus.DISPUTE_WON,
    }
)
"""The words of a payment whose PaymentIntent has succeeded."""

# The types of `next_action` by which a bank asks a cardholder to authenticate (API reference: "The
# PaymentIntent object"). At the desk, where payments are taken with cards alone, a redirect does
# so too; elsewhere it leads to the page of any method.
_AUTHENTICATION: Final = frozenset({None, "use_stripe_sdk"})
_REDIRECT: Final = "redirect_to_url"

_BY_STATUS: Final[dict[PaymentStatus, DisplayStatus]] = {
    PaymentStatus.REQUIRES_PAYMENT_METHOD: DisplayStatus.AWAITING_CARD,
    PaymentStatus.REQUIRES_CONFIRMATION: DisplayStatus.AWAITING_CARD,
    PaymentStatus.REQUIRES_ACTION: DisplayStatus.NEEDS_AUTHENTICATION,
    PaymentStatus.PROCESSING: DisplayStatus.PROCESSING,
    PaymentStatus.REQUIRES_CAPTURE: DisplayStatus.AUTHORISED,
    PaymentStatus.CANCELED: DisplayStatus.CANCELLED,
    PaymentStatus.SUCCEEDED: DisplayStatus.SUCCEEDED,
}


@dataclass(frozen=True)
class Afterwards:
    """What followed a payment: amounts in the minor unit, and the statuses of its disputes."""

    received_minor: int = 0
    refunded_minor: int = 0
    disputes: Collection[DisputeStatus | str | None] = ()


def display_status(
    status: PaymentStatus | str | None,
    *,
    has_open_operation: bool,
    last_attempt: AttemptOutcome | None,
    cancellation_cause: CancellationCause | None,
    waits_for: str | None = None,
    taken_at_desk: bool = True,
    afterwards: Afterwards = Afterwards(),
) -> DisplayStatus:
    """The status that staff read, from what is stored about a payment.

    A final status is shown although an operation is open: a request whose answer is still
    missing cannot change it. `waits_for` is the kind of Stripe's `next_action`.
    """
    if status is PaymentStatus.SUCCEEDED:
        return _what_became_of_the_money(afterwards)
    if status is PaymentStatus.CANCELED:
        if cancellation_cause is CancellationCause.RECOVERY:
            return DisplayStatus.NOT_CHARGED
        return DisplayStatus.CANCELLED
    if has_open_operation:
        return DisplayStatus.CHECKING
    if status is None:
        return DisplayStatus.NOT_CHARGED
    if status in CONFIRMABLE and last_attempt in FAILED_ATTEMPTS:
        return DisplayStatus.DECLINED
    if not isinstance(status, PaymentStatus):
        return DisplayStatus.UNKNOWN
    if status is PaymentStatus.REQUIRES_ACTION and not is_authentication(
        waits_for, taken_at_desk=taken_at_desk
    ):
        return DisplayStatus.AWAITING_CUSTOMER
    return _BY_STATUS[status]


def _what_became_of_the_money(afterwards: Afterwards) -> DisplayStatus:
    """The most urgent word of a paid payment: what the bank may still take comes first."""
    if any(one not in ENDED_DISPUTE_STATUSES for one in afterwards.disputes):
        return DisplayStatus.DISPUTED
    if DisputeStatus.LOST in afterwards.disputes:
        return DisplayStatus.DISPUTE_LOST
    if afterwards.refunded_minor > 0:
        whole = afterwards.refunded_minor >= afterwards.received_minor
        return DisplayStatus.REFUNDED if whole else DisplayStatus.PARTIALLY_REFUNDED
    if DisputeStatus.WON in afterwards.disputes:
        return DisplayStatus.DISPUTE_WON
    return DisplayStatus.SUCCEEDED


def while_taken(display: DisplayStatus) -> DisplayStatus:
    """The status as it concerns whoever takes the payment: paid is paid, whatever came after."""
    return DisplayStatus.SUCCEEDED if display in PAID else display


def is_authentication(next_action: str | None, *, taken_at_desk: bool) -> bool:
    """Whether a payment that requires an action waits for a cardholder's authentication."""
    return next_action in _AUTHENTICATION or (next_action == _REDIRECT and taken_at_desk)


def status_words(display: DisplayStatus, status: PaymentStatus | str | None) -> str:
    """The status that staff read; Stripe's own word for a status that has none here."""
    return str(status) if display is DisplayStatus.UNKNOWN and status else display.value


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
    DisplayStatus.REFUNDED: "This payment was refunded",
    DisplayStatus.PARTIALLY_REFUNDED: "This payment is already paid",
    DisplayStatus.DISPUTED: "This payment is disputed",
    DisplayStatus.DISPUTE_LOST: "The dispute of this payment was lost",
    DisplayStatus.DISPUTE_WON: "This payment is already paid",
    DisplayStatus.DECLINED: "This payment was declined",
    DisplayStatus.NEEDS_AUTHENTICATION: "This payment is waiting for authentication",
    DisplayStatus.PROCESSING: "This payment is still processing",
    DisplayStatus.AUTHORISED: "This payment is held on the card",
    DisplayStatus.CANCELLED: "This payment was cancelled",
    DisplayStatus.NOT_CHARGED: "This payment was closed without a charge",
    DisplayStatus.CHECKING: "We're confirming this payment with Stripe",
    DisplayStatus.AWAITING_CARD: "This payment has not been paid yet",
    DisplayStatus.AWAITING_CUSTOMER: "This payment is waiting for the customer",
    DisplayStatus.UNKNOWN: "Stripe reports a status that this version doesn't know",
}
