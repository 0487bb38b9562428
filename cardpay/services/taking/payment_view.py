"""One payment as a page may show it, as frozen values, and who may see it."""

from dataclasses import dataclass
from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.money import Money
from cardpay.domain.payment.attempt import FAILED_ATTEMPTS, SETTLED_ATTEMPTS, AttemptOutcome
from cardpay.domain.payment.declines import Advice, CardKept, advice_for, card_kept
from cardpay.domain.payment.display_status import DisplayStatus, while_taken
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.order import ERASED
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_acts.cancel_rules import is_free_of
from cardpay.domain.payment_acts.owner import Owner
from cardpay.domain.payment_acts.pay_rules import pay_refusal
from cardpay.domain.payment_link.link_rules import LinkStatus, may_be_cancelled
from cardpay.services.access import denied_acts
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import (
    checkout_links,
    payment_attempts,
    payment_operations,
    payments,
)
from cardpay.storage.schema.tables import (
    CustomerDetail,
    Operation,
    Payment,
    PaymentAttempt,
    PaymentLink,
)


@dataclass(frozen=True)
class CardChecks:
    """What the bank said of what was typed ("pass", "fail"…), and Stripe's risk of 0 to 100.

    Each is None where nothing was typed, or nothing is known yet.
    """

    security_code: str | None
    postal_code: str | None
    address: str | None
    risk_level: str | None
    risk_score: int | None
    telephone_order: bool | None

    @property
    def are_known(self) -> bool:
        """Whether Stripe has stated any of them."""
        return self.risk_level is not None or self.security_code is not None


@dataclass(frozen=True)
class AttemptView:
    """One attempt. `advice` is there after a failure, `card_kept` is for the card fields then."""

    submission_id: str | None
    outcome: AttemptOutcome
    method_type: str | None
    card_brand: str | None
    card_last4: str | None
    advice: Advice | None
    card_kept: CardKept
    checks: CardChecks
    created_at: datetime

    @property
    def settled(self) -> bool:
        """Whether the outcome is final."""
        return self.outcome in SETTLED_ATTEMPTS


@dataclass(frozen=True)
class LinkView:
    """A payment's link: Stripe's status of it (None before there is one), and until when."""

    status: LinkStatus | str | None
    expires_at: datetime


@dataclass(frozen=True)
class PaymentView:
    """One payment as it is stored now. `total` is the order's, `received` what was paid of it.

    `display` is Succeeded once it was paid, also after a refund or dispute.
    `reserves_order` is true while no other payment may be taken for its order, `is_hold` if the
    amount was to be held first. `owner` is what else of Stripe's it belongs to, as far as Stripe
    was asked. `problem` is the sentence that says why there is no PaymentIntent, `waits_for` the
    type of Stripe's `next_action`, `method_type` that of the payment method.
    """

    payment_id: str
    display: DisplayStatus
    status: PaymentStatus | str | None
    total: Money
    received: Money
    product_id: str | None
    product_name: str
    quantity: int
    order_reference: str
    order_sequence: int
    second_payment_reason: str
    reserves_order: bool
    is_hold: bool
    customer_name: str
    customer_email: str
    customer_phone: str
    note: str
    taken_by: str
    payment_intent_id: str | None
    owner: Owner | None
    open_operation: str | None
    problem: str | None
    attempts: tuple[AttemptView, ...]
    link: LinkView | None
    waits_for: str | None
    method_type: str | None
    card_brand: str | None
    card_last4: str | None
    created_at: datetime
    succeeded_at: datetime | None
    updated_at: datetime

    @property
    def last_attempt(self) -> AttemptView | None:
        """The newest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def settled_submission_id(self) -> str | None:
        """The last attempt's submission, if the attempt has an outcome."""
        last = self.last_attempt
        known = last is not None and last.outcome is not AttemptOutcome.PENDING
        return last.submission_id if last and known else None

    @property
    def can_be_created_again(self) -> bool:
        """Whether there is no PaymentIntent, so that the order may be changed and sent again."""
        return self.status is None and self.open_operation is None and self.link is None

    @property
    def can_pay(self) -> bool:
        """Whether a card may be tried now."""
        refusal = pay_refusal(
            self.status,
            self.display,
            has_link=self.link is not None,
            reserves_order=self.reserves_order,
        )
        return self.open_operation is None and refusal is None

    @property
    def can_cancel(self) -> bool:
        """Whether it may be cancelled now."""
        link = self.link.status if self.link else None
        may_be = may_be_cancelled(self.status, link) and is_free_of(self.owner, self.status)
        return self.open_operation is None and may_be


def view(desk: Desk, payment_id: str) -> PaymentView:
    """The payment as it is stored now. Raises PaymentNotFound."""
    found = find(desk, payment_id)
    if found is None:
        raise PaymentNotFound(payment_id)
    return found


def find(desk: Desk, payment_id: str) -> PaymentView | None:
    """The payment as it is stored now, if there is one."""
    with desk.store.reading() as session:
        payment = session.get(Payment, payment_id)
        return None if payment is None else view_of(session, payment)


