"""The address of a link's page: asked of Stripe for whoever sends it, and never stored."""

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment_link.link_rules import (
    CHECK_EVERY_WATCHED,
    LinkClosed,
    LinkStatus,
    is_due_for_check,
)
from cardpay.gateway.errors import StripeUnavailable
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.taking.payment_links.check_link import check_link
from cardpay.services.taking.payment_view import require_visible
from cardpay.storage.payments import checkout_links, payment_operations


def link_address(desk: Desk, actor: Actor, payment_id: str) -> str:
    """The address of the payment's link, to send to the customer.

    Whoever has it may pay, so each look at it is an entry of the audit log. Errors: NotAllowed,
    PaymentNotFound, LinkClosed, AskedTooOften, StripeUnavailable.
    """
    actor = actor.require(Permission.SEND_LINK)
    require_visible(desk, actor, payment_id)
    with desk.store.reading() as session:
        link = checkout_links.of_payment(session, payment_id)
        operation = payment_operations.open_operation(session, payment_id)
    closing = operation is not None and operation.kind == OperationKind.EXPIRE_LINK
    if link is None or link.status != LinkStatus.OPEN or closing:
        raise LinkClosed
    desk.asks.count(actor, desk.now())
    found = check_link(desk, actor, payment_id)
    if found is None:
        raise StripeUnavailable("no reply")
    if found.url is None:
        raise LinkClosed
    with desk.store.transaction() as session:
        record(session, actor, "payment.link.seen", ("payment", payment_id), at=desk.now())
    return found.url


def check_watched_link(desk: Desk, payment_id: str) -> None:
    """Ask Stripe about a link that somebody has on screen, a few times a minute at most.

    Its events are quicker where they arrive.
    """
    with desk.store.reading() as session:
        link = checkout_links.of_payment(session, payment_id)
        busy = payment_operations.open_operation(session, payment_id) is not None
    now = desk.now()
    if (
        link is not None
        and not busy
        and is_due_for_check(
            link.status,
            expires_at=link.expires_at,
            checked_at=link.status_as_of,
            now=now,
            every=CHECK_EVERY_WATCHED,
        )
    ):
        check_link(desk, SYSTEM, payment_id)
