"""Refunds of a payment, as rows."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from cardpay.domain.money import Money
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.refund import refundable_minor
from cardpay.storage.schema.tables import Operation, Payment, Refund


def of_payment(session: Session, payment_id: str) -> Sequence[Refund]:
    """All refunds of a payment, those that were only asked for included."""
    return session.exec(select(Refund).where(Refund.payment_id == payment_id)).all()


def refundable(session: Session, payment: Payment) -> Money:
    """The amount of a payment that is available to refund, in its currency."""
    left_minor = refundable_minor(
        of_payment(session, payment.id), payment.amount_minor, payment.amount_received_minor
    )
    return Money(left_minor, payment.currency)


def is_made(session: Session, operation_id: str) -> bool:
    """Whether the desk knows that Stripe made the operation's refund."""
    found = session.exec(
        select(Refund.stripe_refund_id).where(Refund.operation_id == operation_id)
    ).one_or_none()
    return found is not None


def asked_by(session: Session, payment_id: str, refund_id: str) -> str | None:
    """The id of the payment's operation that asked for a refund, even if its row was withdrawn."""
    asked = select(Operation).where(
        Operation.payment_id == payment_id, Operation.kind == OperationKind.REFUND
    )
    of_it = (one.id for one in session.exec(asked) if one.request.get("refund_id") == refund_id)
    return next(of_it, None)


def withdraw(session: Session, operation_id: str) -> None:
    """Delete the refund of an operation that ended without making one.

    What was asked for stays in the operation and in the audit log.
    """
    refund = session.exec(
        select(Refund).where(
            Refund.operation_id == operation_id, col(Refund.stripe_refund_id).is_(None)
        )
    ).one_or_none()
    if refund is not None:
        session.delete(refund)
