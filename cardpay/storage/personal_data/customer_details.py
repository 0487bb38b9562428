"""Customers' details: which payments hold those of one customer, and which still need them."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from cardpay.domain.personal_data.erasure_rules import needed_because
from cardpay.storage.personal_data.erasable_details import (
    is_disputed,
    is_open,
    is_refunded_soon,
)
from cardpay.storage.schema.tables import CustomerDetail, Payment

BATCH: Final = 100


@dataclass(frozen=True)
class CustomerMatch:
    """Which customer is meant: by one of the three, compared as the search columns are."""

    email: str = ""
    name: str = ""
    payment_id: str = ""


@dataclass(frozen=True)
class PaymentWithDetails:
    """A payment that holds details. `needed_because` is empty once they may be erased."""

    detail: CustomerDetail
    payment: Payment
    needed_because: str


def of_customer(
    session: Session, match: CustomerMatch, after: str, limit: int = BATCH
) -> list[PaymentWithDetails]:
    """Up to `limit` payments with the customer's details, in order of id, after the id `after`."""
    if match.payment_id:
        is_meant = col(CustomerDetail.payment_id) == match.payment_id
    elif match.email:
        is_meant = col(CustomerDetail.search_email) == match.email
    else:
        is_meant = col(CustomerDetail.search_name) == match.name
    found = session.execute(
        select(CustomerDetail, Payment, is_open(), is_disputed(), is_refunded_soon())
        .join(Payment, col(Payment.id) == col(CustomerDetail.payment_id))
        .where(
            is_meant,
            col(CustomerDetail.erased_at).is_(None),
            col(CustomerDetail.payment_id) > after,
        )
        .order_by(col(CustomerDetail.payment_id))
        .limit(limit)
    )
    return [
        PaymentWithDetails(
            detail,
            payment,
            needed_because(
                payment.display_status, is_open=opened, disputed=disputed, refunded=refunded
            ),
        )
        for detail, payment, opened, disputed, refunded in found
    ]
