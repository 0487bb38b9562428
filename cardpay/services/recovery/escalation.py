"""Escalation: showing an operation that does not end by itself to a person, for review."""

from datetime import datetime, timedelta

from cardpay.domain.payment.review_rules import review_after
from cardpay.gateway.errors import ObjectUnreadable, RequestRefused, SetupProblem
from cardpay.logs.logger import failure, get_logger
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payment_operations, payments
from cardpay.storage.schema.tables import Operation, Payment

_log = get_logger(__name__)


def escalate_when_due(desk: Desk, operation: Operation) -> None:
    """Mark it as needing review once Stripe has had its time since the request was last sent."""
    after = review_after(replayable=operation.replayable)
    since = operation.last_sent_at or operation.created_at
    escalate(desk, operation, since=since, after=after)


def escalate(desk: Desk, operation: Operation, *, since: datetime, after: timedelta) -> None:
    """Mark the operation as needing review, if it is still open and `since` is so long ago."""
    if desk.now() - since < after:
        return
    with desk.store.transaction() as session:
        _, current = lock_if_open(session, operation)
        if current is None or current.needs_review:
            return
        current.needs_review = True
        session.add(current)
        problem = current.problem
    _log.warning("operation needs review", problem=problem)


def record_failed_lookup(
    desk: Desk, operation: Operation, failed: RequestRefused | ObjectUnreadable
) -> None:
    """Record why it is not known how the operation ended: somebody has to mend that."""
    if isinstance(failed, ObjectUnreadable):
        problem = failed.what
    elif isinstance(failed, SetupProblem):  # its message may quote the key
        problem = f"Stripe refuses the desk's key, HTTP {failed.http_status}"
    else:
        problem = f"Stripe refused to be asked: {failed.message}"
    with desk.store.transaction() as session:
        _, current = lock_if_open(session, operation)
        if current is None or current.problem == problem:
            return
        current.problem = problem
        current.stripe_request_id = failed.request_id or current.stripe_request_id
        session.add(current)
    _log.warning("lookup failed", **failure(failed))


def lock_if_open(
    session: Session, operation: Operation
) -> tuple[Payment | None, Operation | None]:
    """The payment, locked, and the operation, unless it was ended or sent again meanwhile."""
    payment = payments.locked(session, operation.payment_id)
    current = payment_operations.open_operation(session, operation.payment_id)
    if current is None or (current.id, current.sends) != (operation.id, operation.sends):
        return payment, None
    return payment, current
