"""Which refunds: the filter of their list and of its export."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, literal_column, or_, select
from sqlmodel import col

from cardpay.domain.business_days import ALL_DAYS, Days
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.refund import EXPIRED_HOLD, RefundStatus
from cardpay.reporting.day_conditions import within
from cardpay.storage.schema.tables import Operation, Payment, Refund


@dataclass(frozen=True)
class RefundFilter:
    """Which refunds, by the day they were asked for; what is at its default lets all through.

    `currency` and `reason` are as Stripe spells them; `asked_by` is the id of the actor who asked
    for it at the desk, or NOT_HERE.
    """

    days: Days = ALL_DAYS
    statuses: frozenset[RefundStatus] = frozenset()
    currency: str | None = None
    reason: str | None = None
    asked_by: str | None = None


EVERY_REFUND: Final = RefundFilter()
NOT_HERE: Final = "outside"
"""Stands for whoever asked for a refund outside of this desk. No actor has this id."""
# Written out: the index of these alone does not serve a condition with a parameter.
_IS_REFUND: Final = col(Operation.kind) == literal_column(f"'{OperationKind.REFUND}'")


def conditions(chosen: RefundFilter, zone: tzinfo) -> list[ColumnElement[bool]]:
    """What must hold for a refund; `zone` is that of business days.

    What only released a hold is none of them: no money had been taken.
    """
    found = [~_is_release(), *within(col(Refund.created_at), chosen.days, zone)]
    if chosen.statuses:
        found.append(col(Refund.status).in_(sorted(chosen.statuses)))
    if chosen.currency is not None:
        found.append(col(Refund.currency) == chosen.currency)
    if chosen.reason is not None:
        found.append(col(Refund.reason) == chosen.reason)
    if chosen.asked_by == NOT_HERE:
        found.append(col(Refund.operation_id).is_(None))
    elif chosen.asked_by is not None:
        asked = select(col(Operation.id)).where(
            col(Operation.actor_id) == chosen.asked_by, _IS_REFUND
        )
        found.append(col(Refund.operation_id).in_(asked))
    return found


def _is_release() -> ColumnElement[bool]:
    """The domain's `is_release`, as a condition of the refund's own row."""
    captured_in_part = exists().where(
        col(Payment.id) == col(Refund.payment_id),
        col(Payment.amount_received_minor) < col(Payment.amount_minor),
    )
    return or_(
        col(Refund.reason).is_not_distinct_from(EXPIRED_HOLD),
        and_(
            col(Refund.status).is_not_distinct_from(RefundStatus.SUCCEEDED),
            col(Refund.stripe_balance_transaction_id).is_(None),
            captured_in_part,
        ),
    )
