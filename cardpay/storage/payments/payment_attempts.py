"""The attempts of payments: each confirm, and each Charge that was made elsewhere."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from cardpay.storage.schema.tables import PaymentAttempt


def of_payment(session: Session, payment_id: str) -> Sequence[PaymentAttempt]:
    """The payment's attempts, oldest first."""
    return session.exec(
        select(PaymentAttempt)
        .where(PaymentAttempt.payment_id == payment_id)
        .order_by(col(PaymentAttempt.created_at), col(PaymentAttempt.id))
    ).all()


def last_attempt(session: Session, payment_id: str) -> PaymentAttempt | None:
    """The payment's newest attempt."""
    return session.exec(
        select(PaymentAttempt)
        .where(PaymentAttempt.payment_id == payment_id)
        .order_by(col(PaymentAttempt.created_at).desc(), col(PaymentAttempt.id).desc())
        .limit(1)
    ).one_or_none()


def by_submission(session: Session, submission_id: str) -> PaymentAttempt | None:
    """The attempt of one press of the pay button."""
    return session.exec(
        select(PaymentAttempt).where(PaymentAttempt.submission_id == submission_id)
    ).one_or_none()


def was_tried(session: Session, payment_method_id: str) -> bool:
    """Whether an attempt on any payment has used this PaymentMethod."""
    tried = select(PaymentAttempt.id).where(
        PaymentAttempt.stripe_payment_method_id == payment_method_id
    )
    return session.exec(tried.limit(1)).first() is not None


def by_operation(session: Session, operation_id: str) -> PaymentAttempt | None:
    """The attempt that a confirm operation makes."""
    return session.exec(
        select(PaymentAttempt).where(PaymentAttempt.operation_id == operation_id)
    ).one_or_none()
