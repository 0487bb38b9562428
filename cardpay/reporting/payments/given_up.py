"""Which cancelled payments were given up after their card had failed.

Their status is Cancelled, since no card can be tried for them any more; but it is the decline that
staff remember and look for.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from cardpay.domain.payment.attempt import FAILED_ATTEMPTS
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.storage.schema.tables import Payment, PaymentAttempt

CARD_DECLINED: Final = f"{DisplayStatus.CANCELLED} · card declined"
"""What is read of such a payment."""


def declined_before(session: Session, payments: Iterable[Payment]) -> set[str]:
    """The ids of those of `payments` whose last card failed before they were cancelled."""
    cancelled = [one.id for one in payments if one.display_status is DisplayStatus.CANCELLED]
    if not cancelled:
        return set()
    attempts = session.execute(
        select(col(PaymentAttempt.payment_id), col(PaymentAttempt.outcome))
        .where(col(PaymentAttempt.payment_id).in_(cancelled))
        .order_by(col(PaymentAttempt.created_at), col(PaymentAttempt.id))
    )
    last = dict(attempts.tuples().all())  # of each payment the last one stays
    return {payment_id for payment_id, outcome in last.items() if outcome in FAILED_ATTEMPTS}
