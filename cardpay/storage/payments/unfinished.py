"""What the recoverer has to look at: open operations and unpaid payments, as payments' ids."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlmodel import Session, and_, col, not_, or_, select, tuple_

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import TERMINAL
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Operation, Payment, Refund

BATCH = 100
# The words of a payment that nobody has paid, and that nothing is in the open for.
_UNPAID = (
    DisplayStatus.AWAITING_CARD,
    DisplayStatus.DECLINED,
    DisplayStatus.NEEDS_AUTHENTICATION,
)


def with_open_operation(store: Store, waiting_kinds: AbstractSet[str]) -> Iterator[str]:
    """The payments with an operation in the open, read in batches.

    Those of `waiting_kinds` that wait for a person are left out, unless the desk has heard
    meanwhile that they happened.
    """
    last = ""
    while True:
        with store.reading() as session:
            batch = _open_slots(session, waiting_kinds, last)
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1]


def _open_slots(session: Session, waiting_kinds: AbstractSet[str], last: str) -> list[str]:
    waits = and_(col(Operation.needs_review), col(Operation.kind).in_(waiting_kinds))
    ended = col(Payment.status).in_(TERMINAL)
    heard = or_(
        and_(Operation.kind == OperationKind.CAPTURE, ended),
        col(Refund.stripe_refund_id).is_not(None),
    )
    found = session.exec(
        select(Operation.open_slot)
        .join(Payment, col(Payment.id) == Operation.payment_id)
        .outerjoin(Refund, col(Refund.operation_id) == Operation.id)
        .where(col(Operation.open_slot) > last, or_(not_(waits), heard))
        .order_by(col(Operation.open_slot))
        .limit(BATCH)
    )
    return [payment_id for payment_id in found if payment_id is not None]


def unpaid(store: Store, created_before: datetime) -> Iterator[str]:
    """The desk's unpaid payments that were created before then, oldest first, in batches.

    Those that hold no order come at any age: their PaymentIntent was made after the desk had
    said that nothing was charged. A hold (Authorised) is not unpaid, and payments made
    elsewhere are not the desk's to end.
    """
    place: tuple[datetime, str] | None = None
    while True:
        with store.reading() as session:
            query = (
                select(Payment.created_at, Payment.id)
                .where(
                    col(Payment.display_status).in_(_UNPAID),
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


def is_unpaid(payment: Payment, created_before: datetime) -> bool:
    """Whether the payment is one of `unpaid`, as it stands in this row."""
    return (
        payment.display_status in _UNPAID
        and payment.taken_at_desk
        and (payment.created_at < created_before or payment.order_claim is None)
    )
