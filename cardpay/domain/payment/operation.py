"""Operations, the desk's writes to Stripe: their kinds, their states, and who may decide on one.

A create, a confirm or a cancel ends by itself as soon as Stripe answers. A capture or a refund
moves money that nobody may be waiting for any more: once its answer is missing, only a person
sends it again. Such an operation needs review.
"""

from enum import StrEnum
from typing import Final

from cardpay.domain.access.actor import Actor, Permission


class OperationKind(StrEnum):
    """What is asked of Stripe."""

    CREATE = "create"
    CONFIRM = "confirm"
    CAPTURE = "capture"
    REFUND = "refund"
    CANCEL = "cancel"


class OperationState(StrEnum):
    """How far an operation is.

    open ── sent ──► done        Stripe did it, or answered definitely (a decline is an answer)
                 └─► refused     Stripe did not accept the request: nothing ran
                 └─► abandoned   given up: by recovery, after a fence made it harmless; by a
                                 person, after Stripe showed that it had not happened; or since
                                 the payment has ended the other way (paid before its cancel ran)
    """

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"


SENT_BY_PEOPLE: Final = frozenset({OperationKind.CAPTURE, OperationKind.REFUND})
# Retrying a create or a confirm only looks at Stripe, and charges nobody.
PERMISSIONS: Final[dict[OperationKind, Permission]] = {
    OperationKind.CREATE: Permission.USE_OPERATIONS,
    OperationKind.CONFIRM: Permission.USE_OPERATIONS,
    OperationKind.CANCEL: Permission.CANCEL_PAYMENT,
    OperationKind.CAPTURE: Permission.CAPTURE_PAYMENT,
    OperationKind.REFUND: Permission.REFUND_PAYMENT,
}


def may_try_again(actor: Actor, kind: OperationKind, *, needs_person: bool) -> bool:
    """Whether the actor may have Stripe asked again about an open operation of this kind."""
    allowed = actor.may(Permission.USE_OPERATIONS) and actor.may(PERMISSIONS[kind])
    return allowed and (needs_person or kind not in SENT_BY_PEOPLE)


def may_give_up(actor: Actor, kind: OperationKind, *, needs_person: bool) -> bool:
    """Whether the actor may end it: only one that needs review, so never too early."""
    return (
        kind in SENT_BY_PEOPLE
        and needs_person
        and may_try_again(actor, kind, needs_person=needs_person)
    )
