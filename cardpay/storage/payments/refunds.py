"""Refunds of a payment, as rows."""

from sqlmodel import Session, col, func, or_, select

from cardpay.domain.money import Money
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.refund import FINAL_REFUND_STATUSES, refundable_minor
from cardpay.storage.schema.tables import Operation, Payment, Refund


def standing_minor(session: Session, payment_id: str) -> int:
    """How much of the payment is given back or on its way, in its currency's minor unit."""
    total = session.exec(
        select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
            Refund.payment_id == payment_id,
            or_(col(Refund.status).is_(None), col(Refund.status).not_in(FINAL_REFUND_STATUSES)),
        )
    ).one()
    return int(total)


def refundable(session: Session, payment: Payment) -> Money:
    """What may still be refunded of a payment, in its currency."""
    standing = standing_minor(session, payment.id)
    left_minor = refundable_minor(payment.amount_received_minor, standing)
    return Money(left_minor, payment.currency)


def is_made(session: Session, operation_id: str) -> bool:
    """Whether Stripe is known to have made the operation's refund."""
    found = session.exec(
        select(Refund.stripe_refund_id).where(Refund.operation_id == operation_id)
    ).one_or_none()
    return found is not None


def asked_by(session: Session, payment_id: str, refund_id: str) -> str | None:
    """The payment's operation that asked for this refund, even where its row was withdrawn."""
    asked = select(Operation).where(
        Operation.payment_id == payment_id, Operation.kind == OperationKind.REFUND
    )
    of_it = (one.id for one in session.exec(asked) if one.request.get("refund_id") == refund_id)
    return next(of_it, None)


def withdraw(session: Session, operation_id: str) -> None:
    """Remove the refund of an operation that has ended without making one.

    What was asked for stays in the operation and in the audit log.
    """
    refund = session.exec(
        select(Refund).where(
            Refund.operation_id == operation_id, col(Refund.stripe_refund_id).is_(None)
        )
    ).one_or_none()
    if refund is not None:
        session.delete(refund)
