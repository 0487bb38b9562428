"""What every use case needs: the database, Stripe, the clock and whose books these are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cardpay.domain.payment.limits import NO_LIMITS, Limits
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.storage.database.engine import Store

# Stripe allots about 500 reads a transaction over 30 days, and 10,000 a month to everybody
# (Stripe docs, "Rate limits": API read request allocations).
DEFAULT_READ_BUDGET = 10_000


class Mode(StrEnum):
    """What kind of money the desk handles."""

    DEMO = "demo"
    TEST = "test"
    LIVE = "live"


@dataclass(frozen=True)
class Books:
    """The Stripe account and mode that every row of the database belongs to."""

    mode: Mode
    stripe_account_id: str
    livemode: bool


@dataclass(frozen=True)
class Desk:
    """One desk. `now` is a parameter so that time can be a test's.

    `read_budget` is how many reads of Stripe a month may cost (0: no limit). `limits` are what
    people may do within a time.
    """

    store: Store
    gateway: StripeGateway
    books: Books
    moto: bool
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    read_budget: int = DEFAULT_READ_BUDGET
    limits: Limits = NO_LIMITS
