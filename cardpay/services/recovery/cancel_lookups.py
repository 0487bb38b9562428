"""A cancel without an answer, of a PaymentIntent or of a link: asked about, and sent once more."""

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.review_rules import INDETERMINATE
from cardpay.domain.payment.status import CancellationCause
from cardpay.domain.stripe_facts.snapshots import CheckoutSessionSnapshot, PaymentIntentSnapshot
from cardpay.gateway.errors import StripeUnavailable
from cardpay.services.desk import Desk
from cardpay.services.recovery.escalation import escalate, lock_if_open
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.store_outcome import store_answer
from cardpay.services.taking.cancel_at_stripe import begin_cancel, send_cancel
from cardpay.storage.payments import payment_operations
from cardpay.storage.schema.tables import Operation


def look_up_cancel(desk: Desk, operation: Operation) -> None:
    """Apply what Stripe says; while the payment could still be paid, cancel it with a new key.

    Stripe answered with an error that it repeats for the first key. A second cancel with a key of
    its own is harmless: it moves no money, and twice cancelled is cancelled. Should that fail as
    well, each further one has its time, and the last of them is escalated.
    """
    asked_at = desk.now()
    try:
        found = _as_it_is(desk, operation)
    except StripeUnavailable:
        return
    if found.status in operation_lifecycle.ENDED:
        store_answer(desk, SYSTEM, operation.id, found, asked_at)
        return
    with desk.store.reading() as session:
        first = payment_operations.first_cancel(session, operation)
    latest: Operation | None = operation
    if first.id == operation.id or desk.now() - operation.created_at >= INDETERMINATE:
        cause = CancellationCause(operation.request["cause"])
        latest = abandon_and_cancel(desk, operation, operation.kind, cause)
    if latest is not None:
        escalate(desk, latest, since=first.created_at, after=INDETERMINATE)


def abandon_and_cancel(
    desk: Desk, operation: Operation, kind: OperationKind, cause: CancellationCause
) -> Operation | None:
    """Abandon the operation and cancel the payment by `kind`, so that it can never be paid.

    Returns the cancel, sent; None if the operation was ended meanwhile.
    """
    with desk.store.transaction() as session:
        payment, current = lock_if_open(session, operation)
        if payment is None or current is None:
            return None
        operation_lifecycle.end(current, OperationState.ABANDONED, desk.now())
        session.add(current)
        session.flush()  # frees the payment's only slot for the cancel
        cancel = begin_cancel(session, desk, SYSTEM, payment, kind, cause)
    send_cancel(desk, SYSTEM, cancel)
    return cancel


def _as_it_is(desk: Desk, operation: Operation) -> PaymentIntentSnapshot | CheckoutSessionSnapshot:
    request = operation.request
    if operation.kind is OperationKind.EXPIRE_LINK:
        return desk.gateway.retrieve_checkout_session(request["checkout_session_id"])
    return desk.gateway.retrieve_payment_intent(request["payment_intent_id"])
