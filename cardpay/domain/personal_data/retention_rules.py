"""Retention: how long the desk keeps what is not its books.

Payments, attempts, refunds, disputes, operations and balance transactions are the books: those
are kept for ever. Of the rest stay, whatever their age: details that a payment still needs
(`erasure_rules`), the contents of events that wait to be applied, and each `KeptReport`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class RetentionKind(StrEnum):
    """What is kept for a while; the values read well before "older than 90 days"."""

    CUSTOMERS = "customers' details"
    EVENTS = "contents of handled events"
    SIGN_INS = "sign-ins"
    STAFF = "names of staff"
    RECONCILIATIONS = "reconciliation reports"
    AUDIT = "entries of the audit log"


class KeptReport(StrEnum):
    """Which reconciliation reports are kept whatever their age: one of each."""

    NEWEST = "the newest"  # how the last run went, and when the next one is due
    NEWEST_GOOD = "the newest without a problem"  # the next run goes on from it


# Stripe sends an event again, and lists it, for up to 30 days (Stripe docs: "List all events").
SHORTEST_FOR_EVENTS: Final = timedelta(days=30)

# Days, where no setting says otherwise. Two years for customers' details: card schemes take no
# dispute later than 540 days after the payment (Visa's rules; most end after 120), and some weeks
# of answering follow. How long the audit log has to be kept is for the company to say.
CUSTOMER_DAYS: Final = 730
EVENT_DAYS: Final = 90
SIGN_IN_DAYS: Final = 365
RECONCILIATION_DAYS: Final = 365
FOR_EVER: Final = 0


@dataclass(frozen=True)
class Retention:
    """For how long each kind is kept; None for ever."""

    customers: timedelta | None
    events: timedelta | None
    sign_ins: timedelta | None
    reconciliations: timedelta | None
    audit: timedelta | None = None

    def limits(self, now: datetime) -> dict[RetentionKind, datetime]:
        """For each kind the time before which it is removed; kinds kept for ever are left out.

        Names of staff go with their last sign-in.
        """
        spans = {
            RetentionKind.CUSTOMERS: self.customers,
            RetentionKind.EVENTS: self.events,
            RetentionKind.SIGN_INS: self.sign_ins,
            RetentionKind.STAFF: self.sign_ins,
            RetentionKind.RECONCILIATIONS: self.reconciliations,
            RetentionKind.AUDIT: self.audit,
        }
        return {kind: now - span for kind, span in spans.items() if span is not None}
