"""The second phase of every write to Stripe: the call, with no transaction open.

Shared by the use cases, which send a request first, and by recovery, which may send it again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from cardpay.domain.access.actor import Actor
from cardpay.gateway.errors import (
    ANSWERED_BEFORE_KEY,
    CardDeclined,
    ObjectUnreadable,
    OutcomeUnknown,
    RequestRefused,
)
from cardpay.logs.logger import bound, get_logger
from cardpay.services.desk import Desk
from cardpay.services.stripe_writes.store_outcome import (
    AnswerT,
    store_answer,
    store_decline,
    store_refusal,
    store_unknown,
)
from cardpay.storage.database.engine import Duplicate
from cardpay.storage.schema.tables import Operation

_log = get_logger(__name__)

Answer = TypeVar("Answer")


def send(
    desk: Desk, actor: Actor, operation: Operation, call: Callable[[], AnswerT]
) -> AnswerT | None:
    """Phases two and three of a write that Stripe answers with what the payment has there."""
    return send_and_store(store_answer, desk, actor, operation, call)


def send_and_store(
    store: Callable[[Desk, Actor, str, Answer, datetime], None],
    desk: Desk,
    actor: Actor,
    operation: Operation,
    call: Callable[[], Answer],
) -> Answer | None:
    """Phases two and three: make the call, then commit its outcome, an answer by `store`.

    Returns Stripe's answer; None after a decline, and while the outcome is unknown. Raises
    RequestRefused when Stripe did not accept the request. If it was sent before, and the refusal
    came before Stripe looked at the key, the outcome is still unknown.
    """
    asked_at = desk.now()
    if operation.sends > 1 and operation.first_sent_at is not None:
        asked_at = operation.first_sent_at  # the answer may be the one saved under the key then
    with bound(payment_id=operation.payment_id, operation_id=operation.id, kind=operation.kind):
        try:
            answer = call()
        except CardDeclined as declined:
            try:
                store_decline(desk, actor, operation.id, declined, asked_at)
            except Duplicate:  # of a charge that another payment has
                store_unknown(desk, operation.id, _of_another(declined.request_id))
                return None
            _log.info(
                "card declined", code=declined.error.code, stripe_request_id=declined.request_id
            )
        except OutcomeUnknown as unknown:
            store_unknown(desk, operation.id, unknown)
        except RequestRefused as refused:
            if operation.sends > 1 and refused.http_status in ANSWERED_BEFORE_KEY:
                store_unknown(desk, operation.id, _still_unknown(refused))
                return None
            store_refusal(desk, actor, operation.id, refused, asked_at)
            _log.warning(
                "request refused by Stripe",
                code=refused.code,
                http_status=refused.http_status,
                stripe_request_id=refused.request_id,
            )
            raise
        else:
            request_id = desk.gateway.last_request_id
            try:
                store(desk, actor, operation.id, answer, asked_at)
            except (ObjectUnreadable, Duplicate):  # it names what another payment has
                store_unknown(desk, operation.id, _of_another(request_id))
                return None
            _log.info("done by Stripe", stripe_request_id=request_id)
            return answer
    return None


def _of_another(request_id: str | None) -> OutcomeUnknown:
    reason = "an answer about another payment"
    return OutcomeUnknown(reason, replayable=True, request_id=request_id)


def _still_unknown(refused: RequestRefused) -> OutcomeUnknown:
    """The outcome of a replay whose key Stripe has not looked at: that of the first request."""
    reason = f"not let in, HTTP {refused.http_status}"
    return OutcomeUnknown(reason, replayable=True, request_id=refused.request_id)
