"""Which of Stripe's events the desk applies, what each is about, and the states of handling."""

from enum import StrEnum
from typing import Final


class EventState(StrEnum):
    """How far the handling of an event is.

    received ──► handled           applied, in the same transaction
        ├──────► needs_retrieve    its object has to be retrieved; then as from received
        ├──────► failed            kept with the reason and tried again; then as from received
        └──────► ignored           stored only: it is not about this desk's payments
    """

    RECEIVED = "received"
    NEEDS_RETRIEVE = "needs_retrieve"
    HANDLED = "handled"
    FAILED = "failed"
    IGNORED = "ignored"


# Still to be applied.
WAITING: Final = (EventState.RECEIVED, EventState.NEEDS_RETRIEVE, EventState.FAILED)


class Subject(StrEnum):
    """The kind of object that an event carries."""

    PAYMENT_INTENT = "payment_intent"
    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    PAYOUT = "payout"
    CHECKOUT_SESSION = "checkout.session"


# Stripe API reference: "Types of events". Longer beginnings first: `charge.refund.updated`
# carries a Refund, `charge.refunded` a Charge.
_SUBJECTS: Final = (
    ("payment_intent.", Subject.PAYMENT_INTENT),
    ("charge.dispute.", Subject.DISPUTE),
    ("charge.refund.", Subject.REFUND),
    ("charge.", Subject.CHARGE),
    ("refund.", Subject.REFUND),
    ("payout.", Subject.PAYOUT),
    ("checkout.session.", Subject.CHECKOUT_SESSION),
)


def subject_of(event_type: str) -> Subject | None:
    """The kind of object that events of this type carry; None for types that are not applied."""
    for beginning, subject in _SUBJECTS:
        if event_type.startswith(beginning):
            return subject
    return None


def fields_are_read(event_version: str | None, our_version: str) -> bool:
    """Whether an event's own fields are read; in another API version, only its type and ids are.

    Stripe renders an event in the API version that its endpoint or account had at the time (None
    where it names none), and fields differ between versions: so its object is retrieved, in ours.
    """
    return event_version == our_version


# The types that the Events list is asked for, which takes 20 at most. Payouts are listed
# themselves. Left out are those that come with another: `charge.refund.updated` with
# `refund.updated`, a dispute's funds with its own events.
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
