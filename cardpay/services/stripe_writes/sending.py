"""The second and third phase of every write to Stripe: call, and commit what the answer says.

Shared by the use cases, which send a request first, and by recovery, which may send it again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.operation import OperationState
from cardpay.domain.payment.status import AttemptOutcome
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.gateway.errors import CardDeclined, OutcomeUnknown, RequestRefused, StripeUnavailable
from cardpay.logs.log import bound, get_logger
from cardpay.services.audit.record import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.attempt_facts import take_decline
from cardpay.services.stripe_facts.payment_facts import Applied, apply_intent, restate
from cardpay.services.stripe_writes import operations
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payments, refunds
from cardpay.storage.schema.tables import Operation, Payment

_log = get_logger(__name__)

# Somebody else's answer may come in between, which makes ours one to ask for again.
LOOKS = 3
# Stripe refuses these before it looks at the idempotency key.
KEY_NOT_LOOKED_AT = frozenset({401, 403})


Answer = TypeVar("Answer")


def carry_out(
    desk: Desk, actor: Actor, operation: Operation, call: Callable[[], PaymentIntentSnapshot]
) -> PaymentIntentSnapshot | None:
    """Phases two and three of a write that answers with the PaymentIntent."""
    return carry_out_and(store_answer, desk, actor, operation, call)


def carry_out_and(
    store: Callable[[Desk, Actor, str, Answer, datetime], None],
    desk: Desk,
    actor: Actor,
    operation: Operation,
    call: Callable[[], Answer],
) -> Answer | None:
    """Phases two and three: make the call with no transaction open, then commit its outcome.

    What Stripe answered if it did it, after `store` has applied that. None after a decline, and
    while nobody knows: both are stored. RequestRefused, stored too, when Stripe did not accept
    the request, unless it may have run when it was sent before.
    """
    asked_at = desk.now()
    if operation.sends > 1 and operation.first_sent_at is not None:
        asked_at = operation.first_sent_at  # the answer may be the one saved under the key then
    with bound(payment_id=operation.payment_id, operation_id=operation.id, kind=operation.kind):
        try:
            answer = call()
        except CardDeclined as declined:
            _store_decline(desk, actor, operation.id, declined, asked_at)
            _log.info(
                "card declined", code=declined.error.code, stripe_request_id=declined.request_id
            )
        except OutcomeUnknown as unknown:
            _store_unknown(desk, operation.id, unknown)
        except RequestRefused as refused:
            if operation.sends > 1 and refused.http_status in KEY_NOT_LOOKED_AT:
                _store_unknown(desk, operation.id, _says_nothing(refused))
                return None
            _store_refusal(desk, actor, operation.id, refused, asked_at)
            _log.warning(
                "request refused by Stripe",
                code=refused.code,
                http_status=refused.http_status,
                stripe_request_id=refused.request_id,
            )
            raise
        else:
            request_id = desk.gateway.last_request_id
            store(desk, actor, operation.id, answer, asked_at)
            _log.info("done by Stripe", stripe_request_id=request_id)
            return answer
    return None


def store_answer(
    desk: Desk,
    actor: Actor,
    operation_id: str,
    intent: PaymentIntentSnapshot,
    asked_at: datetime,
) -> None:
    """Stripe did it, or shows that it can not happen any more: apply that, end the operation.

    An answer that others overtook is asked for again. While Stripe does not tell, the operation
    stays open: recovery looks again.
    """
    for _ in range(LOOKS):
        with desk.store.transaction() as session:
            payment, operation = locked(session, operation_id)
            applied = apply_intent(session, desk, actor, intent, asked_at=asked_at)
            if applied is not Applied.STALE and operation.state == OperationState.OPEN:
                state = operations.state_after(operation, intent.status)
                operations.end(operation, state, desk.now())
            restate(session, desk, payment)
        if applied is not Applied.STALE:
            return
        asked_at = desk.now()
        try:
            intent = desk.gateway.retrieve_payment_intent(intent.payment_intent_id)
        except (StripeUnavailable, RequestRefused):
            break
    overtaken = OutcomeUnknown("overtaken by another", replayable=True, request_id=None)
    _store_unknown(desk, operation_id, overtaken)


def _store_decline(
    desk: Desk, actor: Actor, operation_id: str, declined: CardDeclined, asked_at: datetime
) -> None:
    """The card was refused: a definite answer, after which another card may be tried."""
    with desk.store.transaction() as session:
        payment, operation = locked(session, operation_id)
        take_decline(session, desk, payment, declined.error)
        applied = Applied.TAKEN
        if declined.payment_intent is not None:
            applied = apply_intent(
                session, desk, actor, declined.payment_intent, asked_at=asked_at
            )
        operation.stripe_request_id = declined.request_id
        if operation.state == OperationState.OPEN:
            operations.end(operation, OperationState.DONE, desk.now())
            refunds.withdraw(session, operation_id)
        restate(session, desk, payment)
        intent_id = payment.stripe_payment_intent_id
    if applied is Applied.STALE and intent_id:
        look_again(desk, actor, intent_id)


def _store_refusal(
    desk: Desk, actor: Actor, operation_id: str, refused: RequestRefused, asked_at: datetime
) -> None:
    """Stripe did not accept the request, so nothing ran."""
    with desk.store.transaction() as session:
        payment, operation = locked(session, operation_id)
        if operation.state == OperationState.OPEN:
            operations.note_refusal(operation, refused, desk.now())
            refunds.withdraw(session, operation_id)
        attempt = payments.attempt_by_operation(session, operation_id)
        if attempt is not None and attempt.outcome == AttemptOutcome.PENDING:
            attempt.outcome = AttemptOutcome.REFUSED
            attempt.failure_code = refused.code
            attempt.settled_at = desk.now()
            session.add(attempt)
            record(
                session,
                actor,
                "payment.attempt.refused",
                ("payment", payment.id),
                at=desk.now(),
                after={"attempt_id": attempt.id, "code": refused.code},
            )
        applied = Applied.TAKEN
        if refused.payment_intent is not None:
            applied = apply_intent(session, desk, actor, refused.payment_intent, asked_at=asked_at)
        restate(session, desk, payment)
        intent_id = payment.stripe_payment_intent_id
    if applied is Applied.STALE and intent_id:
        look_again(desk, actor, intent_id)


def _says_nothing(refused: RequestRefused) -> OutcomeUnknown:
    """A repeated request that was not let in: how the first one ended is as unknown as before."""
    reason = f"not let in, HTTP {refused.http_status}"
    return OutcomeUnknown(reason, replayable=True, request_id=refused.request_id)


def _store_unknown(desk: Desk, operation_id: str, unknown: OutcomeUnknown) -> None:
    """Nobody knows yet: the operation stays open."""
    with desk.store.transaction() as session:
        payment, operation = locked(session, operation_id)
        if operation.state == OperationState.OPEN:
            operations.note_unknown(operation, unknown)
        restate(session, desk, payment)
    _log.warning("outcome unknown", reason=unknown.reason, stripe_request_id=unknown.request_id)


def look_again(desk: Desk, actor: Actor, payment_intent_id: str) -> PaymentIntentSnapshot | None:
    """Retrieve and apply. None when Stripe does not answer: a later look will tell."""
    for _ in range(LOOKS):
        asked_at = desk.now()
        try:
            intent = desk.gateway.retrieve_payment_intent(payment_intent_id)
        except StripeUnavailable:
            return None
        with desk.store.transaction() as session:
            applied = apply_intent(session, desk, actor, intent, asked_at=asked_at)
        if applied is not Applied.STALE:
            return intent
    return None


def locked(session: Session, operation_id: str) -> tuple[Payment, Operation]:
    """The payment first, then its operation: everybody locks in this order."""
    operation = session.get(Operation, operation_id)
    assert operation is not None
    payment = payments.locked(session, operation.payment_id)
    assert payment is not None
    session.refresh(operation)
    return payment, operation
