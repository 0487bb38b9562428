"""What the status line says about a payment: the status, what happened, what to do next."""

from cardpay_card_form import Outcome

from cardpay.domain.errors import MoneyMoved
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.declines import WITHOUT_REASON
from cardpay.domain.payment.display_status import DISPLAY_TONES, DisplayStatus
from cardpay.domain.stripe_account import Mode
from cardpay.reporting.payments.method_words import method_words
from cardpay.services.taking.payment_view import AttemptView, PaymentView
from components.widgets.amounts import amount_taken

# A title and the lines below it.
Message = tuple[str, tuple[str, ...]]


def outcome(payment: PaymentView, mode: Mode, *, no_challenge: bool = False) -> Outcome | None:
    """The message in the card form's status line; None before the first card.

    `no_challenge` says that Stripe could not be asked for the 3-D Secure challenge.
    """
    if payment.display is DisplayStatus.AWAITING_CARD:
        return _request_refused(payment)
    unasked = no_challenge and payment.display is DisplayStatus.NEEDS_AUTHENTICATION
    title, lines = _NOT_REACHED if unasked else _MESSAGES[payment.display](payment, mode)
    last = payment.last_attempt
    return Outcome(
        label=payment.display.value,
        tone=DISPLAY_TONES[payment.display],
        title=title,
        lines=lines,
        key=f"{payment.display.name}:{last.submission_id if last else ''}:{len(payment.attempts)}"
        f"{':unasked' if unasked else ''}",
    )


def _request_refused(payment: PaymentView) -> Outcome | None:
    """Stripe refused the last request itself, so no card was tried."""
    last = payment.last_attempt
    if last is None or last.outcome is not AttemptOutcome.REFUSED:
        return None
    return Outcome(
        label=DisplayStatus.NOT_CHARGED.value,
        tone="error",
        title="Stripe refused the request.",
        lines=("Enter the card again, or cancel the payment.", MoneyMoved.NO),
        key=f"refused:{last.submission_id}",
    )


def _method(used: PaymentView | AttemptView) -> str:
    return method_words(used.method_type, used.card_brand, used.card_last4)


def _succeeded(payment: PaymentView, _mode: Mode) -> Message:
    method = _method(payment)
    amount = amount_taken(payment.received, payment.total)
    return f"{amount}{f' from {method}' if method else ''}.", (
        f"Say: “That's gone through. Your order reference is {payment.order_reference}.”",
    )


def _declined(payment: PaymentView, _mode: Mode) -> Message:
    last = payment.last_attempt
    advice = (last and last.advice) or WITHOUT_REASON
    method = _method(last) if last else ""
    reason = "" if advice == WITHOUT_REASON else advice.title
    title = f"{reason} ({method})" if reason and method else reason or method
    return title, (f"Say: “{advice.say}”", advice.do_next, MoneyMoved.NO)


def _needs_authentication(_payment: PaymentView, mode: Mode) -> Message:
    lines: tuple[str, ...] = (
        "The caller can't do that by phone. Cancel this payment, then take another card.",
        MoneyMoved.NO,
    )
    if mode is not Mode.LIVE:
        lines = (*lines, "With a test card, you can complete it here.")
    return "The bank wants the cardholder to confirm this payment.", lines


def _processing(_payment: PaymentView, _mode: Mode) -> Message:
    return "Don't take this payment again.", (
        "The bank hasn't decided yet. The result will appear here and in Payments.",
    )


def _authorised(payment: PaymentView, _mode: Mode) -> Message:
    method = _method(payment) or "the card"
    return f"{format_money(payment.total)} held on {method}.", (
        "Nothing is charged until the payment is captured.",
    )


def _cancelled(_payment: PaymentView, _mode: Mode) -> Message:
    return "This payment was cancelled.", (MoneyMoved.NO,)


def _not_charged(_payment: PaymentView, _mode: Mode) -> Message:
    return "Stripe didn't confirm the charge, so this payment was cancelled.", (
        MoneyMoved.NO,
        "If the caller is still there, start a new payment.",
    )


def _checking(payment: PaymentView, _mode: Mode) -> Message:
    if not payment.attempts:  # the PaymentIntent is being made or cancelled
        return "Stripe isn't responding.", (
            "No card was sent, so nothing was charged. We'll keep trying.",
        )
    return "Don't charge again.", (
        "We're confirming this payment with Stripe. The result will appear here.",
    )


# The cardholder may have confirmed since Stripe was last asked.
_NOT_REACHED: Message = (
    "Stripe isn't responding.",
    (
        f"The cardholder may have confirmed this payment. {MoneyMoved.UNKNOWN}",
        "Don't charge again. We'll keep checking.",
    ),
)
_MESSAGES = {
    DisplayStatus.SUCCEEDED: _succeeded,
    DisplayStatus.DECLINED: _declined,
    DisplayStatus.NEEDS_AUTHENTICATION: _needs_authentication,
    DisplayStatus.PROCESSING: _processing,
    DisplayStatus.AUTHORISED: _authorised,
    DisplayStatus.CANCELLED: _cancelled,
    DisplayStatus.NOT_CHARGED: _not_charged,
    DisplayStatus.CHECKING: _checking,
}
