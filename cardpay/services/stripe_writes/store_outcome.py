"""The third phase of every write to Stripe: committing its outcome.

An outcome is Stripe's answer, a decline, a refusal, or unknown.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final, TypeVar

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.stripe_facts.snapshots import CheckoutSessionSnapshot, PaymentIntentSnapshot
from cardpay.gateway.errors import (
    CardDeclined,
    ObjectUnreadable,
    OutcomeUnknown,
    RequestRefused,
    StripeUnavailable,
)
from cardpay.logs.logger import get_logger
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import (
    Applied,
    apply_decline,
    apply_fact,
    update_derived_fields,
)
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import checkout_links, payment_attempts, refunds
from cardpay.storage.schema.tables import Operation, Payment

_log = get_logger(__name__)

Answer = PaymentIntentSnapshot | CheckoutSessionSnapshot
AnswerT = TypeVar("AnswerT", PaymentIntentSnapshot, CheckoutSessionSnapshot)

# Another answer may be applied while ours is on its way, and ours is then retrieved again.
MAX_RETRIEVES: Final = 3


def store_answer(
    desk: Desk, actor: Actor, operation_id: str, answer: Answer, asked_at: datetime
) -> None:
    """Apply an answer which shows that the operation was executed, or no longer can be.

    That ends the operation. If a newer answer was applied meanwhile, Stripe is asked again; if
    Stripe does not answer, the operation stays open for recovery. Raises ObjectUnreadable, or
    Duplicate, for what another payment has at Stripe.
    """
    for _ in range(MAX_RETRIEVES):
        with desk.store.transaction() as session:
            payment, operation = operation_lifecycle.lock_operation(session, operation_id)
            _note_id(session, payment, operation, answer)
            applied = apply_fact(session, desk, actor, answer, asked_at=asked_at)
            if applied is not Applied.STALE and operation.state == OperationState.OPEN:
                state = operation_lifecycle.state_after(operation, answer.status)
                operation_lifecycle.end(operation, state, desk.now())
            update_derived_fields(session, desk, payment)
        if applied is not Applied.STALE:
            return
        asked_at = desk.now()
        try:
            answer = _ask_again(desk, answer)
        except (StripeUnavailable, RequestRefused):
            break
    overtaken = OutcomeUnknown("overtaken by another", replayable=True, request_id=None)
    store_unknown(desk, operation_id, overtaken)


def _note_id(session: Session, payment: Payment, operation: Operation, answer: Answer) -> None:
    """Note what a create made, since this is the answer to it."""
    match answer:
        case PaymentIntentSnapshot():
            if operation.kind is OperationKind.CREATE and not payment.stripe_payment_intent_id:
                payment.stripe_payment_intent_id = answer.payment_intent_id
        case CheckoutSessionSnapshot():
            link = checkout_links.of_payment(session, payment.id)
            assert link is not None
            if link.stripe_checkout_session_id is None:
                link.stripe_checkout_session_id = answer.session_id
                session.add(link)


def _ask_again(desk: Desk, answer: Answer) -> Answer:
    match answer:
        case PaymentIntentSnapshot():
            return desk.gateway.retrieve_payment_intent(answer.payment_intent_id)
        case CheckoutSessionSnapshot():
            return desk.gateway.retrieve_checkout_session(answer.session_id)


def store_decline(
    desk: Desk, actor: Actor, operation_id: str, declined: CardDeclined, asked_at: datetime
) -> None:
    """End the operation, since the card was declined. Another card may be tried."""
    with desk.store.transaction() as session:
        payment, operation = operation_lifecycle.lock_operation(session, operation_id)
        apply_decline(session, desk, payment, declined.error)
        applied = Applied.TAKEN
        if declined.payment_intent is not None:
            with suppress(ObjectUnreadable):  # the decline counts
                applied = apply_fact(
                    session, desk, actor, declined.payment_intent, asked_at=asked_at
                )
        operation.stripe_request_id = declined.request_id
        if operation.state == OperationState.OPEN:
            operation_lifecycle.end(operation, OperationState.DONE, desk.now())
            refunds.withdraw(session, operation_id)
        update_derived_fields(session, desk, payment)
        intent_id = payment.stripe_payment_intent_id
    if applied is Applied.STALE and intent_id:
        retrieve_and_apply(desk, actor, intent_id)


def store_refusal(
    desk: Desk, actor: Actor, operation_id: str, refused: RequestRefused, asked_at: datetime
) -> None:
    """End the operation and its attempt, since Stripe did not accept the request."""
    with desk.store.transaction() as session:
        payment, operation = operation_lifecycle.lock_operation(session, operation_id)
        if operation.state == OperationState.OPEN:
            operation_lifecycle.record_refusal(operation, refused, desk.now())
            refunds.withdraw(session, operation_id)
        attempt = payment_attempts.by_operation(session, operation_id)
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
            with suppress(ObjectUnreadable):  # the refusal counts
                applied = apply_fact(
                    session, desk, actor, refused.payment_intent, asked_at=asked_at
                )
        update_derived_fields(session, desk, payment)
        intent_id = payment.stripe_payment_intent_id
    if applied is Applied.STALE and intent_id:
        retrieve_and_apply(desk, actor, intent_id)


def store_unknown(desk: Desk, operation_id: str, unknown: OutcomeUnknown) -> None:
    """Record why the outcome is unknown. The operation stays open."""
    with desk.store.transaction() as session:
        payment, operation = operation_lifecycle.lock_operation(session, operation_id)
        if operation.state == OperationState.OPEN:
            operation_lifecycle.record_unknown(operation, unknown)
        update_derived_fields(session, desk, payment)
    _log.warning("outcome unknown", reason=unknown.reason, stripe_request_id=unknown.request_id)


def retrieve_and_apply(
    desk: Desk, actor: Actor, payment_intent_id: str
) -> PaymentIntentSnapshot | None:
    """Retrieve the PaymentIntent and apply it. None when Stripe does not answer."""
    return ask_and_apply(
        desk, actor, lambda: desk.gateway.retrieve_payment_intent(payment_intent_id)
    )


def ask_and_apply(desk: Desk, actor: Actor, ask: Callable[[], AnswerT]) -> AnswerT | None:
    """Apply what Stripe says when it is asked; None when it does not answer, or cannot be read.

    If a newer answer was applied meanwhile, it is asked again.
    """
    for _ in range(MAX_RETRIEVES):
        asked_at = desk.now()
        try:
            answer = ask()
            with desk.store.transaction() as session:
                applied = apply_fact(session, desk, actor, answer, asked_at=asked_at)
        except (StripeUnavailable, ObjectUnreadable):
            return None
        if applied is not Applied.STALE:
            return answer
    return None
