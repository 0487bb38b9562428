"""What a person has taken today."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import business_day, day_begins
from cardpay.domain.money import Money
from cardpay.domain.payment.status import PaymentStatus
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payment

# A payment may succeed a while after it was created; what is older was no caller's of today.
_CREATED_WITHIN: Final = timedelta(days=1)


def taken_today(
    store: Store, actor: Actor, zone: str, now: datetime
) -> tuple[int, tuple[Money, ...]]:
    """How many payments the person has taken this business day, and the sum in each currency.

    Raises NotAllowed.
    """
    actor = actor.require_to_look(Permission.TAKE_PAYMENT)
    at_zone = ZoneInfo(zone)
    begins_at = day_begins(business_day(now, at_zone), at_zone)
    sums = (
        select(Payment.currency, func.count(), func.sum(Payment.amount_received_minor))
        .where(
            Payment.taken_by == actor.actor_id,
            col(Payment.created_at) >= begins_at - _CREATED_WITHIN,
            col(Payment.succeeded_at) >= begins_at,
            Payment.status == PaymentStatus.SUCCEEDED,
        )
        .group_by(Payment.currency)
        .order_by(Payment.currency)
    )
    with store.reading() as session:
        rows = session.exec(sums).all()
    return sum(count for _, count, _ in rows), tuple(
        Money(int(minor), currency) for currency, _, minor in rows
    )
