"""Refunds of a payment, as rows."""

from sqlmodel import Session, col, func, or_, select

from cardpay.domain.money import Money
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.refund import FINAL_REFUND_STATUSES, refundable_minor
from cardpay.storage.schema.tables import Operation, Payment, Refund


def by_stripe_id(
    session: Session, stripe_account_id: str, livemode: bool, refund_id: str
) -> Refund | None:
    """The refund with this id of Stripe's; None if there is none."""
    return session.exec(
        select(Refund).where(
            Refund.stripe_account_id == stripe_account_id,
            Refund.livemode == livemode,
            Refund.stripe_refund_id == refund_id,
        )
    ).one_or_none()


def refunded_minor(session: Session, payment_id: str) -> int:
    """What Stripe has refunded or is refunding, in the minor unit of the payment's currency."""
    total = session.exec(
        select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
            Refund.payment_id == payment_id,
            col(Refund.status).is_not(None),
            col(Refund.status).not_in(FINAL_REFUND_STATUSES),
        )
    ).one()
    return int(total)


def standing_minor(session: Session, payment_id: str) -> int:
    """What is refunded, asked for or on its way, in the minor unit of the payment's currency."""
    total = session.exec(
        select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
            Refund.payment_id == payment_id,
            or_(col(Refund.status).is_(None), col(Refund.status).not_in(FINAL_REFUND_STATUSES)),
        )
    ).one()
    return int(total)


def refundable(session: Session, payment: Payment) -> Money:
    """The amount of a payment that is available to refund, in its currency."""
    standing = standing_minor(session, payment.id)
    left_minor = refundable_minor(payment.amount_received_minor, standing)
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
