"""Ending an unpaid payment at Stripe: its PaymentIntent is cancelled, or its link expired.

Each is one write, and only Stripe's `canceled` or `expired` says that nobody can pay any more.
"""

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import CancellationCause
from cardpay.gateway.errors import RequestRefused
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.send_operation import send
from cardpay.services.stripe_writes.store_outcome import retrieve_and_apply
from cardpay.services.taking.payment_links.check_link import check_link
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import checkout_links
from cardpay.storage.schema.tables import Operation, Payment


def begin_cancel(
    session: Session,
    desk: Desk,
    actor: Actor,
    payment: Payment,
    kind: OperationKind,
    cause: CancellationCause,
) -> Operation:
    """Phase one; the caller commits. EXPIRE_LINK as `kind` is for a payment with a link at Stripe.

    Any other is a CANCEL, of the payment's PaymentIntent.
    """
    if kind is OperationKind.EXPIRE_LINK:
        link = checkout_links.of_payment(session, payment.id)
        assert link is not None
        what = {"checkout_session_id": link.stripe_checkout_session_id}
        act, before = "payment.link.cancel", {"link": link.status}
    else:
        kind, what = OperationKind.CANCEL, {"payment_intent_id": payment.stripe_payment_intent_id}
        act, before = "payment.cancel", {"status": payment.status}
    request = {**what, "cause": cause}
    operation = operation_lifecycle.begin(session, desk, actor, payment, kind, request)
    record(
        session,
        actor,
        act,
        ("payment", payment.id),
        at=desk.now(),
        before=before,
        after={"cause": cause},
    )
    update_derived_fields(session, desk, payment)
    return operation


def send_cancel(desk: Desk, actor: Actor, operation: Operation) -> None:
    """Phases two and three, and of a replay.

    Stripe refuses it for what has ended meanwhile: then what Stripe says it is now is applied.
    """
    request, key, gateway = operation.request, operation.idempotency_key, desk.gateway
    is_link = operation.kind is OperationKind.EXPIRE_LINK
    try:
        if is_link:
            session_id = request["checkout_session_id"]
            send(desk, actor, operation, lambda: gateway.expire_checkout_session(session_id, key))
        else:
            intent_id = request["payment_intent_id"]
            send(desk, actor, operation, lambda: gateway.cancel_payment_intent(intent_id, key))
    except RequestRefused:
        if is_link:
            check_link(desk, actor, operation.payment_id)
        else:
            retrieve_and_apply(desk, actor, request["payment_intent_id"])
