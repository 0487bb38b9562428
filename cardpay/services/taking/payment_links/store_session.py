"""The third phase of making and of expiring a link, and what Stripe is asked in between."""

from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.domain.stripe_facts.snapshots import CheckoutSessionSnapshot
from cardpay.gateway.errors import OutcomeUnknown, RequestRefused, StripeUnavailable
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import (
    Applied,
    apply_fact,
    update_derived_fields,
)
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.store_outcome import MAX_RETRIEVES, store_unknown
from cardpay.storage.payments import checkout_links


def store_session(
    desk: Desk,
    actor: Actor,
    operation_id: str,
    answer: CheckoutSessionSnapshot,
    asked_at: datetime,
) -> None:
    """Apply the Checkout Session with which Stripe answered, and end the operation.

    As `store_outcome.store_answer`: if a newer answer was applied meanwhile, it is asked for
    again.
    """
    for _ in range(MAX_RETRIEVES):
        with desk.store.transaction() as session:
            payment, operation = operation_lifecycle.lock_operation(session, operation_id)
            link = checkout_links.of_payment(session, payment.id)
            assert link is not None
            if link.stripe_checkout_session_id is None:
                link.stripe_checkout_session_id = answer.session_id  # the answer to the create
                session.add(link)
            applied = apply_fact(session, desk, actor, answer, asked_at=asked_at)
            if applied is not Applied.STALE and operation.state == OperationState.OPEN:
                # An expiry that came too late has not happened: the link was paid before.
                overtaken = (
                    operation.kind is OperationKind.EXPIRE_LINK
                    and answer.status is LinkStatus.COMPLETE
                )
                state = OperationState.ABANDONED if overtaken else OperationState.DONE
                operation_lifecycle.end(operation, state, desk.now())
            update_derived_fields(session, desk, payment)
        if applied is not Applied.STALE:
            return
        asked_at = desk.now()
        try:
            answer = desk.gateway.retrieve_checkout_session(answer.session_id)
        except (StripeUnavailable, RequestRefused):
            break
    overtaken_answer = OutcomeUnknown("overtaken by another", replayable=True, request_id=None)
    store_unknown(desk, operation_id, overtaken_answer)


def check_link(desk: Desk, actor: Actor, payment_id: str) -> CheckoutSessionSnapshot | None:
    """Ask Stripe how the payment's link stands, and apply it. None if Stripe does not answer.

    None as well if there is no link at Stripe.
    """
    with desk.store.reading() as session:
        link = checkout_links.of_payment(session, payment_id)
    if link is None or link.stripe_checkout_session_id is None:
        return None
    for _ in range(MAX_RETRIEVES):
        asked_at = desk.now()
        try:
            found = desk.gateway.retrieve_checkout_session(link.stripe_checkout_session_id)
        except StripeUnavailable:
            return None
        with desk.store.transaction() as session:
            applied = apply_fact(session, desk, actor, found, asked_at=asked_at)
        if applied is not Applied.STALE:
            return found
    return None
