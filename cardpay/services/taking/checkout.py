"""Taking a payment: create, confirm, refresh, cancel.

Every write to Stripe has three short phases: commit what is about to be done, with its
idempotency key; call Stripe with no transaction open; commit the outcome. A crash in any gap
leaves an open operation, which `recovery` resolves. The database's unique keys decide who
was first; nothing here relies on a button that is clicked once.
"""

from dataclasses import dataclass, field

from cardpay.domain.access.actor import Actor, Permission
from cardpay.domain.catalogue import Draft
from cardpay.domain.errors import PaymentBusy
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import (
    CANCELLABLE,
    CancellationCause,
    DisplayStatus,
    PaymentStatus,
)
from cardpay.gateway.errors import RequestRefused
from cardpay.gateway.stripe_gateway import NewPaymentIntent
from cardpay.services.audit.record import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.payment_facts import restate
from cardpay.services.stripe_writes import operations, sending
from cardpay.services.taking import limits
from cardpay.services.taking.new_attempt import (
    Pressed,
    begin_confirm,
    forgeries_audited,
    look_at_card,
    refuse_malformed,
)
from cardpay.services.taking.new_payment import begin_create, refuse_taken_order
from cardpay.services.taking.payment_view import PaymentView, find, of, refuse_hidden, view
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import Operation, Payment


@dataclass(frozen=True)
class Authentication:
    """What the browser needs to show the cardholder's challenge. Kept in memory only."""

    payment_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Taken:
    """A payment after a step; `authentication` is there while a challenge waits."""

    payment: PaymentView
    authentication: Authentication | None = None


def create_payment(desk: Desk, actor: Actor, draft: Draft) -> PaymentView:
    """Make the PaymentIntent of a draft, once: the same draft again is the same payment.

    Errors: InvalidInput, PriceChanged, OrderReferenceTaken, LimitReached, NotAllowed;
    RequestRefused when Stripe does not accept it. An unknown outcome is no error: the payment is
    "Checking with Stripe".
    """
    actor.require(Permission.TAKE_PAYMENT)
    draft = draft.checked()
    refuse_hidden(desk, actor, draft.payment_id)
    try:
        with (
            limits.refusals_audited(desk, actor, draft.payment_id),
            desk.store.transaction() as session,
        ):
            operation = begin_create(session, desk, actor, draft)
    except Duplicate:
        # Another tab or another person committed first; say which of the two it was.
        known = find(desk, draft.payment_id)
        if known is None or known.may_be_created_again:
            refuse_taken_order(desk, draft)
        operation = None
    if operation is not None:
        send_create(desk, actor, operation)
    return view(desk, draft.payment_id)


def send_create(desk: Desk, actor: Actor, operation: Operation) -> None:
    """Phases two and three of a create; also of its replay."""
    request = operation.request
    new = NewPaymentIntent(
        amount_minor=request["amount_minor"],
        currency=request["currency"],
        description=request["description"],
        metadata=request["metadata"],
        capture_method=request.get("capture_method", "automatic"),
    )
    key = operation.idempotency_key
    sending.carry_out(desk, actor, operation, lambda: desk.gateway.create_payment_intent(new, key))


def confirm_payment(
    desk: Desk, actor: Actor, payment_id: str, payment_method_id: str, submission_id: str
) -> Taken:
    """Charge the card, once for each `submission_id` (one press of the pay button).

    Errors: PaymentNotFound, PaymentBusy, WrongState, OrderLetGo, PressRefused, LimitReached,
    CardUnknown, MeanwhileChanged, NotAllowed; RequestRefused (with SetupProblem for an account
    without telephone orders). A decline is no error, and neither is an unknown outcome: both are
    in the payment that comes back.
    """
    actor.require(Permission.TAKE_PAYMENT)
    refuse_hidden(desk, actor, payment_id)
    pressed = Pressed(payment_id, payment_method_id, submission_id)
    try:
        with forgeries_audited(desk, actor, pressed):
            operation = _begin_confirm(desk, actor, pressed)
    except Duplicate:
        raise PaymentBusy(payment_id) from None
    if operation is None:
        return Taken(view(desk, payment_id))
    secret = send_confirm(desk, actor, operation)
    return _taken(desk, payment_id, secret)


