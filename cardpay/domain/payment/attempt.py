"""The outcomes of an attempt, which is one confirm: one card tried on one payment."""

from enum import StrEnum
from typing import Final


class AttemptOutcome(StrEnum):
    """How an attempt ended. `PENDING` until Stripe's answer is stored."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    AUTHENTICATION_FAILED = "authentication_failed"
    REFUSED = "refused"  # Stripe did not accept the request itself: nothing was tried
    NOT_CHARGED = "not_charged"  # never executed: the PaymentIntent was cancelled first


SETTLED_ATTEMPTS: Final = frozenset(
    {
        AttemptOutcome.SUCCEEDED,
        AttemptOutcome.DECLINED,
        AttemptOutcome.AUTHENTICATION_FAILED,
        AttemptOutcome.REFUSED,
        AttemptOutcome.NOT_CHARGED,
    }
)

FAILED_ATTEMPTS: Final = frozenset({AttemptOutcome.DECLINED, AttemptOutcome.AUTHENTICATION_FAILED})
"""The outcomes after which another card may be tried."""

ATTEMPT_LABELS: Final[dict[AttemptOutcome, str]] = {
    AttemptOutcome.PENDING: "Checking with Stripe",
    AttemptOutcome.REQUIRES_ACTION: "Needs authentication",
    AttemptOutcome.PROCESSING: "Processing",
    AttemptOutcome.SUCCEEDED: "Succeeded",
    AttemptOutcome.AUTHORISED: "Authorised",
    AttemptOutcome.DECLINED: "Declined",
    AttemptOutcome.AUTHENTICATION_FAILED: "Authentication failed",
    AttemptOutcome.REFUSED: "Not accepted",
    AttemptOutcome.NOT_CHARGED: "Not charged",
}
