"""How long the desk keeps what is not its books.

Payments, attempts, refunds, disputes, operations and balance transactions are the books: those
are kept for ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Kept(StrEnum):
    """A kind of thing that is kept for a while, in words that end "… older than 90 days"."""

    CUSTOMERS = "customers' details"
    EVENTS = "contents of handled events"
    SIGN_INS = "sign-ins"
    STAFF = "names of staff"
    RECONCILIATIONS = "reconciliation reports"
    AUDIT = "entries of the audit log"


# Stripe sends an event again, and lists it, for up to 30 days (Stripe docs: "List all events").
SHORTEST_FOR_EVENTS: Final = timedelta(days=30)


@dataclass(frozen=True)
class Retention:
    """For how long each kind is kept; None for ever."""

    customers: timedelta | None
    events: timedelta | None
    sign_ins: timedelta | None
    reconciliations: timedelta | None
    audit: timedelta | None = None

    def limits(self, now: datetime) -> dict[Kept, datetime]:
        """What is older than this goes, kind by kind; those that are kept for ever are left out.

        Names of staff go with their last sign-in.
        """
        spans = {
            Kept.CUSTOMERS: self.customers,
            Kept.EVENTS: self.events,
            Kept.SIGN_INS: self.sign_ins,
            Kept.STAFF: self.sign_ins,
            Kept.RECONCILIATIONS: self.reconciliations,
            Kept.AUDIT: self.audit,
        }
        return {kind: now - span for kind, span in spans.items() if span is not None}
