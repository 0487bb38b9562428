"""Confirming a payment: one attempt to charge a card, once for each press of the button."""

from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import PaymentBusy
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_acts.pay_rules import pay_refusal
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.send_operation import send
from cardpay.services.taking.card_identity import (
    CardIdentity,
    identify_card,
    refuse_changed_payment,
)
from cardpay.services.taking.enforce_limits import audit_limit_reached, check_limits
from cardpay.services.taking.idempotent_submission import (
    Submission,
    SubmissionRefused,
    audit_refused_submission,
    is_repeated,
    refuse_malformed,
)
from cardpay.services.taking.payment_view import require_visible, view
from cardpay.services.taking.three_d_secure import PaymentResult, payment_result
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.payments import checkout_links, payment_attempts, payments
from cardpay.storage.schema.tables import Operation, Payment, PaymentAttempt


def confirm_payment(
    desk: Desk, actor: Actor, payment_id: str, payment_method_id: str, submission_id: str
) -> PaymentResult:
    """Charge the card, once for each `submission_id` (one press of the pay button).

    Errors: PaymentNotFound, PaymentBusy, WrongState, PaymentClosed, SubmissionRefused,
    LimitReached, CardNotIdentified, PaymentChanged, NotAllowed; RequestRefused (with SetupProblem
    for an account without telephone orders). A decline is no error, and neither is an unknown
    outcome: the returned payment shows both.
    """
    actor = actor.require(Permission.TAKE_PAYMENT)
    require_visible(desk, actor, payment_id)
    submission = Submission(payment_id, payment_method_id, submission_id)
    try:
        with audit_refused_submission(desk, actor, submission):
            operation = _begin_confirm(desk, actor, submission)
    except Duplicate:
        raise PaymentBusy(payment_id) from None
    if operation is None:
        return PaymentResult(view(desk, payment_id))
    client_secret = send_confirm(desk, actor, operation)
    return payment_result(desk, payment_id, client_secret)


def _begin_confirm(desk: Desk, actor: Actor, submission: Submission) -> Operation | None:
    """Phase one. None when this submission is an attempt already."""
    refuse_malformed(submission)
    card = identify_card(desk, actor, submission)
    with (
        audit_limit_reached(desk, actor, submission.payment_id),
        desk.store.transaction() as session,
    ):
        return begin_confirm(session, desk, actor, submission, card)


def begin_confirm(
    session: Session, desk: Desk, actor: Actor, submission: Submission, card: CardIdentity | None
) -> Operation | None:
    """Add the attempt with its open confirm operation; the caller commits.

    None when this submission is an attempt already. `card` is given where Stripe was asked which
    card it is. Errors: PaymentNotFound, PaymentBusy, WrongState, PaymentClosed,
    SubmissionRefused, PaymentChanged, LimitReached.
    """
    payment_id = submission.payment_id
    known = payments.locked(session, payment_id) is not None
    if known and is_repeated(session, desk, actor, submission):
        return None
    payment = operation_lifecycle.lock_without_open_operation(session, payment_id)
    refusal = pay_refusal(
        payment.status,
        payment.display_status,
        has_link=checkout_links.of_payment(session, payment_id) is not None,
        reserves_order=payment.order_claim is not None,
    )
    if refusal is not None:
        raise refusal
    if payment_attempts.was_tried(session, submission.payment_method_id):
        raise SubmissionRefused("a PaymentMethod that was tried before")
    refuse_changed_payment(session, payment_id, card)
    check_limits(session, desk, actor, card.fingerprint if card else None)
    return _begin(session, desk, actor, payment, submission)


def _begin(
    session: Session, desk: Desk, actor: Actor, payment: Payment, submission: Submission
) -> Operation:
    operation = operation_lifecycle.begin(
        session,
        desk,
        actor,
        payment,
        OperationKind.CONFIRM,
        {
            "payment_intent_id": payment.stripe_payment_intent_id,
            "payment_method_id": submission.payment_method_id,
            "moto": desk.moto,
        },
    )
    session.flush()
    attempt_id = str(uuid4())
    session.add(
        PaymentAttempt(
            id=attempt_id,
            stripe_account_id=payment.stripe_account_id,
            livemode=payment.livemode,
            payment_id=payment.id,
            operation_id=operation.id,
            actor_id=actor.actor_id,
            submission_id=submission.submission_id,
            outcome=AttemptOutcome.PENDING,
            stripe_payment_method_id=submission.payment_method_id,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            created_at=desk.now(),
        )
    )
    record(
        session,
        actor,
        "payment.attempt",
        ("payment", payment.id),
        at=desk.now(),
        after={"attempt_id": attempt_id, "moto": desk.moto},
    )
    update_derived_fields(session, desk, payment)
    return operation


def send_confirm(desk: Desk, actor: Actor, operation: Operation) -> str | None:
    """Phases two and three of a confirm, and of its replay.

    Returns the client_secret if the cardholder has to authenticate, else None.
    """
    request = operation.request
    intent = send(
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
