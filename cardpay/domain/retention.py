"""How long each kind of data is kept.

Payments, attempts, refunds, disputes, operations and balance transactions are kept for ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Kept(StrEnum):
    """A kind of data that is deleted in time, worded to precede "… older than 90 days"."""

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
    """How long each kind is kept; None means for ever."""

    customers: timedelta | None
    events: timedelta | None
    sign_ins: timedelta | None
    reconciliations: timedelta | None
    audit: timedelta | None = None

    def limits(self, now: datetime) -> dict[Kept, datetime]:
        """For each kind, the time before which it is deleted; not for kinds kept for ever.

        Names of staff are deleted with their last sign-in.
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
