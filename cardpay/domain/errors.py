"""What can go wrong, each told as: what happened, whether money moved, what to do next."""

from enum import StrEnum


class MoneyMoved(StrEnum):
    """What a failed step did to the customer's money, in the words that staff read."""

    NO = "No money has moved."
    NO_MORE = "Nothing further has been charged."
    UNKNOWN = "It is not known yet whether money moved."
    YES = "The payment has already been taken."


class CardpayError(Exception):
    """The root of every error that cardpay raises on purpose.

    `what` and `do_next` are whole sentences for a person; they never hold a secret, a card
    number or a stack trace. `request_id` is Stripe's, for support.
    """

    money: MoneyMoved = MoneyMoved.NO

    def __init__(self, what: str, do_next: str = "", *, request_id: str | None = None) -> None:
        self.what = what
        self.do_next = do_next
        self.request_id = request_id
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """The whole message: what happened, whether money moved, what to do next."""
        return " ".join(part for part in (self.what, str(self.money), self.do_next) if part)


class InvalidInput(CardpayError):
    """Something typed cannot be right. `field` is the label the person sees."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(f"{field}: {problem}")


class PriceChanged(CardpayError):
    """The product costs something else than the screen showed. `shown` and `now` are words."""

    def __init__(self, product_name: str, shown: str, now: str) -> None:
        self.shown = shown
        self.now = now
        super().__init__(
            f"The price of {product_name} has changed to {now}; it was {shown} when this form was "
            "drawn. No payment was created.",
            "Tell the caller the new total, then press “Create payment” again.",
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
    """No payment has this id in this database."""

    def __init__(self, payment_id: str) -> None:
        self.payment_id = payment_id
        super().__init__("There is no such payment.", "Check the link, or search in Payments.")


class PaymentBusy(CardpayError):
    """Another operation on the payment has no outcome yet, so a new one is refused."""

    money = MoneyMoved.UNKNOWN

    def __init__(self, payment_id: str) -> None:
        self.payment_id = payment_id
        super().__init__(
            "This payment is being checked with Stripe.",
            "Wait for the outcome: it appears here by itself.",
        )


class WrongState(CardpayError):
    """The payment's status does not allow the step."""

    def __init__(self, step: str, label: str, money: MoneyMoved) -> None:
        self.money = money
        super().__init__(f"This payment is {label.lower()}, so it cannot be {step}.")


class PaymentClosed(CardpayError):
    """The payment holds no order: it was said not to be charged, or another system made it."""

    def __init__(self) -> None:
        super().__init__(
            "This payment is closed at this desk, so it cannot be paid.",
            "Take the order again as a new payment.",
        )


class NoReviewNeeded(CardpayError):
    """Nobody has to decide about the operation any more."""

    money = MoneyMoved.NO_MORE

    def __init__(self) -> None:
        super().__init__("This does not wait for a decision any more.", "Look at the payment.")


class HoldExpired(CardpayError):
    """The card's bank no longer keeps the authorised amount for us."""

    def __init__(self) -> None:
        super().__init__(
            "The hold on the card has run out, so it cannot be captured.",
            "Cancel this payment and take a new one.",
        )


class OrderReferenceTaken(CardpayError):
    """The order reference has an open, unknown or succeeded payment already.

    `sequence` is that payment's number among the payments of the order; a deliberate second
    payment is sequence + 1.
    """

    def __init__(self, reference: str, payment_id: str, sequence: int) -> None:
        self.reference = reference
        self.payment_id = payment_id
        self.sequence = sequence
        super().__init__(
            f"Order {reference} already has a payment.",
            "Open it to see its state. If the customer really owes a second payment, tick "
            "“This is a second payment” and give the reason.",
        )


class StartRefused(CardpayError):
    """The settings are unsafe or contradict each other; `variable` is the setting to change."""

    def __init__(self, variable: str, problem: str) -> None:
        self.variable = variable
        super().__init__(f"{variable} {problem}")

    @property
    def sentence(self) -> str:
        """At start there is no payment to speak of: the problem alone."""
        return self.what
