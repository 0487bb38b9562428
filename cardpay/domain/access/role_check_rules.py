"""How old the identity provider's word on a person may be, and what if it gives none."""

from datetime import timedelta
from typing import Final

from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError

# A role that the provider took away is gone after this long at the latest. The desk begins to
# ask earlier, by itself, so that nobody waits for the answer.
LONGEST_UNCHECKED: Final = timedelta(minutes=15)
CHECK_AFTER: Final = timedelta(minutes=10)
# What moves money asks at that moment. One press makes several steps: so long they are one.
ONE_PRESS: Final = timedelta(seconds=10)
# While the provider doesn't answer, money goes by an answer that is at most so old.
MONEY_UNANSWERED: Final = timedelta(minutes=5)

MOVES_MONEY: Final = frozenset(
    {
        Permission.TAKE_PAYMENT,
        Permission.HOLD_PAYMENT,
        Permission.SEND_LINK,
        Permission.CANCEL_PAYMENT,
        Permission.CAPTURE_PAYMENT,
        Permission.REFUND_PAYMENT,
    }
)


class ProviderSilent(CardpayError):
    """The provider gave no answer that can be used. `reason` is for the log: no token, no text."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("Your identity provider isn't responding.", "Try again in a minute.")


class ProviderRefused(CardpayError):
    """The provider says that the sign-in counts no more, or its answer must not be believed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            "We couldn't use the answer of your identity provider.",
            "Sign in again. If this happens again, tell your administrator.",
        )


class AccessUnchecked(CardpayError):
    """Whether somebody still has their role is not known, and what they want has to wait."""

    def __init__(self, *, is_money: bool) -> None:
        what = "Your identity provider isn't responding, so we couldn't check your access."
        sent = " Nothing was sent to Stripe." if is_money else ""
        super().__init__(f"{what}{sent}", "Try again in a minute.")
