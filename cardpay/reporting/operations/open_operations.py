"""Operations without an outcome yet, and which of them need a review."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.money import Money
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.review_rules import may_dismiss, may_retry
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Operation, Payment

SHOWN = 200  # more than that is an outage at Stripe, not a list to work through


@dataclass(frozen=True)
class OpenOperation:
    """One write to Stripe whose outcome is unknown, and what this actor may do about it.

    `amount` is what it would move, or the payment's for a create or cancel; `problem` says why
    there is no answer, empty while the request is under way.
    """

    operation_id: str
    kind: OperationKind
    payment_id: str
    order_reference: str
    amount: Money
    asked_by: str
    since_at: datetime
    last_sent_at: datetime | None
    problem: str
    stripe_request_id: str | None
    needs_review: bool
    may_retry: bool
    may_dismiss: bool


def open_operations(store: Store, actor: Actor) -> tuple[OpenOperation, ...]:
    """Those that need a review first, then the oldest. Raises NotAllowed."""
    actor.require(Permission.USE_OPERATIONS)
    with store.reading() as session:
        rows = session.exec(
            select(Operation, Payment)
            .join(Payment, col(Payment.id) == Operation.payment_id)
            .where(col(Operation.open_slot) > "")  # by its index: SQLite reads all for IS NOT NULL
            .order_by(col(Operation.needs_review).desc(), col(Operation.created_at))
            .limit(SHOWN)
        ).all()
        askers = names(session, {operation.actor_id for operation, _ in rows})
    return tuple(_shown(actor, operation, payment, askers) for operation, payment in rows)


def _shown(
    actor: Actor, operation: Operation, payment: Payment, askers: Mapping[str, str]
) -> OpenOperation:
    kind, needs_review = operation.kind, operation.needs_review
    return OpenOperation(
        operation_id=operation.id,
        kind=kind,
        payment_id=payment.id,
        order_reference=payment.order_reference,
        amount=Money(
            operation.request.get("amount_minor", payment.amount_minor), payment.currency
        ),
        asked_by=askers[operation.actor_id],
        since_at=operation.created_at,
        last_sent_at=operation.last_sent_at,
        problem=operation.problem or "",
        stripe_request_id=operation.stripe_request_id,
        needs_review=needs_review,
        may_retry=may_retry(actor, kind, needs_review=needs_review),
        may_dismiss=may_dismiss(actor, kind, needs_review=needs_review),
    )
