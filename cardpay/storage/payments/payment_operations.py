"""The operations of payments: the open one of each, those before it, and all that are open."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlmodel import Session, and_, col, func, not_, or_, select

from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import TERMINAL
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Operation, Payment, Refund

BATCH = 100


def open_operation(session: Session, payment_id: str) -> Operation | None:
    """The payment's open operation, of which there is at most one."""
    return session.exec(select(Operation).where(Operation.open_slot == payment_id)).one_or_none()


def last_operation(session: Session, payment_id: str, kind: OperationKind) -> Operation | None:
    """The payment's newest operation of a kind."""
    return session.exec(
        select(Operation)
        .where(Operation.payment_id == payment_id, Operation.kind == kind)
        .order_by(col(Operation.created_at).desc(), col(Operation.id).desc())
        .limit(1)
    ).one_or_none()


def first_cancel(session: Session, cancel: Operation) -> Operation:
    """The first of the cancels that were abandoned, each for the next one, until `cancel`.

    Of a link's expiries likewise.
    """
    earlier = session.exec(
        select(Operation)
        .where(Operation.payment_id == cancel.payment_id, Operation.id != cancel.id)
        .where(col(Operation.created_at) <= cancel.created_at)
        .order_by(col(Operation.created_at).desc(), col(Operation.id).desc())
    ).all()
    first = cancel
    for operation in earlier:
        if (operation.kind, operation.state) != (cancel.kind, OperationState.ABANDONED):
            break
        first = operation
    return first


def with_open_operation(store: Store, waiting_kinds: AbstractSet[str]) -> Iterator[str]:
    """The ids of payments with an open operation, read in batches.

    Operations of `waiting_kinds` that need a review are left out, unless the desk has heard from
    Stripe meanwhile that they happened.
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


def left_without_slot(session: Session, now: datetime) -> list[str]:
    """The ids of open operations that nothing waits for, and whose request can't run any more."""
    found = session.exec(
        select(Operation.id)
        .where(
            col(Operation.finished_at).is_(None),
            col(Operation.open_slot).is_(None),
            col(Operation.in_flight_until_at) <= now,
        )
        .order_by(col(Operation.in_flight_until_at), col(Operation.id))
        .limit(BATCH)
    )
    return list(found)


def count_open_operations(session: Session, *, needs_review: bool) -> tuple[int, datetime | None]:
    """The number of open operations that need a review or not, and when the oldest began."""
    count, oldest_at = session.execute(
        select(func.count(), func.min(col(Operation.created_at))).where(
            col(Operation.open_slot).is_not(None),
            col(Operation.needs_review).is_(needs_review),
        )
    ).one()
    return count, oldest_at
