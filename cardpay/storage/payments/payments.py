"""Finding and locking a payment and what belongs to it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import PaymentStatus
from cardpay.storage.schema.tables import (
    CustomerDetail,
    Operation,
    Payment,
    PaymentAttempt,
    Product,
)

# The card was charged, is being charged, or the amount is held on it.
_PAID = (PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING, PaymentStatus.REQUIRES_CAPTURE)


def locked(session: Session, payment_id: str) -> Payment | None:
    """The payment, and nobody else may change it until this transaction ends."""
    return session.exec(
        select(Payment).where(Payment.id == payment_id).with_for_update()
    ).one_or_none()


def last_change(session: Session, payment_id: str) -> tuple[datetime, str] | None:
    """When the payment last changed, and its status word: one row by its key."""
    found = session.exec(
        select(Payment.updated_at, Payment.display_status).where(Payment.id == payment_id)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def locked_by_intent(
    session: Session, stripe_account_id: str, livemode: bool, payment_intent_id: str
) -> Payment | None:
    """The payment of a PaymentIntent, locked."""
    return session.exec(
        select(Payment)
        .where(
            Payment.stripe_account_id == stripe_account_id,
            Payment.livemode == livemode,
            Payment.stripe_payment_intent_id == payment_intent_id,
        )
        .with_for_update()
    ).one_or_none()


def open_operation(session: Session, payment_id: str) -> Operation | None:
    """The one operation of the payment whose outcome is unknown."""
    return session.exec(select(Operation).where(Operation.open_slot == payment_id)).one_or_none()


def last_operation(session: Session, payment_id: str, kind: OperationKind) -> Operation | None:
    """The newest operation of a kind."""
    return session.exec(
        select(Operation)
        .where(Operation.payment_id == payment_id, Operation.kind == kind)
        .order_by(col(Operation.created_at).desc(), col(Operation.id).desc())
        .limit(1)
    ).one_or_none()


def first_cancel(session: Session, cancel: Operation) -> Operation:
    """The first of the cancels that were given up, one for the next, until `cancel`."""
    earlier = session.exec(
        select(Operation)
        .where(Operation.payment_id == cancel.payment_id, Operation.id != cancel.id)
        .where(col(Operation.created_at) <= cancel.created_at)
        .order_by(col(Operation.created_at).desc(), col(Operation.id).desc())
    ).all()
    first = cancel
    for operation in earlier:
        if (operation.kind, operation.state) != (OperationKind.CANCEL, OperationState.ABANDONED):
            break
        first = operation
    return first


def attempts(session: Session, payment_id: str) -> Sequence[PaymentAttempt]:
    """All attempts, oldest first."""
    return session.exec(
        select(PaymentAttempt)
        .where(PaymentAttempt.payment_id == payment_id)
        .order_by(col(PaymentAttempt.created_at), col(PaymentAttempt.id))
    ).all()


def last_attempt(session: Session, payment_id: str) -> PaymentAttempt | None:
    """The newest attempt."""
    return session.exec(
        select(PaymentAttempt)
        .where(PaymentAttempt.payment_id == payment_id)
        .order_by(col(PaymentAttempt.created_at).desc(), col(PaymentAttempt.id).desc())
        .limit(1)
    ).one_or_none()


def attempt_by_submission(session: Session, submission_id: str) -> PaymentAttempt | None:
    """The attempt of one press of the pay button."""
    return session.exec(
        select(PaymentAttempt).where(PaymentAttempt.submission_id == submission_id)
    ).one_or_none()


def was_tried(session: Session, payment_method_id: str) -> bool:
    """Whether some attempt, on whatever payment, has had this PaymentMethod."""
    tried = select(PaymentAttempt.id).where(
        PaymentAttempt.stripe_payment_method_id == payment_method_id
    )
    return session.exec(tried.limit(1)).first() is not None


def attempt_by_operation(session: Session, operation_id: str) -> PaymentAttempt | None:
    """The attempt that a confirm operation makes."""
    return session.exec(
        select(PaymentAttempt).where(PaymentAttempt.operation_id == operation_id)
    ).one_or_none()


def attempt_by_charge(
    session: Session, stripe_account_id: str, livemode: bool, charge_id: str
) -> PaymentAttempt | None:
    """The attempt that became this Charge."""
    return session.exec(
        select(PaymentAttempt).where(
            PaymentAttempt.stripe_account_id == stripe_account_id,
            PaymentAttempt.livemode == livemode,
            PaymentAttempt.stripe_charge_id == charge_id,
        )
    ).one_or_none()


def claims_of_order(
    session: Session, stripe_account_id: str, livemode: bool, claim: str
) -> Sequence[Payment]:
    """The payments that hold an order reference, first to last."""
    return session.exec(
        select(Payment)
        .where(
            Payment.stripe_account_id == stripe_account_id,
            Payment.livemode == livemode,
            Payment.order_claim == claim,
        )
        .order_by(col(Payment.order_sequence))
    ).all()


def paid_elsewhere(
    session: Session, stripe_account_id: str, livemode: bool, claim: str
) -> Payment | None:
    """The newest payment with this reference that another system, or a lost desk, was paid.

    Whose it is is asked of the few that are found: SQLite, told to look for that as well, would
    read all payments of the account instead.
    """
    found = session.exec(
        select(Payment)
        .where(
            Payment.search_reference == claim,
            col(Payment.taken_at_desk).is_(False),
            col(Payment.status).in_(_PAID),
        )
        .order_by(col(Payment.created_at).desc())
    )
    whose = (stripe_account_id, livemode)
    return next((row for row in found if (row.stripe_account_id, row.livemode) == whose), None)


def customer_detail(session: Session, payment_id: str) -> CustomerDetail | None:
    """The personal part of a payment; None once it never was, or was erased."""
    return session.get(CustomerDetail, payment_id)


def product(session: Session, product_id: str) -> Product | None:
    """One product of the catalogue."""
    return session.get(Product, product_id)


def active_products(session: Session) -> Sequence[Product]:
    """What may be sold now, in the catalogue's order."""
    return session.exec(
        select(Product).where(Product.active).order_by(col(Product.position), col(Product.id))
    ).all()
