"""The root of every expected error, and those that several capabilities raise.

An error's message is written here, for the person who reads it: what happened, whether money
moved if a card or refund was sent, and what to do next.
"""

from enum import StrEnum


class MoneyMoved(StrEnum):
    """What a failed request did to the customer's money, in the words that staff read."""

    NO = "No money has moved."
    UNKNOWN = "We don't know yet whether money moved."
    YES = "This payment has already been taken."


class CardpayError(Exception):
    """The root of every error that cardpay raises on purpose.

    `what` and `do_next` are sentences for a person; they never hold a secret, a card number or
    a stack trace. `money` is set only by errors of requests that could have moved money.
    `request_id` is Stripe's, for support.
    """

    money: MoneyMoved | None = None

    def __init__(self, what: str, do_next: str = "", *, request_id: str | None = None) -> None:
        self.what = what
        self.do_next = do_next
        self.request_id = request_id
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """The whole message: what happened, whether money moved, what to do next."""
        return " ".join(part for part in (self.what, self.money, self.do_next) if part)

    @property
    def log_fields(self) -> dict[str, str]:
        """What of it may be logged: nothing that somebody typed, no message."""
        return {"stripe_request_id": self.request_id} if self.request_id else {}


class InvalidInput(CardpayError):
    """A value that was typed or chosen is not valid.

    `field` is the field's label, to show the message beside it; `problem` is the message, which
    makes sense without the label ("Enter the customer's name").
    """

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(problem)


class PriceChanged(CardpayError):
    """The product's price is not the one on screen. `shown` and `now` are formatted amounts."""

    def __init__(self, product_name: str, shown: str, now: str) -> None:
        self.shown = shown
        self.now = now
        super().__init__(
            f"The price of {product_name} is now {now}. It was {shown}.",
            "Tell the caller the new total, then try again.",
        )


class NotAllowed(CardpayError):
    """The actor lacks a permission."""

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(
            f"You don't have permission to {permission}.",
            "Ask an administrator if you need it.",
        )


class PaymentNotFound(CardpayError):
    """No payment has this id, or the actor may not see it."""

    def __init__(self, payment_id: str) -> None:
        self.payment_id = payment_id
        super().__init__("Payment not found.", "Check the link, or search in Payments.")


class PaymentBusy(CardpayError):
    """An earlier operation on the payment has no outcome yet, so a new one is refused."""

    def __init__(self, payment_id: str) -> None:
        self.payment_id = payment_id
        super().__init__(
            "We're confirming this payment with Stripe.",
            "Don't charge or refund it again. The result will appear here.",
        )


class AskedTooOften(CardpayError):
    """A person had Stripe asked more often than anybody needs; in `seconds` they may again."""

    def __init__(self, times: int, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(
            f"Stripe was asked {times} times in a minute.",
            f"Try again in {seconds} second{'' if seconds == 1 else 's'}.",
        )


class PaymentClosed(CardpayError):
    """The payment no longer claims its order, so that another payment may have been taken."""

    money = MoneyMoved.NO

    def __init__(self) -> None:
        super().__init__(
            "This payment is closed, so it can't be paid.",
            "Take the order again as a new payment.",
        )


class NoReviewNeeded(CardpayError):
    """The operation no longer needs a person's decision."""

    def __init__(self) -> None:
        super().__init__("This no longer needs review.", "Open the payment to see what happened.")


class HoldExpired(CardpayError):
    """The card's bank no longer keeps the authorised amount."""

    def __init__(self) -> None:
        super().__init__(
            "The hold on the card has expired, so it can't be captured.",
            "Cancel this payment and take a new one.",
        )


class NotRefundable(CardpayError):
    """Stripe refunds nothing of the payment, although something is left; `what` says why."""


class OrderReferenceTaken(CardpayError):
    """The order reference has an open, unknown or succeeded payment already.

    `sequence` is that payment's number among the payments of the order; a deliberate second
    payment is sequence + 1. `payment_id` is None for who may not see that payment.
    """

    def __init__(self, reference: str, payment_id: str | None, sequence: int) -> None:
        self.reference = reference
        self.payment_id = payment_id
        self.sequence = sequence
        again = "If the customer owes another payment, choose “Charge again” and give the reason."
        if payment_id is None:
            what = f"Order {reference} already has a payment that you don't have access to."
            super().__init__(what, f"Ask a supervisor before you charge it again. {again}")
        else:
            what = f"Order {reference} already has a payment."
            super().__init__(what, f"Open it before you charge again. {again}")


class StartRefused(CardpayError):
    """The settings are unsafe or contradict each other; `variable` is the setting to change."""

    def __init__(self, variable: str, problem: str) -> None:
        self.variable = variable
        super().__init__(f"{variable} {problem}")
