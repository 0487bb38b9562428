"""Review: who may retry or dismiss an operation without an outcome."""

from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.payment.operation import SENT_BY_PEOPLE, OperationKind

# Retrying a create or a confirm only reads from Stripe, and charges nobody.
REVIEW_PERMISSIONS: Final[dict[OperationKind, Permission]] = {
    OperationKind.CREATE: Permission.USE_OPERATIONS,
    OperationKind.CONFIRM: Permission.USE_OPERATIONS,
    OperationKind.CANCEL: Permission.CANCEL_PAYMENT,
    OperationKind.CAPTURE: Permission.CAPTURE_PAYMENT,
    OperationKind.REFUND: Permission.REFUND_PAYMENT,
}


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