def find_visible(desk: Desk, actor: Actor, payment_id: str) -> PaymentView | None:
    """The payment, if there is one. Raises PaymentNotFound if the actor may not see it."""
    require_visible(desk, actor, payment_id)
    return find(desk, payment_id)


def require_visible(desk: Desk, actor: Actor, payment_id: str) -> None:
    """Raise PaymentNotFound, after an audit entry, for a payment that the actor may not see.

    An id without a payment is accepted: it may be a draft's.
    """
    if audit_if_hidden(desk, actor, payment_id):
        raise PaymentNotFound(payment_id)


def audit_if_hidden(desk: Desk, actor: Actor, payment_id: str) -> bool:
    """Whether there is a payment that the actor may not see, which is then audited."""
    with desk.store.reading() as session:
        payment = session.get(Payment, payment_id)
        hidden = payment is not None and not actor.may_see(
            payment.taken_by, payment.created_at, desk.now()
        )
    if hidden:
        denied_acts.record_denied(desk, actor, ("payment", payment_id), "not theirs to see")
    return hidden


def last_change(desk: Desk, payment_id: str) -> tuple[datetime, DisplayStatus] | None:
    """When the payment last changed, and its status then: cheap enough to ask every second."""
    with desk.store.reading() as session:
        found = payments.last_change(session, payment_id)
    return None if found is None else (found[0], while_taken(DisplayStatus(found[1])))


def needs_review(desk: Desk, payment_id: str) -> bool:
    """Whether an operation of the payment needs review."""
    with desk.store.reading() as session:
        operation = payment_operations.open_operation(session, payment_id)
        return operation is not None and operation.needs_review


def view_of(session: Session, payment: Payment) -> PaymentView:
    """The payment of a row."""
    customer = payments.customer_detail(session, payment.id) or CustomerDetail(
        payment_id=payment.id
    )
    operation = payment_operations.open_operation(session, payment.id)
    link = checkout_links.of_payment(session, payment.id)
    return PaymentView(
        payment_id=payment.id,
        display=while_taken(payment.display_status),
        status=payment.status,
        total=Money(payment.amount_minor, payment.currency),
        received=Money(payment.amount_received_minor, payment.currency),
        product_id=payment.product_id,
        product_name=payment.product_name,
        quantity=payment.quantity,
        order_reference=payment.order_reference,
        order_sequence=payment.order_sequence,
        second_payment_reason=payment.second_payment_reason or "",
        reserves_order=payment.order_claim is not None,
        is_hold=payment.capture_method == "manual",
        customer_name=ERASED if customer.erased_at else customer.name or "",
        customer_email=customer.email or "",
        customer_phone=customer.phone or "",
        note=customer.note or "",
        taken_by=payment.taken_by,
        payment_intent_id=payment.stripe_payment_intent_id,
        owner=payment.owner,
        open_operation=operation.kind if operation else None,
        problem=_problem(session, payment, operation, link),
        link=LinkView(link.status, link.expires_at) if link else None,
        attempts=tuple(_attempt(row) for row in payment_attempts.of_payment(session, payment.id)),
        waits_for=payment.next_action_type,
        method_type=payment.payment_method_type,
        card_brand=payment.card_brand,
        card_last4=payment.card_last4,
        created_at=payment.created_at,
        succeeded_at=payment.succeeded_at,
        updated_at=payment.updated_at,
    )


def _problem(
    session: Session, payment: Payment, operation: Operation | None, link: PaymentLink | None
) -> str | None:
    """Why there is no PaymentIntent, or no link, once that is certain."""
    made = payment.status is not None or (link is not None and link.status is not None)
    if operation is not None or made:
        return None
    kind = OperationKind.CREATE if link is None else OperationKind.CREATE_LINK
    last = payment_operations.last_operation(session, payment.id, kind)
    why = (last and last.problem) or "no reply"
    if last is not None and last.state == OperationState.REFUSED:
        return f"Stripe refused the payment: {why.rstrip('.')}."
    what = "payment was created" if link is None else "link was made"
    return f"Stripe didn't respond ({why}), so no {what}."


def _attempt(row: PaymentAttempt) -> AttemptView:
    outcome = row.outcome
    return AttemptView(
        submission_id=row.submission_id,
        outcome=outcome,
        method_type=row.method_type,
        card_brand=row.card_brand,
        card_last4=row.card_last4,
        advice=advice_for(row.failure_code, row.decline_code)
        if outcome in FAILED_ATTEMPTS
        else None,
        card_kept=card_kept(row.failure_code, row.decline_code, row.advice_code),
        checks=CardChecks(
            security_code=row.cvc_check,
            postal_code=row.postal_code_check,
            address=row.address_check,
            risk_level=row.risk_level,
            risk_score=row.risk_score,
            telephone_order=row.moto,
        ),
        created_at=row.created_at,
    )
