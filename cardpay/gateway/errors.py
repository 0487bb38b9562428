"""The errors that a call to Stripe can raise."""

from typing import Final

from cardpay.domain.errors import CardpayError, MoneyMoved
from cardpay.domain.payment.status import money_moved
from cardpay.domain.stripe_facts.snapshots import PaymentErrorSnapshot, PaymentIntentSnapshot


class CardDeclined(CardpayError):
    """The confirm ran and the card was declined. The outcome is definite."""

    money = MoneyMoved.NO

    def __init__(
        self,
        error: PaymentErrorSnapshot,
        payment_intent: PaymentIntentSnapshot | None,
        request_id: str | None,
    ) -> None:
        self.error = error
        self.payment_intent = payment_intent
        super().__init__("The card was declined.", request_id=request_id)


# Stripe answers with these before it looks at the idempotency key: they say nothing about what an
# earlier request with the same key did.
ANSWERED_BEFORE_KEY: Final = frozenset({401, 403})


class ObjectUnreadable(CardpayError):
    """Stripe answered a read with an object that this version cannot read; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Stripe's answer can't be read. {reason}")


class RequestRefused(CardpayError):
    """Stripe rejected the request with a 4xx, so nothing ran. The outcome is definite.

    `message` is Stripe's own and may be shown to staff. `payment_intent` is its current state, if
    the error contained it.
    """

    money = MoneyMoved.NO

    def __init__(
        self,
        message: str,
        *,
        code: str | None,
        param: str | None,
        http_status: int | None,
        payment_intent: PaymentIntentSnapshot | None,
        request_id: str | None,
    ) -> None:
        self.message = message
        self.code = code
        self.param = param
        self.http_status = http_status
        self.payment_intent = payment_intent
        if payment_intent is not None:  # another request may have taken the payment
            self.money = money_moved(payment_intent.status)
        super().__init__(f"Stripe refused the request: {message}", request_id=request_id)

    @property
    def log_fields(self) -> dict[str, str]:
        """With Stripe's status and code, which are words of Stripe's own."""
        said = {"stripe_status": self.http_status, "stripe_code": self.code}
        return super().log_fields | {name: str(one) for name, one in said.items() if one}


class SetupProblem(RequestRefused):
    """Stripe rejected the request because of how the account or the API key is set up."""


class OutcomeUnknown(CardpayError):
    """The write may or may not have run: a timeout, a dropped connection, a 409, 429 or 5xx, or an
    idempotency_error.

    `replayable` says whether a retry with the same idempotency key can still get the outcome.
    After a 5xx it cannot: Stripe saves that reply and repeats it for as long as it keeps the key
    (Stripe docs: "Idempotent requests"). Nor can it after an idempotency_error, which refuses the
    key itself.
    """

    money = MoneyMoved.UNKNOWN

    def __init__(self, reason: str, *, replayable: bool, request_id: str | None) -> None:
        self.reason = reason
        self.replayable = replayable
        super().__init__(f"Stripe didn't give a clear answer ({reason}).", request_id=request_id)


class StripeUnavailable(CardpayError):
    """A read got no answer. It changes nothing, so it can be repeated."""

    money = MoneyMoved.UNKNOWN

    def __init__(self, reason: str, request_id: str | None = None) -> None:
        self.reason = reason
        super().__init__(
            f"We can't reach Stripe ({reason}).",
            "We'll keep trying. You don't need to do anything.",
            request_id=request_id,
        )


class RateLimited(StripeUnavailable):
    """Stripe's rate limiter refused a read (429). `retry_after_seconds` is None if not given."""

    def __init__(self, retry_after_seconds: float | None, request_id: str | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__("too many requests", request_id)
