"""What an unanswered create made: a payment's PaymentIntent, or its link.

What nobody waits for any more is cancelled: no card was sent, and nobody has the link's address.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import CANCELLABLE, CancellationCause
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.domain.stripe_facts.snapshots import CheckoutSessionSnapshot, PaymentIntentSnapshot
from cardpay.gateway.errors import StripeUnavailable
from cardpay.services.desk import Desk
from cardpay.services.recovery.escalation import lock_if_open
from cardpay.services.stripe_facts.apply_facts import apply_fact, update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.idempotent_replay import is_in_replay_window
from cardpay.services.taking.cancel_at_stripe import begin_cancel, send_cancel
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import checkout_links
from cardpay.storage.schema.tables import Operation, Payment

# How far Stripe's clock may be from ours where its lists are searched by time.
LOOKUP_MARGIN: Final = timedelta(minutes=5)


def look_up_create(desk: Desk, operation: Operation, *, page_is_watched: bool) -> None:
    """End the create with what Stripe made of it, or with nothing once nothing can come of it.

    What was made is cancelled unless somebody waits for it.
    """
    asked_at = desk.now()
    try:
        found = [one for one in _made_then(desk, operation) if _is_answer(one, operation)]
    except StripeUnavailable:
        return
    in_time = is_in_replay_window(operation, desk.now())
    if in_time and not (found and page_is_watched):
        return  # it may still be made, or be wanted by somebody on its page: look again later
    cancel: Operation | None = None
    with desk.store.transaction() as session:
        payment, current = lock_if_open(session, operation)
        if payment is None or current is None:
            return
        state = OperationState.DONE if found else OperationState.ABANDONED
        operation_lifecycle.end(current, state, desk.now())
        session.add(current)
        session.flush()  # frees the payment's only slot for the cancel
        if found:
            apply_fact(session, desk, SYSTEM, found[0], asked_at=asked_at)
        kind = None if in_time else _cancelled_by(session, payment)
        if kind is not None:
            cause = CancellationCause.RECOVERY
            cancel = begin_cancel(session, desk, SYSTEM, payment, kind, cause)
        else:
            update_derived_fields(session, desk, payment)
    if cancel is not None:
        send_cancel(desk, SYSTEM, cancel)


def _made_then(
    desk: Desk, operation: Operation
) -> Iterable[PaymentIntentSnapshot | CheckoutSessionSnapshot]:
    """What Stripe lists of that kind from the time in which the request was sent."""
    sent = [at for at in (operation.first_sent_at, operation.last_sent_at) if at is not None]
    between = (min(sent) - LOOKUP_MARGIN, max(sent) + LOOKUP_MARGIN)
    if operation.kind is OperationKind.CREATE_LINK:
        return desk.gateway.list_checkout_sessions(*between)
    return desk.gateway.list_payment_intents(*between)


def _is_answer(
    made: PaymentIntentSnapshot | CheckoutSessionSnapshot, operation: Operation
) -> bool:
    """Whether the create's request made it: it has all that was asked for.

    Other systems copy metadata and edit it, so that the payment's id alone says nothing.
    """
    request = operation.request
    if isinstance(made, CheckoutSessionSnapshot) and (
        made.client_reference_id != operation.payment_id
    ):
        return False
    stated = (made.amount_minor, made.currency)
    return (
        stated == (request["amount_minor"], request["currency"])
        and request["metadata"].items() <= made.metadata.items()
    )


def _cancelled_by(session: Session, payment: Payment) -> OperationKind | None:
    """What cancels a payment that was only created; None if nothing is open at Stripe."""
    link = checkout_links.of_payment(session, payment.id)
    if link is not None:
        return OperationKind.EXPIRE_LINK if link.status == LinkStatus.OPEN else None
    return OperationKind.CANCEL if payment.status in CANCELLABLE else None
