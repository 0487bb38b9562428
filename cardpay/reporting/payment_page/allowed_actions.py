"""Which actions a payment allows now, and the last one that was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from cardpay.domain.money import Money
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_acts.cancel_rules import cancel_refusal
from cardpay.domain.payment_acts.capture_rules import capture_refusal, hold_has_expired
from cardpay.domain.payment_acts.refund_rules import refund_refusal
from cardpay.storage.payments import payment_operations
from cardpay.storage.payments.facts_for_acts import act_facts
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

    `refundable` and `held` are None if nothing can be refunded or captured; `refusals` say why,
    for each kind that is not offered. `needs_review` is true while an operation without an answer
    needs a review.
    """

    refundable: Money | None
    held: Money | None
    capture_before_at: datetime | None
    hold_expired: bool
    can_cancel: bool
    needs_review: bool
    last: LastAction | None
    refusals: Mapping[OperationKind, str]


def allowed_actions(session: Session, payment: Payment, now: datetime) -> AllowedActions:
    """Which actions the payment allows at the time `now`."""
    facts = act_facts(session, payment)
    refused = {
        OperationKind.REFUND: refund_refusal(facts),
        OperationKind.CAPTURE: capture_refusal(facts, now),
        OperationKind.CANCEL: cancel_refusal(facts),
    }
    operation = payment_operations.open_operation(session, payment.id)
    is_held = payment.status is PaymentStatus.REQUIRES_CAPTURE and not facts.is_busy
    return AllowedActions(
        refundable=None if refused[OperationKind.REFUND] else facts.left,
        held=None if refused[OperationKind.CAPTURE] else facts.held,
        capture_before_at=facts.capture_before_at if is_held else None,
        hold_expired=is_held and hold_has_expired(facts.capture_before_at, now),
        can_cancel=refused[OperationKind.CANCEL] is None,
        needs_review=operation is not None and operation.needs_review,
        last=_last(session, payment),
        refusals={kind: error.sentence for kind, error in refused.items() if error is not None},
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
