"""Which events the desk takes, what each is about, and how far its handling may be."""

from enum import StrEnum
from typing import Final


class EventState(StrEnum):
    """How far an event is.

    received ──► handled    applied, in the same transaction
        ├──────► to_ask     Stripe has to be asked first; then as from received
        ├──────► failed     kept with its reason, tried again later, then handled
        └──────► ignored    stored only: nothing that this desk's books are about
    """

    RECEIVED = "received"
    TO_ASK = "to_ask"
    HANDLED = "handled"
    FAILED = "failed"
    IGNORED = "ignored"


WAITING: Final = (EventState.RECEIVED, EventState.TO_ASK, EventState.FAILED)


class Subject(StrEnum):
    """What kind of object an event carries."""

    PAYMENT_INTENT = "payment_intent"
    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"


# Stripe API reference: "Types of events". Longer beginnings first: `charge.refund.updated`
# carries a Refund, `charge.refunded` a Charge.
_SUBJECTS: Final = (
    ("payment_intent.", Subject.PAYMENT_INTENT),
    ("charge.dispute.", Subject.DISPUTE),
    ("charge.refund.", Subject.REFUND),
    ("charge.", Subject.CHARGE),
    ("refund.", Subject.REFUND),
)


def subject_of(event_type: str) -> Subject | None:
    """What an event of this type carries; None for one that the desk does not take."""
    for beginning, subject in _SUBJECTS:
        if event_type.startswith(beginning):
            return subject
    return None


# What the Events list is asked for: at most 20 types a call. Left out is what comes with
# another: `charge.refund.updated` with `refund.updated`, a dispute's funds with its own events.
LISTED_TYPES: Final = (
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.created",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "charge.captured",
    "charge.expired",
    "charge.failed",
    "charge.pending",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "refund.created",
    "refund.failed",
    "refund.updated",
)
