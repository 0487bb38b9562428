"""What the screen says about a payment: the status word, what happened, what to do next."""

from cardpay_card_form import Outcome

from cardpay.domain.account import Mode
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.status import DISPLAY_TONES, AttemptOutcome, DisplayStatus
from cardpay.reporting.payments.card_words import card_words
from cardpay.services.taking.payment_view import AttemptView, PaymentView
from components.widgets.words import taken

NO_MONEY = "No money has moved."


def outcome(payment: PaymentView, mode: Mode, *, no_challenge: bool = False) -> Outcome | None:
    """What stands in the form's status line; None before the first card.

    `no_challenge` says that Stripe could not be asked for the one that waits.
    """
    if payment.display is DisplayStatus.AWAITING_CARD:
        return _not_accepted(payment)
    unasked = no_challenge and payment.display is DisplayStatus.NEEDS_AUTHENTICATION
    title, lines = _UNASKED if unasked else _WORDS[payment.display](payment, mode)
    last = payment.last_attempt
    return Outcome(
        label=payment.display.value,
        tone=DISPLAY_TONES[payment.display],
        title=title,
        lines=lines,
        key=f"{payment.display.name}:{last.submission_id if last else ''}:{len(payment.attempts)}"
        f"{':unasked' if unasked else ''}",
    )


def _not_accepted(payment: PaymentView) -> Outcome | None:
    """Stripe refused the last request itself, so no card was tried."""
    last = payment.last_attempt
    if last is None or last.outcome is not AttemptOutcome.REFUSED:
        return None
    return Outcome(
        label=DisplayStatus.NOT_CHARGED.value,
        tone="error",
        title="Stripe did not accept the request.",
        lines=(NO_MONEY, "Enter the card again, or cancel the payment."),
        key=f"refused:{last.submission_id}",
    )


def _succeeded(payment: PaymentView, _mode: Mode) -> tuple[str, tuple[str, ...]]:
    card = card_words(payment.card_brand, payment.card_last4)
    amount = taken(payment.received, payment.total)
    return f"{amount}{f' from {card}' if card else ''}.", ()


def _declined(payment: PaymentView, _mode: Mode) -> tuple[str, tuple[str, ...]]:
    last = payment.last_attempt
    advice = last.advice if last else None
    if advice is None:
        return "The card was declined.", (NO_MONEY, "Ask for another card.")
    return (
        f"{advice.title} {_tried(last)}".strip(),
        (
            NO_MONEY,
            f"Tell the caller: {advice.tell_caller}",
            f"Next: {advice.do_next}",
        ),
    )


def _tried(attempt: AttemptView | None) -> str:
    words = card_words(attempt.card_brand, attempt.card_last4) if attempt else ""
    return f"({words})" if words else ""


def _needs_authentication(_payment: PaymentView, mode: Mode) -> tuple[str, tuple[str, ...]]:
    advice: tuple[str, ...] = (
        NO_MONEY,
        "A caller cannot do that on the telephone: ask for another card, or cancel this payment "
        "and send a payment link.",
    )
    if mode is not Mode.LIVE:
        advice = (*advice, "With test cards you may complete it here.")
    return "The bank wants the cardholder to confirm the payment.", advice


def _processing(_payment: PaymentView, _mode: Mode) -> tuple[str, tuple[str, ...]]:
    return (
        "The bank has not decided yet.",
        ("Do not take the payment again.", "The outcome appears here and in Payments."),
    )


def _authorised(payment: PaymentView, _mode: Mode) -> tuple[str, tuple[str, ...]]:
    return (
        f"{format_money(payment.total)} is held on the card.",
        ("No money has moved until it is captured.",),
    )


def _cancelled(_payment: PaymentView, _mode: Mode) -> tuple[str, tuple[str, ...]]:
    return "This payment was cancelled.", (NO_MONEY, "Nothing can be charged on it any more.")


def _not_charged(_payment: PaymentView, _mode: Mode) -> tuple[str, tuple[str, ...]]:
    return "The card was not charged.", (
        NO_MONEY,
        "Nothing can be charged on this payment any more. Start a new one if the caller is "
        "still there.",
    )


def _checking(_payment: PaymentView, _mode: Mode) -> tuple[str, tuple[str, ...]]:
    return (
        "Stripe has not given a clear answer yet.",
        (
            "It is not known yet whether money moved. Do not take the payment again.",
            "The outcome appears here by itself.",
        ),
    )


# The cardholder may have confirmed since Stripe was asked last.
_UNASKED = (
    "Stripe could not be asked just now whether the cardholder has confirmed the payment.",
    (
        "It is not known yet whether money moved. Do not take the payment again.",
        "Stripe is asked again every few seconds, by itself.",
    ),
)
_WORDS = {
    DisplayStatus.SUCCEEDED: _succeeded,
    DisplayStatus.DECLINED: _declined,
    DisplayStatus.NEEDS_AUTHENTICATION: _needs_authentication,
    DisplayStatus.PROCESSING: _processing,
    DisplayStatus.AUTHORISED: _authorised,
    DisplayStatus.CANCELLED: _cancelled,
    DisplayStatus.NOT_CHARGED: _not_charged,
    DisplayStatus.CHECKING: _checking,
}
