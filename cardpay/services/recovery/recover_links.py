"""Links without an event: each that is open is asked about at times, until Stripe says it ended.

A link that reserves no order is closed: its Checkout Session was made after the desk had said that
nothing was charged, and nobody has its address.
"""

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import TERMINAL, CancellationCause
from cardpay.domain.payment_link.link_rules import CHECK_EVERY, LinkStatus, is_due_for_check
from cardpay.services.desk import Desk
from cardpay.services.taking.cancel_at_stripe import begin_cancel, send_cancel
from cardpay.services.taking.payment_links.check_link import check_link
from cardpay.storage.payments import checkout_links, payment_operations, payments
from cardpay.storage.schema.tables import Operation, Payment, PaymentLink


def recover_link(desk: Desk, payment_id: str) -> None:
    """Close the payment's link, or ask Stripe how it stands, if that is due."""
    with desk.store.reading() as session:
        payment = session.get_one(Payment, payment_id)
        link = session.get_one(PaymentLink, payment_id)
        if payment_operations.open_operation(session, payment_id) is not None:
            return
    if link.status == LinkStatus.OPEN and payment.order_claim is None:
        _close(desk, payment_id)
        return
    due = is_due_for_check(
        link.status,
        expires_at=link.expires_at,
        checked_at=link.status_as_of,
        now=desk.now(),
        every=CHECK_EVERY,
    )
    if due or link.status != LinkStatus.OPEN:
        check_link(desk, SYSTEM, payment_id)
        _cancel_what_is_left(desk, payment_id)


def _close(desk: Desk, payment_id: str) -> None:
    operation: Operation | None = None
    with desk.store.transaction() as session:
        payment = payments.locked(session, payment_id)
        link = checkout_links.of_payment(session, payment_id)
        free = payment_operations.open_operation(session, payment_id) is None
        if payment and link and link.status == LinkStatus.OPEN and free:
            kind, cause = OperationKind.EXPIRE_LINK, CancellationCause.RECOVERY
            operation = begin_cancel(session, desk, SYSTEM, payment, kind, cause)
    if operation is not None:
        send_cancel(desk, SYSTEM, operation)


def _cancel_what_is_left(desk: Desk, payment_id: str) -> None:
    """Cancel the PaymentIntent of a link that has expired, should Stripe not have done so."""
    cancel: Operation | None = None
    with desk.store.transaction() as session:
        payment = payments.locked(session, payment_id)
        link = checkout_links.of_payment(session, payment_id)
        free = payment_operations.open_operation(session, payment_id) is None
        expired = link is not None and link.status == LinkStatus.EXPIRED
        if payment and expired and free and payment.status not in {None, *TERMINAL}:
            kind, cause = OperationKind.CANCEL, CancellationCause.EXPIRED
            cancel = begin_cancel(session, desk, SYSTEM, payment, kind, cause)
    if cancel is not None:
        send_cancel(desk, SYSTEM, cancel)