def _begin_confirm(desk: Desk, actor: Actor, pressed: Pressed) -> Operation | None:
    """Phase one. None when this submission is an attempt already."""
    refuse_malformed(pressed)
    look = look_at_card(desk, actor, pressed)
    with (
        limits.refusals_audited(desk, actor, pressed.payment_id),
        desk.store.transaction() as session,
    ):
        return begin_confirm(session, desk, actor, pressed, look)


def send_confirm(desk: Desk, actor: Actor, operation: Operation) -> str | None:
    """Phases two and three of a confirm; also of its replay. The client_secret, if needed."""
    request = operation.request
    intent = sending.carry_out(
        desk,
        actor,
        operation,
        lambda: desk.gateway.confirm_payment_intent(
            request["payment_intent_id"],
            request["payment_method_id"],
            moto=request["moto"],
            idempotency_key=operation.idempotency_key,
        ),
    )
    if intent is None or intent.status is not PaymentStatus.REQUIRES_ACTION:
        return None
    return intent.client_secret


def refresh_payment(desk: Desk, actor: Actor, payment_id: str) -> Taken:
    """Ask Stripe for the truth, after a challenge or when a person comes back to one."""
    actor.require(Permission.TAKE_PAYMENT)
    refuse_hidden(desk, actor, payment_id)
    payment = view(desk, payment_id)
    if payment.payment_intent_id is None:
        return Taken(payment)
    intent = sending.look_again(desk, actor, payment.payment_intent_id)
    return _taken(desk, payment_id, intent.client_secret if intent else None)


def cancel_payment(desk: Desk, actor: Actor, payment_id: str) -> PaymentView:
    """Give up an unpaid payment, so that nothing can be charged on it any more.

    While a cancel has no answer yet, a second one (a double click) is the first.
    Errors: PaymentNotFound, PaymentBusy, WrongState, NotAllowed.
    """
    actor.require(Permission.CANCEL_PAYMENT)
    refuse_hidden(desk, actor, payment_id)
    try:
        with desk.store.transaction() as session:
            if (asked := _being_cancelled(session, payment_id)) is not None:
                return of(session, asked)
            payment = operations.steady(session, payment_id)
            status = payment.status
            if status is PaymentStatus.CANCELED:
                return of(session, payment)
            if status not in CANCELLABLE:
                raise operations.wrong_state(payment, "cancelled")
            operation = begin_cancel(session, desk, actor, payment, CancellationCause.REQUESTED)
            restate(session, desk, payment)
    except Duplicate:
        raise PaymentBusy(payment_id) from None
    send_cancel(desk, actor, operation)
    return view(desk, payment_id)


def _being_cancelled(session: Session, payment_id: str) -> Payment | None:
    """The payment, locked, if its open operation is a cancel."""
    payment = payments.locked(session, payment_id)
    operation = payments.open_operation(session, payment_id)
    cancelling = operation is not None and operation.kind == OperationKind.CANCEL
    return payment if cancelling else None


def begin_cancel(
    session: Session, desk: Desk, actor: Actor, payment: Payment, cause: CancellationCause
) -> Operation:
    """Phase one of a cancel; the caller commits."""
    operation = operations.begin(
        session,
        desk,
        actor,
        payment,
        OperationKind.CANCEL,
        {"payment_intent_id": payment.stripe_payment_intent_id, "cause": cause},
    )
    record(
        session,
        actor,
        "payment.cancel",
        ("payment", payment.id),
        at=desk.now(),
        before={"status": payment.status},
        after={"cause": cause},
    )
    return operation


def send_cancel(desk: Desk, actor: Actor, operation: Operation) -> None:
    """Phases two and three of a cancel; also of its replay.

    Stripe refuses it when the payment has ended meanwhile: then what it is now is applied.
    """
    intent_id = operation.request["payment_intent_id"]
    key = operation.idempotency_key
    try:
        sending.carry_out(
            desk, actor, operation, lambda: desk.gateway.cancel_payment_intent(intent_id, key)
        )
    except RequestRefused:
        sending.look_again(desk, actor, intent_id)


def _taken(desk: Desk, payment_id: str, client_secret: str | None) -> Taken:
    """The client_secret goes along only while a challenge waits."""
    payment = view(desk, payment_id)
    if payment.display is not DisplayStatus.NEEDS_AUTHENTICATION or client_secret is None:
        return Taken(payment)
    return Taken(payment, Authentication(payment_id, client_secret))
