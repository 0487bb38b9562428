"""Customers' details and names of staff: which rows hold them, and erasing them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    delete,
    select,
    update,
)
from sqlmodel import Session, col

from cardpay.domain.personal_data.erasure_rules import needed_because
from cardpay.storage.personal_data.erasable_details import (
    erasable,
    is_disputed,
    is_open,
    is_refunded_soon,
)
from cardpay.storage.schema.session_tables import Person
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


def erase(session: Session, payment_ids: Collection[str], now: datetime) -> list[str]:
    """Erase the details of those payments that no longer need them; return their ids.

    Locks the payments. The reason for a second payment goes as well: people name people there.
    Amounts, ids and statuses are not touched.
    """
    # Locked first, read afterwards: something may have begun on a payment meanwhile.
    session.execute(
        select(col(Payment.id))
        .where(col(Payment.id).in_(payment_ids))
        .order_by(col(Payment.id))
        .with_for_update()
    )
    may = list(
        session.scalars(
            select(col(CustomerDetail.payment_id))
            .join(Payment, col(Payment.id) == col(CustomerDetail.payment_id))
            .where(col(CustomerDetail.payment_id).in_(payment_ids), erasable())
            .order_by(col(CustomerDetail.payment_id))
        )
    )
    nothing = dict.fromkeys(("name", "email", "phone", "note", "search_name", "search_email"))
    session.execute(
        update(CustomerDetail)
        .where(col(CustomerDetail.payment_id).in_(may))
        .values(**nothing, erased_at=now)
    )
    session.execute(
        update(Payment)
        .where(col(Payment.id).in_(may), col(Payment.second_payment_reason).is_not(None))
        .values(second_payment_reason=None)
    )
    return may


def erase_name(session: Session, actor_id: str) -> bool:
    """Delete the name behind an actor's id; return whether there was one."""
    gone = session.connection().execute(delete(Person).where(col(Person.actor_id) == actor_id))
    return gone.rowcount == 1
