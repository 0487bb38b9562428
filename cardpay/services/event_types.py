"""Which events the desk takes, what each is about, and how far its handling may be."""

from enum import StrEnum
from typing import Final


class EventState(StrEnum):
    """How far an event is.

    received ──► handled    applied, in the same transaction
        ├──────► failed     kept with its reason, tried again later, then handled
        └──────► ignored    stored only: nothing that this desk's books are about
    """

    RECEIVED = "received"
    HANDLED = "handled"
    FAILED = "failed"
    IGNORED = "ignored"


WAITING: Final = (EventState.RECEIVED, EventState.FAILED)


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
