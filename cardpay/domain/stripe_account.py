"""The Stripe account that a desk works with, and what kind of money it handles."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What kind of money the desk handles."""

    DEMO = "demo"
    TEST = "test"
    LIVE = "live"


@dataclass(frozen=True)
class StripeAccount:
    """The Stripe account and mode that every row of the database belongs to."""

    mode: Mode
    stripe_account_id: str
    livemode: bool

    @property
    def key(self) -> tuple[str, bool]:
        """What every row of the account carries: its id, and livemode."""
        return self.stripe_account_id, self.livemode
