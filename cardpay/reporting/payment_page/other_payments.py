"""The other payments of a payment's customer: by e-mail address, phone number or exact name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, or_, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.money import Money
from cardpay.domain.payment.display_status import status_words
from cardpay.reporting.payments.given_up import CARD_DECLINED, declined_before
from cardpay.reporting.payments.payments_list import amount_of, visible_to
from cardpay.storage.schema.tables import CustomerDetail, Payment

MOST: Final = 5
_LEAST_DIGITS: Final = 6  # a shorter number is no phone's


@dataclass(frozen=True)
class OtherPayment:
    """A payment of the same customer, as far as can be told."""

    payment_id: str
    at: datetime
    status: str
    amount: Money


@dataclass(frozen=True)
class OtherPayments:
    """The newest of them, at most MOST; `has_more` says that there are others."""

    shown: tuple[OtherPayment, ...] = ()
    has_more: bool = False


def other_payments(
    session: Session, actor: Actor, payment: Payment, now: datetime
) -> OtherPayments:
    """Those that the actor may see, newest first."""
    customer = session.get(CustomerDetail, payment.id)
    if customer is None:
        return OtherPayments()
    phone = customer.search_phone or ""
    same = [
        column == value
        for column, value in (
            (col(CustomerDetail.search_email), customer.search_email),
            (col(CustomerDetail.search_phone), phone if len(phone) >= _LEAST_DIGITS else None),
            (col(CustomerDetail.search_name), customer.search_name),
        )
        if value
    ]
    if not same:
        return OtherPayments()
    rows = session.exec(
        select(Payment)
        .join(CustomerDetail, col(CustomerDetail.payment_id) == col(Payment.id))
        .where(or_(*same), Payment.id != payment.id, or_(*visible_to(actor, now)))
        .order_by(col(Payment.created_at).desc(), col(Payment.id).desc())
        .limit(MOST + 1)
    ).all()
    declined = declined_before(session, rows)
    shown = tuple(
        OtherPayment(
            payment_id=row.id,
            at=row.created_at,
            status=(
                CARD_DECLINED
                if row.id in declined
                else status_words(row.display_status, row.status)
            ),
            amount=amount_of(row),
        )
        for row in rows[:MOST]
    )
    return OtherPayments(shown, has_more=len(rows) > MOST)
