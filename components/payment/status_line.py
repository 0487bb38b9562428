"""What became of a payment, in one line, with what to do."""

from typing import Final

from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.status import CancellationCause
from cardpay.reporting.payment_page.payment_details import PaymentDetails
from components.widgets.times import in_zone

_CANCELLED: Final = {
    CancellationCause.REQUESTED: "This payment was cancelled. Nothing was charged.",
    CancellationCause.EXPIRED: "This payment was not paid in time. Nothing was charged.",
    CancellationCause.STRIPE: "This payment was cancelled outside this desk. Nothing was charged.",
}
_LINES: Final = {
    DisplayStatus.DECLINED: ("error", "The card was declined. Take another card."),
    DisplayStatus.NEEDS_AUTHENTICATION: (
        "warning",
        "The cardholder's bank asks them to confirm this payment.",
    ),
    DisplayStatus.PROCESSING: ("info", "Payment processing. Don't take it again."),
    DisplayStatus.CHECKING: (
        "warning",
        "We're confirming this payment with Stripe. Don't charge again.",
    ),
    DisplayStatus.NOT_CHARGED: (
        "info",
        "Nothing was charged. The order can be taken again.",
    ),
    DisplayStatus.AWAITING_CARD: ("info", "No card has been tried yet."),
}
# Stripe hasn't answered the creation: there is nothing yet that a card could have been sent for.
_NOT_CREATED: Final = (
    "warning",
    "Stripe isn't responding. No card was sent, so nothing was charged. We keep trying.",
)


def status_line(payment: PaymentDetails, zone: str) -> tuple[str, str] | None:
    """Tone and sentence; None where the chips and the amounts say it all."""
    if payment.waiting is not None:
        return payment.waiting
    if payment.display is DisplayStatus.AUTHORISED:
        return _held(payment, zone)
    if payment.display is DisplayStatus.CANCELLED:
        return _cancelled(payment, zone)
    if payment.link is not None:
        return None  # its own panel tells of it
    if payment.display is DisplayStatus.CHECKING and payment.status is None:
        return _NOT_CREATED
    return _LINES.get(payment.display)


def _held(payment: PaymentDetails, zone: str) -> tuple[str, str]:
    actions = payment.allowed_actions
    if actions.hold_expired:
        where = " on the card" if payment.is_card else ""
        return (
            "warning",
            f"The hold{where} has expired. Cancel this payment and take a new one.",
        )
    held = f"{format_money(actions.held or payment.total)} is held on {payment.method}."
    until = in_zone(actions.capture_before_at, zone)
    return "info", f"{held} Capture it by {until}, or it is released." if until else held


def _cancelled(payment: PaymentDetails, zone: str) -> tuple[str, str]:
    if payment.cancellation_cause is CancellationCause.HOLD_EXPIRED:
        return "warning", (
            f"The hold of {format_money(payment.total)} ran out on "
            f"{in_zone(payment.canceled_at, zone)} and was released. Nothing was charged. To "
            "charge the customer, take a new payment."
        )
    if payment.declined_before:
        return "info", "The card was declined, and nothing was charged. This payment is cancelled."
    cause = payment.cancellation_cause or CancellationCause.STRIPE
    return "info", _CANCELLED.get(cause, _CANCELLED[CancellationCause.STRIPE])
