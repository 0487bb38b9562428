"""A dispute's statuses: which await a reply from the company, and which have ended."""

from enum import StrEnum
from typing import Final


class DisputeStatus(StrEnum):
    """Stripe's statuses of a Dispute, as Stripe spells them.

    Source: API reference, "The Dispute object". A warning is an inquiry, for which the bank has
    taken no money yet. None is final: what was lost or won may be appealed, and an inquiry that
    was closed may come back.
    """

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"
    APPEAL_NEEDS_RESPONSE = "appeal_needs_response"
    APPEAL_UNDER_REVIEW = "appeal_under_review"


ENDED_DISPUTE_STATUSES: Final = frozenset(
    {
        DisputeStatus.WARNING_CLOSED,
        DisputeStatus.WON,
        DisputeStatus.LOST,
        DisputeStatus.PREVENTED,
    }
)

AWAITS_RESPONSE: Final = frozenset(
    {
        DisputeStatus.WARNING_NEEDS_RESPONSE,
        DisputeStatus.NEEDS_RESPONSE,
        DisputeStatus.APPEAL_NEEDS_RESPONSE,
    }
)
