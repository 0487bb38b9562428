"""What every use case needs: the database, Stripe, the clock and the Stripe account."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.history.stripe_read_limits import DEFAULT_READ_BUDGET
from cardpay.domain.payment.limit_rules import NO_LIMITS, Limits
from cardpay.domain.payment_link.link_rules import LINK_HOURS
from cardpay.domain.stripe_account import StripeAccount
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.stripe_asks import PerMinute, StripeAsks
from cardpay.storage.database.engine import Store

DENIALS_A_MINUTE: Final = 30
"""So many denied acts of a person are recorded: whoever forges more tells nothing new by them."""


@dataclass(frozen=True)
class Desk:
    """One desk. `now` is a parameter so that time can be a test's.

    `read_budget` is how many reads of Stripe a month may cost (0: no limit). `limits` are what
    people may do within a time. `link_return_url` gives the page to which a customer returns after
    paying by link; with None no link is made. `link_lifetime` is how long one is open. Order
    references begin with `order_prefix` where the desk numbers them, which is empty where not.
    `asks` counts how often each person has Stripe asked, `denials` how often they are denied.
    """

    store: Store
    gateway: StripeGateway
    account: StripeAccount
    moto: bool
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    read_budget: int = DEFAULT_READ_BUDGET
    limits: Limits = NO_LIMITS
    link_return_url: Callable[[], str] | None = None
    link_lifetime: timedelta = timedelta(hours=LINK_HOURS)
    order_prefix: str = ""
    asks: StripeAsks = field(default_factory=StripeAsks, compare=False)
    denials: PerMinute = field(default_factory=lambda: PerMinute(DENIALS_A_MINUTE), compare=False)

    def is_flooded_by(self, actor: Actor) -> bool:
        """Whether this is one denied act too many in a minute to be recorded; it is counted."""
        return self.denials.seconds_to_wait(actor.actor_id, self.now().timestamp()) > 0
