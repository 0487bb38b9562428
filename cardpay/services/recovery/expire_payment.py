"""Expiry: a payment that stays unpaid for too long is cancelled, so that its order is free."""

from datetime import datetime

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.expiry_rules import has_expired
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import CancellationCause
from cardpay.services.desk import Desk
from cardpay.services.taking.cancel_at_stripe import begin_cancel, send_cancel
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import Payment


def expire_payment(desk: Desk, payment_id: str, created_before: datetime) -> None:
    """Cancel the payment, if it has expired and is still unpaid when locked.

    One that reserves no order any more could not be paid, whatever its age: it is cancelled as
    by recovery, and shows "Not charged".
    """
    with desk.store.transaction() as session:
        payment = payments.locked(session, payment_id)
        if payment is None or not _has_expired(payment, created_before):
            return
        cause = CancellationCause.EXPIRED if payment.order_claim else CancellationCause.RECOVERY
        cancel = begin_cancel(session, desk, SYSTEM, payment, OperationKind.CANCEL, cause)
    send_cancel(desk, SYSTEM, cancel)


def _has_expired(payment: Payment, created_before: datetime) -> bool:
    return has_expired(
        payment.display_status,
        taken_at_desk=payment.taken_at_desk,
        holds_order=payment.order_claim is not None,
        created_at=payment.created_at,
        created_before=created_before,
    )
