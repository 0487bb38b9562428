"""Which actions a payment allows now, and the last one that was asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from cardpay.domain.money import Money
from cardpay.domain.payment.hold_rules import hold_has_expired
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.refund import NOT_REFUNDED_BY_API
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_link.link_rules import may_be_cancelled
from cardpay.storage.payments import checkout_links, payment_attempts, payment_operations, refunds
from cardpay.storage.schema.tables import Operation, Payment, Refund

# What a person asks for from the payment's own page.
_KINDS: Final = (OperationKind.REFUND, OperationKind.CAPTURE, OperationKind.CANCEL)


@dataclass(frozen=True)
class LastAction:
    """The last refund, capture or cancellation that was asked for.

    `kind` and `state` are those of its operation; `refund_status` is Stripe's status of a refund
    that it has made.
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
class AllowedActions:
    """What the payment's state allows; a person needs the permission besides.

    `refundable` and `held` are None if nothing can be refunded or captured; `needs_review` is true
    while an operation without an answer needs a review.
    """

    refundable: Money | None
    held: Money | None
    capture_before_at: datetime | None
    hold_expired: bool
    can_cancel: bool
    needs_review: bool
    last: LastAction | None


def allowed_actions(session: Session, payment: Payment, now: datetime) -> AllowedActions:
    """Which actions the payment allows at the time `now`."""
    status = payment.status
    operation = payment_operations.open_operation(session, payment.id)
    link = checkout_links.of_payment(session, payment.id)
    busy = operation is not None
    left = refunds.refundable(session, payment)
    may_refund = (
        status is PaymentStatus.SUCCEEDED
        and left.amount_minor > 0
        and not busy
        and payment.payment_method_type not in NOT_REFUNDED_BY_API
    )
    may_capture = status is PaymentStatus.REQUIRES_CAPTURE and not busy
    attempt = payment_attempts.last_attempt(session, payment.id) if may_capture else None
    before = attempt.capture_before_at if attempt else None
    expired = hold_has_expired(before, now)
    held = Money(payment.amount_capturable_minor, payment.currency)
    return AllowedActions(
        refundable=left if may_refund else None,
        held=held if may_capture and not expired else None,
        capture_before_at=before,
        hold_expired=expired,
        can_cancel=not busy and may_be_cancelled(status, link.status if link else None),
        needs_review=operation is not None and operation.needs_review,
        last=_last(session, payment),
    )


def _last(session: Session, payment: Payment) -> LastAction | None:
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
    return LastAction(
        operation_id=operation.id,
        kind=operation.kind,
        state=operation.state,
        amount=Money(amount_minor, payment.currency),
        problem=operation.problem,
        refund_status=refund.status if refund else None,
    )
