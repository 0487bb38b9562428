"""Looking for the unpaid payments that expire."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import col, or_, select, tuple_

from cardpay.domain.payment.expiry_rules import UNPAID
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payment

BATCH = 100


def unpaid(store: Store, created_before: datetime) -> Iterator[str]:
    """The ids of the payments that have expired, oldest first, read in batches.

    The query follows `has_expired`, the rule on one payment.
    """
    place: tuple[datetime, str] | None = None
    while True:
        with store.reading() as session:
            query = (
                select(Payment.created_at, Payment.id)
                .where(
                    col(Payment.display_status).in_(UNPAID),
                    or_(
                        col(Payment.created_at) < created_before,
                        col(Payment.order_claim).is_(None),
                    ),
                    col(Payment.taken_at_desk),
                )
                .order_by(col(Payment.created_at), col(Payment.id))
                .limit(BATCH)
            )
            if place is not None:
                query = query.where(tuple_(col(Payment.created_at), col(Payment.id)) > place)
            batch = session.exec(query).all()
        for created_at, payment_id in batch:
            place = (created_at, payment_id)
            yield payment_id
        if len(batch) < BATCH:
            return
