"""Capturing a payment: charging an amount that was only authorised.

Three short phases, as in `create_payment`. A capture moves money, so a person sends it, once. If
its answer is missing it is looked up, and never sent again without a person's decision.
"""

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import TERMINAL
from cardpay.domain.payment_acts.capture_rules import amount_to_capture, capture_refusal
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.send_operation import send
from cardpay.services.stripe_writes.store_outcome import store_answer
from cardpay.services.taking.payment_view import PaymentView, view
from cardpay.storage.database.engine import Session
from cardpay.storage.payments.facts_for_acts import act_facts
from cardpay.storage.schema.tables import Operation, Payment


def capture_payment(
    desk: Desk, actor: Actor, payment_id: str, amount_minor: int | None, submission_id: str
) -> PaymentView:
    """Capture `amount_minor` of the hold (None: all of it), once for each `submission_id`.

    The rest is released to the cardholder. Errors: NotAllowed, PaymentNotFound,
    PaymentBusy, WrongState, HoldExpired, InvalidInput; RequestRefused when Stripe does not
    accept it. An unknown outcome is no error: the payment is "Checking with Stripe".
    """
    actor.require(Permission.CAPTURE_PAYMENT)
    refuse_card_data_as_id("Capture", submission_id)
    operation = operation_lifecycle.begin_once(
        desk,
        payment_id,
        OperationKind.CAPTURE,
        submission_id,
        lambda session, payment: begin_capture(
            session, desk, actor, payment, amount_minor, submission_id
        ),
    )
    if operation is not None:
        send_capture(desk, actor, operation)
    return view(desk, payment_id)


def begin_capture(
    session: Session,
    desk: Desk,
    actor: Actor,
    payment: Payment,
    amount_minor: int | None,
    submission_id: str | None = None,
) -> Operation:
    """Phase one, on a payment without open operation; the caller commits.

    Errors: WrongState, HoldExpired, InvalidInput.
    """
    facts = act_facts(session, payment)
    if (refusal := capture_refusal(facts, desk.now())) is not None:
        raise refusal
    amount = amount_to_capture(facts.held, amount_minor)
    operation = operation_lifecycle.begin(
        session,
        desk,
        actor,
        payment,
        OperationKind.CAPTURE,
        {
            "payment_intent_id": payment.stripe_payment_intent_id,
            "amount_minor": amount.amount_minor,
        },
        operation_id=submission_id,
    )
    record(
        session,
        actor,
        "payment.capture",
        ("payment", payment.id),
        at=desk.now(),
        before={"amount_capturable_minor": facts.held.amount_minor, "currency": amount.currency},
        after={"amount_minor": amount.amount_minor, "currency": amount.currency},
    )
    update_derived_fields(session, desk, payment)
    return operation


def send_capture(desk: Desk, actor: Actor, operation: Operation) -> None:
    """Phases two and three, also when a person retries it."""
    request = operation.request
    send(
        desk,
        actor,
        operation,
        lambda: desk.gateway.capture_payment_intent(
            request["payment_intent_id"], request["amount_minor"], operation.idempotency_key
        ),
    )


def look_up_capture(desk: Desk, actor: Actor, operation: Operation) -> bool:
    """Whether Stripe shows the capture's outcome, which is then stored. Raises StripeUnavailable.

    A hold that was cancelled or has expired is an outcome as well.
    """
    asked_at = desk.now()
    intent = desk.gateway.retrieve_payment_intent(operation.request["payment_intent_id"])
    if intent.status not in TERMINAL:
        return False
    store_answer(desk, actor, operation.id, intent, asked_at)
    return True
