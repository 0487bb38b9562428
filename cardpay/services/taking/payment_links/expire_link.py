"""Closing a payment's link, so that nobody can pay there any more.

Of a customer who pays and the desk that closes the link exactly one is first, and Stripe decides
which. So the payment is over, and its order free for a card at the desk, only once Stripe has said
`expired`; an answer that is missing, or a refusal, is a reason to ask.
"""

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import PaymentBusy
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import CancellationCause
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.gateway.errors import RequestRefused
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.send_operation import send_and_store
from cardpay.services.taking.payment_links.store_session import check_link, store_session
from cardpay.services.taking.payment_view import PaymentView, require_visible, view, view_of
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.payments import checkout_links, payment_operations, payments
from cardpay.storage.schema.tables import Operation, Payment


def cancel_link(desk: Desk, actor: Actor, payment_id: str) -> PaymentView:
    """Close the payment's link. What it came to is in the returned payment: it may have been paid.

    A link that is closed already, or being closed, is returned as it is. Errors: PaymentNotFound,
    PaymentBusy, WrongState for a payment without a link, NotAllowed.
    """
    actor.require(Permission.CANCEL_PAYMENT)
    require_visible(desk, actor, payment_id)
    try:
        with desk.store.transaction() as session:
            payment = payments.locked(session, payment_id)
            open_operation = payment_operations.open_operation(session, payment_id)
            if payment and open_operation and open_operation.kind == OperationKind.EXPIRE_LINK:
                return view_of(session, payment)
            payment = operation_lifecycle.lock_without_open_operation(session, payment_id)
            link = checkout_links.of_payment(session, payment_id)
            if link is None or link.status is None:
                raise operation_lifecycle.wrong_state_error(payment, "cancelled")
            if link.status != LinkStatus.OPEN:
                return view_of(session, payment)
            operation = begin_expire_link(
                session, desk, actor, payment, CancellationCause.REQUESTED
            )
    except Duplicate:
        raise PaymentBusy(payment_id) from None
    send_expire_link(desk, actor, operation)
    return view(desk, payment_id)


def begin_expire_link(
    session: Session, desk: Desk, actor: Actor, payment: Payment, cause: CancellationCause
) -> Operation:
    """Phase one, on a payment with a link at Stripe; the caller commits."""
    link = checkout_links.of_payment(session, payment.id)
    assert link is not None
    operation = operation_lifecycle.begin(
        session,
        desk,
        actor,
        payment,
        OperationKind.EXPIRE_LINK,
        {"checkout_session_id": link.stripe_checkout_session_id, "cause": cause},
    )
    record(
        session,
        actor,
        "payment.link.cancel",
        ("payment", payment.id),
        at=desk.now(),
        before={"link": link.status},
        after={"cause": cause},
    )
    update_derived_fields(session, desk, payment)
    return operation


def send_expire_link(desk: Desk, actor: Actor, operation: Operation) -> None:
    """Phases two and three, and of a replay.

    Stripe refuses to expire what has ended meanwhile: then what it says of the link is applied.
    """
    session_id = operation.request["checkout_session_id"]
    key = operation.idempotency_key
    try:
        send_and_store(
            store_session,
            desk,
            actor,
            operation,
            lambda: desk.gateway.expire_checkout_session(session_id, key),
        )
    except RequestRefused:
        check_link(desk, actor, operation.payment_id)
