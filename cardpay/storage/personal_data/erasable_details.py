"""Looking for details that may be erased: conditions that follow the domain's erasure rules."""

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlmodel import col

from cardpay.domain.payment.dispute import ENDED_DISPUTE_STATUSES
from cardpay.domain.payment.refund import REFUND_UNDER_WAY
from cardpay.domain.payment.status import TERMINAL
from cardpay.storage.schema.tables import CustomerDetail, Dispute, Operation, Payment, Refund


def is_open() -> ColumnElement[bool]:
    """Whether a payment, or an operation on it, has not ended."""
    ended = or_(
        col(Payment.status).is_(None),
        col(Payment.status).in_(TERMINAL),
    )
    return or_(~ended, exists().where(col(Operation.open_slot) == col(Payment.id)))


def is_disputed() -> ColumnElement[bool]:
    """Whether a dispute of a payment has not ended."""
    return exists().where(
        col(Dispute.payment_id) == col(Payment.id),
        col(Dispute.status).not_in(ENDED_DISPUTE_STATUSES),
    )


def is_refunded_soon() -> ColumnElement[bool]:
    """Whether a refund of a payment is on its way."""
    return exists().where(
        col(Refund.payment_id) == col(Payment.id), col(Refund.status).in_(REFUND_UNDER_WAY)
    )


def erasable() -> ColumnElement[bool]:
    """The condition for a payment, joined with its details, that no longer needs them."""
    return and_(
        col(CustomerDetail.erased_at).is_(None),
        ~is_open(),
        ~is_disputed(),
        ~is_refunded_soon(),
    )
