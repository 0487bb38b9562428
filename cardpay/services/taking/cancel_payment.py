"""Cancelling an unpaid payment, so that its card can no longer be charged."""

from contextlib import suppress

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import PaymentBusy
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import CANCELLABLE, CancellationCause, PaymentStatus
from cardpay.domain.payment_acts.cancel_rules import cancel_refusal
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.gateway.errors import RequestRefused
from cardpay.services.desk import Desk
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.taking.cancel_at_stripe import begin_cancel, send_cancel
from cardpay.services.taking.payment_links.expire_link import cancel_link
from cardpay.services.taking.payment_view import PaymentView, require_visible, view, view_of
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.payments import checkout_links, payment_operations, payments
from cardpay.storage.payments.facts_for_acts import act_facts
from cardpay.storage.schema.tables import Payment


def cancel_payment(desk: Desk, actor: Actor, payment_id: str) -> PaymentView:
    """Cancel an unpaid payment, or close its link.

    A payment that is cancelled already is returned as it is.

    While an earlier cancel has no answer yet, such as the first of a double click, nothing more
    is sent. Stripe is asked first whether one that was made elsewhere can be cancelled alone.
    Errors: PaymentNotFound, PaymentBusy, WrongState, OwnedElsewhere, NotAllowed;
    AskedTooOften, StripeUnavailable if that is not known.
    """
    actor = actor.require(Permission.CANCEL_PAYMENT)
    require_visible(desk, actor, payment_id)
    if _has_open_link(desk, payment_id):
        return cancel_link(desk, actor, payment_id)
    _ask_for_owner(desk, actor, payment_id)
    try:
        with desk.store.transaction() as session:
            if (cancelling := _being_cancelled(session, payment_id)) is not None:
                return view_of(session, cancelling)
            payment = operation_lifecycle.lock_without_open_operation(session, payment_id)
            if payment.status is PaymentStatus.CANCELED:
                return view_of(session, payment)
            if (refusal := cancel_refusal(act_facts(session, payment))) is not None:
                raise refusal
            operation = begin_cancel(
                session, desk, actor, payment, OperationKind.CANCEL, CancellationCause.REQUESTED
            )
    except Duplicate:
        raise PaymentBusy(payment_id) from None
    send_cancel(desk, actor, operation)
    return view(desk, payment_id)


def _ask_for_owner(desk: Desk, actor: Actor, payment_id: str) -> None:
    """Note what a payment that was made elsewhere belongs to.

    A key without the right to read that changes nothing: Stripe refuses the cancel itself.
    """
    with desk.store.reading() as session:
        payment = session.get(Payment, payment_id)
    if (
        payment is None
        or payment.taken_at_desk
        or payment.owner is not None
        or payment.status not in CANCELLABLE
        or payment.stripe_payment_intent_id is None
    ):
        return
    desk.asks.count(actor, desk.now())
    with suppress(RequestRefused):
        owner = desk.gateway.owner_of(payment.stripe_payment_intent_id)
        with desk.store.transaction() as session:
            locked = payments.locked(session, payment_id)
            if locked is not None:
                locked.owner = owner
                session.add(locked)


def _has_open_link(desk: Desk, payment_id: str) -> bool:
    with desk.store.reading() as session:
        link = checkout_links.of_payment(session, payment_id)
        return link is not None and link.status == LinkStatus.OPEN


def _being_cancelled(session: Session, payment_id: str) -> Payment | None:
    """The payment, locked, if its open operation is a cancel."""
    payment = payments.locked(session, payment_id)
    operation = payment_operations.open_operation(session, payment_id)
    cancelling = operation is not None and operation.kind == OperationKind.CANCEL
    return payment if cancelling else None
