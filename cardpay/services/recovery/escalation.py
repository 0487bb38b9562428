"""When an operation that does not end by itself is shown to a person, and what they read."""

from datetime import datetime, timedelta

from cardpay.gateway.errors import RequestRefused, SetupProblem
from cardpay.logs.logger import get_logger
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payment_operations, payments
from cardpay.storage.schema.tables import Operation, Payment

_log = get_logger(__name__)


def call_a_person(desk: Desk, operation: Operation, *, since: datetime, after: timedelta) -> None:
    """Show it as waiting for a person, if it is still open so long `after` it began."""
    if desk.now() - since < after:
        return
    with desk.store.transaction() as session:
        _, current = still_open(session, operation)
        if current is None or current.needs_person:
            return
        current.needs_person = True
        session.add(current)
        problem = current.problem
    _log.warning("operation waits for a person", problem=problem)


def note_refused_look(desk: Desk, operation: Operation, refused: RequestRefused) -> None:
    """Stripe would not tell how it ended: no look will, until somebody mends that."""
    told = f"Stripe refused to be asked: {refused.message}"
    if isinstance(refused, SetupProblem):  # its words may quote the key
        told = f"Stripe refuses the desk's key, HTTP {refused.http_status}"
    with desk.store.transaction() as session:
        _, current = still_open(session, operation)
        if current is None or current.problem == told:
            return
        current.problem = told
        current.stripe_request_id = refused.request_id or current.stripe_request_id
        session.add(current)
    _log.warning(
        "look refused by Stripe",
        code=refused.code,
        http_status=refused.http_status,
        stripe_request_id=refused.request_id,
    )


def still_open(session: Session, operation: Operation) -> tuple[Payment | None, Operation | None]:
    """The payment, locked, and the operation if nobody has ended or sent it meanwhile."""
    payment = payments.locked(session, operation.payment_id)
    current = payment_operations.open_operation(session, operation.payment_id)
    if current is None or (current.id, current.sends) != (operation.id, operation.sends):
        return payment, None
    return payment, current
