"""What became of making or expiring a link, when the answer is missing.

A link that nobody waits for any more is closed: it was made, and nobody has its address.
"""

from datetime import datetime, timedelta
from typing import Final

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.operation import OperationState
from cardpay.domain.payment.review_rules import INDETERMINATE
from cardpay.domain.payment.status import CancellationCause
from cardpay.domain.payment_link.link_rules import ENDED_LINK_STATUSES, LinkStatus
from cardpay.domain.stripe_facts.snapshots import CheckoutSessionSnapshot
from cardpay.gateway.errors import StripeUnavailable
from cardpay.services.desk import Desk
from cardpay.services.recovery.escalation import escalate, lock_if_open
from cardpay.services.stripe_facts.apply_facts import apply_fact, update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.idempotent_replay import is_in_replay_window
from cardpay.services.taking.payment_links.expire_link import begin_expire_link, send_expire_link
from cardpay.services.taking.payment_links.store_session import store_session
from cardpay.storage.payments import checkout_links, payment_operations
from cardpay.storage.schema.tables import Operation

# How far Stripe's clock may be from ours where its lists are searched by time.
LOOKUP_MARGIN: Final = timedelta(minutes=5)


def look_up_create_link(desk: Desk, operation: Operation, *, page_is_watched: bool) -> None:
    """Find the Checkout Session that an unanswered request made, and close it if nobody waits."""
    sent = [operation.first_sent_at, operation.last_sent_at]
    times = [at for at in sent if at is not None]
    asked_at = desk.now()
    try:
        found = [
            one
            for one in desk.gateway.list_checkout_sessions(
                min(times) - LOOKUP_MARGIN, max(times) + LOOKUP_MARGIN
            )
            if _is_answer(one, operation)
        ]
    except StripeUnavailable:
        return
    in_time = is_in_replay_window(operation, desk.now())
    if in_time and not (found and page_is_watched):
        return  # it may still be made, or be wanted by somebody on its page: look again later
    _end_create(desk, operation, found, asked_at, adopt=in_time)


def _is_answer(session: CheckoutSessionSnapshot, operation: Operation) -> bool:
    """Whether the request made it; other systems copy metadata and edit it."""
    request = operation.request
    stated = (session.amount_minor, session.currency, session.client_reference_id)
    return (
        stated == (request["amount_minor"], request["currency"], operation.payment_id)
        and request["metadata"].items() <= session.metadata.items()
    )


def _end_create(
    desk: Desk,
    operation: Operation,
    found: list[CheckoutSessionSnapshot],
    asked_at: datetime,
    *,
    adopt: bool,
) -> None:
    expiry: Operation | None = None
    with desk.store.transaction() as session:
        payment, current = lock_if_open(session, operation)
        if payment is None or current is None:
            return
        state = OperationState.DONE if found else OperationState.ABANDONED
        operation_lifecycle.end(current, state, desk.now())
        session.add(current)
        session.flush()
        if found:
            apply_fact(session, desk, SYSTEM, found[0], asked_at=asked_at)
        link = checkout_links.of_payment(session, payment.id)
        if link is not None and link.status == LinkStatus.OPEN and not adopt:
            cause = CancellationCause.RECOVERY
            expiry = begin_expire_link(session, desk, SYSTEM, payment, cause)
        else:
            update_derived_fields(session, desk, payment)
    if expiry is not None:
        send_expire_link(desk, SYSTEM, expiry)


def look_up_expire_link(desk: Desk, operation: Operation) -> None:
    """Apply what Stripe says of the link; while it is still open, expire it with a new key.

    That is harmless: it moves no money, and twice expired is expired.
    """
    asked_at = desk.now()
    try:
        found = desk.gateway.retrieve_checkout_session(operation.request["checkout_session_id"])
    except StripeUnavailable:
        return
    if found.status in ENDED_LINK_STATUSES:
        store_session(desk, SYSTEM, operation.id, found, asked_at)
        return
    with desk.store.reading() as session:
        first = payment_operations.first_cancel(session, operation)
    latest: Operation | None = operation
    if first.id == operation.id or desk.now() - operation.created_at >= INDETERMINATE:
        latest = _replace(desk, operation)
    if latest is not None:
        escalate(desk, latest, since=first.created_at, after=INDETERMINATE)


def _replace(desk: Desk, operation: Operation) -> Operation | None:
    """Abandon the expiry for a new one, sent; None if it was ended meanwhile."""
    with desk.store.transaction() as session:
        payment, current = lock_if_open(session, operation)
        if payment is None or current is None:
            return None
        operation_lifecycle.end(current, OperationState.ABANDONED, desk.now())
        session.add(current)
        session.flush()  # frees the payment's only slot for the new one
        cause = CancellationCause(operation.request["cause"])
        expiry = begin_expire_link(session, desk, SYSTEM, payment, cause)
    send_expire_link(desk, SYSTEM, expiry)
    return expiry
