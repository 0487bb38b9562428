"""Review: when a person is asked about an operation without an outcome, and who may end it."""

from datetime import timedelta
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.payment.operation import REPLAY_WINDOW, SENT_BY_PEOPLE, OperationKind

# After an error at Stripe the request may still turn out either way, and its events may tell how,
# for this long (Stripe docs: "Advanced error handling", "Server errors").
INDETERMINATE: Final = timedelta(minutes=10)

# Retrying a create or a confirm only reads from Stripe, and charges nobody.
REVIEW_PERMISSIONS: Final[dict[OperationKind, Permission]] = {
    OperationKind.CREATE: Permission.USE_OPERATIONS,
    OperationKind.CONFIRM: Permission.USE_OPERATIONS,
    OperationKind.CANCEL: Permission.CANCEL_PAYMENT,
    OperationKind.CREATE_LINK: Permission.USE_OPERATIONS,
    OperationKind.EXPIRE_LINK: Permission.CANCEL_PAYMENT,
    OperationKind.CAPTURE: Permission.CAPTURE_PAYMENT,
    OperationKind.REFUND: Permission.REFUND_PAYMENT,
    OperationKind.RECEIPT: Permission.EMAIL_RECEIPT,
}


def review_after(*, replayable: bool) -> timedelta:
    """How long after its request was last sent a person is asked about an operation still open.

    As long as the request could have been sent again, and `INDETERMINATE` where it cannot be.
    """
    return REPLAY_WINDOW if replayable else INDETERMINATE


def may_retry(actor: Actor, kind: OperationKind, *, needs_review: bool) -> bool:
    """Whether the actor may retry an open operation of this kind."""
    allowed = actor.may(Permission.USE_OPERATIONS) and actor.may(REVIEW_PERMISSIONS[kind])
    return allowed and (needs_review or kind not in SENT_BY_PEOPLE)


def may_dismiss(actor: Actor, kind: OperationKind, *, needs_review: bool) -> bool:
    """Whether the actor may dismiss an open operation: only one that needs review."""
    return (
        kind in SENT_BY_PEOPLE
        and needs_review
        and may_retry(actor, kind, needs_review=needs_review)
    )
