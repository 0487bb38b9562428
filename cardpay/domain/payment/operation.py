"""Operations, the desk's writes to Stripe: their kinds and their states.

A capture or a refund moves money that nobody may be waiting for any more: once its answer is
missing, only a person may send it again. Such an operation needs review. All others end by
themselves as soon as Stripe answers.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class OperationKind(StrEnum):
    """What Stripe is asked to do."""

    CREATE = "create"
    CONFIRM = "confirm"
    CAPTURE = "capture"
    REFUND = "refund"
    CANCEL = "cancel"
    RECEIPT = "receipt"
    CREATE_LINK = "create_link"
    EXPIRE_LINK = "expire_link"


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

REPLAY_WINDOW: Final = timedelta(minutes=2)
"""How long after it began a create or a confirm may be sent again with its idempotency key."""
