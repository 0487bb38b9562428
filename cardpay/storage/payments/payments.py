"""Finding and locking payments, and the claims of orders."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from cardpay.domain.payment.status import CHARGED_OR_HELD
from cardpay.storage.schema.tables import CustomerDetail, Payment, PaymentNote


def locked(session: Session, payment_id: str) -> Payment | None:
    """The payment, locked until this transaction ends; None if there is none."""
    return session.exec(
        select(Payment).where(Payment.id == payment_id).with_for_update()
    ).one_or_none()


def last_change(session: Session, payment_id: str) -> tuple[datetime, str] | None:
    """When the payment last changed, and its display status; None if there is none."""
    found = session.exec(
        select(Payment.updated_at, Payment.display_status).where(Payment.id == payment_id)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def claims_of_order(
    session: Session, stripe_account_id: str, livemode: bool, claim: str
) -> Sequence[Payment]:
    """The payments that claim an order, first to last."""
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
    """The newest payment for this order reference that another system took, or a lost desk.

    The account is compared here, among the few that are found: with it in the query, SQLite would
    read all payments of the account instead.
    """
    found = session.exec(
        select(Payment)
        .where(
            Payment.search_reference == claim,
            col(Payment.taken_at_desk).is_(False),
            col(Payment.status).in_(CHARGED_OR_HELD),
        )
        .order_by(col(Payment.created_at).desc())
    )
    whose = (stripe_account_id, livemode)
    return next((row for row in found if (row.stripe_account_id, row.livemode) == whose), None)


def customer_detail(session: Session, payment_id: str) -> CustomerDetail | None:
    """The customer's details of a payment; None if there are none."""
    return session.get(CustomerDetail, payment_id)


def count_notes(session: Session, payment_id: str) -> int:
    """How many notes a payment has."""
    counted = select(func.count()).where(PaymentNote.payment_id == payment_id)
    return session.exec(counted).one()
