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
from cardpay.services.desk import Desk
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.taking.cancel_at_stripe import begin_cancel, send_cancel
from cardpay.services.taking.payment_view import PaymentView, require_visible, view, view_of
from cardpay.storage.database.engine import Duplicate
from cardpay.storage.payments import checkout_links, payment_operations, payments


def cancel_link(desk: Desk, actor: Actor, payment_id: str) -> PaymentView:
    """Close the payment's link. What it came to is in the returned payment: it may have been paid.

    A link that is closed already, or being closed, is returned as it is. Errors: PaymentNotFound,
    PaymentBusy, WrongState for a payment without a link, NotAllowed.
    """
    actor = actor.require(Permission.CANCEL_PAYMENT)
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
            operation = begin_cancel(
                session,
                desk,
                actor,
                payment,
                OperationKind.EXPIRE_LINK,
                CancellationCause.REQUESTED,
            )
    except Duplicate:
        raise PaymentBusy(payment_id) from None
    send_cancel(desk, actor, operation)
    return view(desk, payment_id)
