"""What the status line says about a payment: the status, what happened, what to do next."""

from dataclasses import dataclass
from typing import Final

from cardpay_card_form import Outcome

from cardpay.domain.errors import MoneyMoved
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.attempt import FAILED_ATTEMPTS, AttemptOutcome
from cardpay.domain.payment.declines import WITHOUT_REASON
from cardpay.domain.payment.display_status import DISPLAY_TONES, DisplayStatus
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.stripe_account import Mode
from cardpay.reporting.payments.method_words import method_words
from cardpay.services.taking.payment_view import AttemptView, PaymentView
from components.widgets.amounts import amount_taken

NO_CARD_SENT: Final = "No card was sent, so nothing was charged."
_SAY_WAIT: Final = "I'm waiting for the answer about your card. We won't charge you twice."
_SAY_FAILED: Final = "I can't take the payment just now. Nothing was charged."


@dataclass(frozen=True)
class Message:
    """A title, the lines below it, what to say to the caller, and what staff do next."""

    title: str
    lines: tuple[str, ...] = ()
    say: str = ""
    do_next: str = ""


def outcome(payment: PaymentView, mode: Mode, *, no_challenge: bool = False) -> Outcome | None:
    """The message in the card form's status line; None before the first card.

    `no_challenge` says that Stripe could not be asked for the 3-D Secure challenge.
    """
    if payment.display is DisplayStatus.AWAITING_CARD:
        return _request_refused(payment)
    unasked = no_challenge and payment.display is DisplayStatus.NEEDS_AUTHENTICATION
    told = _NOT_REACHED if unasked else _MESSAGES[payment.display](payment, mode)
    last = payment.last_attempt
    return Outcome(
        label=payment.display.value,
        tone=DISPLAY_TONES[payment.display],
        title=told.title,
        lines=told.lines,
        say=told.say,
        do_next=told.do_next,
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
    return Message(
        f"{amount}{f' from {method}' if method else ''}.",
        say=f"That's gone through. Your order reference is {payment.order_reference}.",
    )


def _declined(payment: PaymentView, _mode: Mode) -> Message:
    last = payment.last_attempt
    advice = (last and last.advice) or WITHOUT_REASON
    method = _method(last) if last else ""
    reason = "" if advice == WITHOUT_REASON else advice.title
    title = f"{reason} ({method})" if reason and method else reason or method
    return Message(title, say=advice.say, do_next=advice.do_next)


def _needs_authentication(_payment: PaymentView, mode: Mode) -> Message:
    return Message(
        "The bank wants the cardholder to confirm this payment.",
        () if mode is Mode.LIVE else ("With a test card, you can complete it here.",),
        say="Your bank wants you to confirm this, which can't be done by phone. Do you have "
        "another card?",
        do_next=(
            "The caller can't do that by phone. Cancel this payment, then take another card. "
            f"{MoneyMoved.NO}"
        ),
    )


def _processing(_payment: PaymentView, _mode: Mode) -> Message:
    return Message(
        "Don't take this payment again.",
        ("The bank hasn't decided yet. The result will appear here and in Payments.",),
        say="Your bank hasn't decided yet. You don't have to do anything: we'll let you know.",
    )


def _authorised(payment: PaymentView, _mode: Mode) -> Message:
    method = _method(payment) or "the card"
    return Message(
        f"{format_money(payment.total)} held on {method}.",
        ("Nothing is charged until the payment is captured.",),
        say=(
            f"{format_money(payment.total)} is reserved on your card. Nothing is charged yet. "
            f"Your order reference is {payment.order_reference}."
        ),
    )


def _cancelled(_payment: PaymentView, _mode: Mode) -> Message:
    return Message("This payment was cancelled.", (MoneyMoved.NO,))


def _not_charged(payment: PaymentView, _mode: Mode) -> Message:
    if not payment.attempts:
        return Message(
            "Stripe didn't answer in time, so this payment was cancelled.",
            (NO_CARD_SENT,),
            say=_SAY_FAILED,
        )
    return Message(
        "Stripe didn't confirm the charge, so this payment was cancelled.",
        (MoneyMoved.NO,),
        say="That didn't go through, and nothing was charged. Shall we try again?",
        do_next="If the caller is still there, start a new payment.",
    )


def _checking(payment: PaymentView, _mode: Mode) -> Message:
    last = payment.last_attempt
    if last is None:  # the PaymentIntent is being cancelled
        return Message("Stripe isn't responding.", (f"{NO_CARD_SENT} We'll keep trying.",))
    if payment.open_operation == OperationKind.CANCEL and last.outcome in FAILED_ATTEMPTS:
        return Message(
            "Stripe hasn't confirmed yet that this payment is cancelled.",
            ("Its card was not charged, and can't be. We'll keep trying.",),
        )
    return Message(
        "Don't charge again.",
        ("We're confirming this payment with Stripe. The result will appear here.",),
        say=_SAY_WAIT,
    )


def create_failed(press_id: str | None) -> Outcome:
    """Stripe has not answered the create, so there is no PaymentIntent that a card could pay."""
    return Outcome(
        label=DisplayStatus.NOT_CHARGED.value,
        tone="warning",
        title=f"Stripe isn't responding. {NO_CARD_SENT}",
        lines=("We keep trying. You can also try again now: it can't be charged twice.",),
        say=_SAY_FAILED,
        key=f"create:{press_id}",
    )


def not_created(payment: PaymentView) -> Outcome:
    """There is no PaymentIntent, and why: the order is a draft again."""
    return Outcome(
        label=DisplayStatus.NOT_CHARGED.value,
        tone="error",
        title=payment.problem or "",
        lines=(NO_CARD_SENT,),
        say=_SAY_FAILED,
        key=f"not_created:{payment.updated_at}",
    )


# The cardholder may have confirmed since Stripe was last asked.
_NOT_REACHED = Message(
    "Stripe isn't responding.",
    (
        f"The cardholder may have confirmed this payment. {MoneyMoved.UNKNOWN}",
        "Don't charge again. We'll keep checking.",
    ),
    say=_SAY_WAIT,
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
