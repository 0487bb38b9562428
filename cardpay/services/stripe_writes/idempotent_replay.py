"""Idempotency keys: how one is made, and how long a request may be sent again with its key.

A confirm charges a card, so it is replayed only while somebody has its page open, and only for
`REPLAY_WINDOW`. A capture or a refund is never replayed without a person's decision.
"""

from datetime import datetime, timedelta
from typing import Final

from cardpay.domain.payment.operation import REPLAY_WINDOW, OperationKind
from cardpay.storage.schema.tables import Operation

# Stripe may forget a key after 24 hours, and the same key then makes a new request (Stripe
# docs: "Idempotent requests"). An hour of safety.
KEY_LIFETIME: Final = timedelta(hours=23)


def idempotency_key(kind: OperationKind, operation_id: str) -> str:
    """An operation's key. It depends on the operation's row alone, so it is the same each time."""
    return f"cardpay-{kind}-{operation_id}"


def key_is_valid(operation: Operation, now: datetime) -> bool:
    """Whether the request, sent with its key again, could bring another answer than before.

    False where Stripe would only repeat an error that it has saved, or may have forgotten the
    key.
    """
    return operation.replayable and now - operation.created_at < KEY_LIFETIME


def is_in_replay_window(operation: Operation, now: datetime) -> bool:
    """Whether the operation is so new that it may still be executed or replayed."""
    return now - operation.created_at < REPLAY_WINDOW


def may_replay(operation: Operation, now: datetime, *, page_is_watched: bool) -> bool:
    """Whether recovery may send the same request with the same key again.

    A cancel, or the expiry of a link, moves no money, so it may be repeated for as long as Stripe
    keeps its key.
    """
    match operation.kind:
        case OperationKind.CANCEL | OperationKind.EXPIRE_LINK:
            return key_is_valid(operation, now)
        case OperationKind.CREATE | OperationKind.CONFIRM | OperationKind.CREATE_LINK:
            in_time = is_in_replay_window(operation, now)
            return operation.replayable and page_is_watched and in_time
    return False
