"""What may be done with a payment now, and how far the last thing is that was asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from cardpay.domain.money import Money
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import CANCELLABLE, PaymentStatus
from cardpay.storage.payments import payments, refunds
from cardpay.storage.schema.tables import Operation, Payment, Refund

# What a person asks for from the payment's own page.
_KINDS: Final = (OperationKind.REFUND, OperationKind.CAPTURE, OperationKind.CANCEL)


@dataclass(frozen=True)
class LastStep:
    """The last refund, capture or cancellation that was asked for.

    `kind` and `state` are those of its operation; `refund_status` is Stripe's word for a refund
    that it knows.
    """

    operation_id: str
    kind: OperationKind
    state: OperationState
    amount: Money
    problem: str | None
    refund_status: str | None

    @property
    def is_open(self) -> bool:
        """Whether Stripe's answer is missing."""
        return self.state == OperationState.OPEN


@dataclass(frozen=True)
class NextSteps:
    """What the payment's state allows; what a person may is asked besides.

    `refundable` and `held` are None where nothing can be refunded or captured; `needs_review`
    is true while something without an answer needs review.
    """

    refundable: Money | None
    held: Money | None
    capture_before_at: datetime | None
    hold_expired: bool
    can_cancel: bool
    needs_review: bool
    last: LastStep | None


def next_steps(session: Session, payment: Payment, now: datetime) -> NextSteps:
    """What may be done with a payment at the time `now`."""
    status = payment.status
    operation = payments.open_operation(session, payment.id)
    busy = operation is not None
    left = refunds.refundable(session, payment)
    may_refund = status is PaymentStatus.SUCCEEDED and left.amount_minor > 0 and not busy
    may_capture = status is PaymentStatus.REQUIRES_CAPTURE and not busy
    attempt = payments.last_attempt(session, payment.id) if may_capture else None
    before = attempt.capture_before_at if attempt else None
    expired = before is not None and now >= before
    held = Money(payment.amount_capturable_minor, payment.currency)
    return NextSteps(
        refundable=left if may_refund else None,
        held=held if may_capture and not expired else None,
        capture_before_at=before,
        hold_expired=expired,
        can_cancel=status in CANCELLABLE and not busy,
        needs_review=operation is not None and operation.needs_review,
        last=_last(session, payment),
    )


def _last(session: Session, payment: Payment) -> LastStep | None:
    operation = session.exec(
        select(Operation)
        .where(Operation.payment_id == payment.id, col(Operation.kind).in_(_KINDS))
        .order_by(col(Operation.created_at).desc(), col(Operation.id).desc())
        .limit(1)
    ).one_or_none()
    if operation is None:
        return None
    refund = session.exec(select(Refund).where(Refund.operation_id == operation.id)).one_or_none()
    amount_minor = operation.request.get("amount_minor", payment.amount_minor)
    return LastStep(
        operation_id=operation.id,
        kind=operation.kind,
        state=operation.state,
        amount=Money(amount_minor, payment.currency),
        problem=operation.problem,
        refund_status=refund.status if refund else None,
    )
