"""Operations, the desk's writes to Stripe: their kinds, their states, and who may review one.

A create, a confirm or a cancel ends by itself as soon as Stripe answers. A capture or a refund
moves money that nobody may be waiting for any more: once its answer is missing, only a person
may send it again. Such an operation needs review.
"""

from enum import StrEnum
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission


class OperationKind(StrEnum):
    """What Stripe is asked to do."""

    CREATE = "create"
    CONFIRM = "confirm"
    CAPTURE = "capture"
    REFUND = "refund"
    CANCEL = "cancel"


class OperationState(StrEnum):
    """How far an operation is, and how it ended.

    open ── sent ──► done        Stripe did it, or answered definitely (a decline is an answer)
                 └─► refused     Stripe did not accept the request: nothing ran
                 └─► abandoned   ended by recovery, after cancelling the PaymentIntent made it
                                 harmless; dismissed by a person, after Stripe showed that it had
                                 not happened; or overtaken (paid before its cancel ran)
    """

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"


SENT_BY_PEOPLE: Final = frozenset({OperationKind.CAPTURE, OperationKind.REFUND})
"""The kinds that are never sent again without a person's decision."""

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
