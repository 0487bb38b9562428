"""What every use case needs: the database, Stripe, the clock and the Stripe account."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cardpay.domain.history.stripe_read_limits import DEFAULT_READ_BUDGET
from cardpay.domain.payment.limit_rules import NO_LIMITS, Limits
from cardpay.domain.stripe_account import StripeAccount
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.storage.database.engine import Store


@dataclass(frozen=True)
class Desk:
    """One desk. `now` is a parameter so that time can be a test's.

    `read_budget` is how many reads of Stripe a month may cost (0: no limit). `limits` are what
    people may do within a time.
    """

    store: Store
    gateway: StripeGateway
    account: StripeAccount
    moto: bool
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    read_budget: int = DEFAULT_READ_BUDGET
    limits: Limits = NO_LIMITS
