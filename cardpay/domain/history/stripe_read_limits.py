"""How many requests to read from Stripe imports and reconciliations may make, and how fast."""

from datetime import datetime
from typing import Final

from cardpay.domain.stripe_account import Mode

# A month. Stripe allots about 500 reads a transaction over 30 days, and 10,000 a month to
# everybody (Stripe docs, "Rate limits": API read request allocations).
DEFAULT_READ_BUDGET: Final = 10_000

# An import leaves this share of the month's reads to the hourly reconciliations.
RESERVED_FOR_RECONCILIATION: Final = 0.2

NEARLY_SPENT: Final = 0.8
"""From this share of the month's reads on, people are warned."""

# Stripe docs, "Rate limits": 100 requests/s live and 25/s in a sandbox, for all of the account's
# traffic; the desk's own payments must get through as well. The demo's Stripe is in this process.
REQUESTS_PER_SECOND: Final = {Mode.LIVE: 80.0, Mode.TEST: 20.0, Mode.DEMO: 10_000.0}


def month_of(at: datetime) -> str:
    """The month to which a read at this time belongs, as "2026-11": the month of UTC."""
    return f"{at:%Y-%m}"
