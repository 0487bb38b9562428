"""Making a payment link: a Checkout Session for exactly one order, in three short phases.

One order has one way to be paid. The link is a payment of its own and reserves the order, so the
database refuses it while another payment is open, unknown or paid; and refuses a card at the desk
while the link is. Whoever changes from one to the other ends the first, sees it ended at Stripe,
and then begins the second.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import PaymentBusy
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.order import Draft
from cardpay.domain.payment.order_price import priced_order
from cardpay.domain.payment_link.link_rules import LinksOff, link_expires_at, link_may_replace
from cardpay.gateway.stripe_gateway import NewCheckoutSession
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.send_operation import send
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.create_payment import add_payment, create_request
from cardpay.services.taking.enforce_limits import audit_limit_reached, check_limits
from cardpay.services.taking.one_payment_an_order import payment_number, refuse_reserved_order
from cardpay.services.taking.order_numbers import with_number
from cardpay.services.taking.payment_view import PaymentView, find, require_visible, view
from cardpay.storage.catalogue import products
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.payments import checkout_links, payment_operations
from cardpay.storage.schema.tables import Operation, Payment, PaymentLink


@dataclass(frozen=True)
class LinkMade:
    """The payment of a link. `url` is the page's address; None if Stripe has not answered."""

    payment: PaymentView
    url: str | None = field(repr=False)


def send_payment_link(
    desk: Desk, actor: Actor, draft: Draft, *, instead_of: str | None = None
) -> LinkMade:
    """Make the link of a draft. The same draft again returns the same payment.

    `instead_of` is the payment of the same order that waits for a card: if nothing stands against
    the link, it is cancelled first, and seen cancelled. Errors: InvalidInput, PriceChanged,
    OrderReferenceTaken, LimitReached, PaymentNotFound, PaymentBusy, WrongState, LinksOff,
    NotAllowed; RequestRefused when Stripe does not accept it. An unknown outcome is no error: the
    payment is "Checking with Stripe".
    """
    actor = actor.require(Permission.SEND_LINK)
    if draft.hold:
        actor = actor.require(Permission.HOLD_PAYMENT)
    if desk.link_return_url is None:
        raise LinksOff
    draft = draft.checked()
    require_visible(desk, actor, draft.payment_id)
    if instead_of is not None and find(desk, draft.payment_id) is None:
        _refuse_in_time(desk, actor, draft, instead_of)
        _give_up(desk, actor, instead_of)
    try:
        with (
            audit_limit_reached(desk, actor, draft.payment_id),
            desk.store.transaction() as session,
        ):
            operation = begin_create_link(session, desk, actor, draft)
    except Duplicate:
        if find(desk, draft.payment_id) is None:
            refuse_reserved_order(desk, actor, draft)
        operation = None
    url = send_create_link(desk, actor, operation) if operation is not None else None
    return LinkMade(view(desk, draft.payment_id), url)


def _refuse_in_time(desk: Desk, actor: Actor, draft: Draft, instead_of: str) -> None:
    """Raise what would refuse the link, while there still is the payment that it replaces."""
    with (
        audit_limit_reached(desk, actor, draft.payment_id),
        desk.store.reading() as session,
    ):
        check_limits(session, desk, actor)
        item = products.item(session, draft.product_id)
        priced_order(item, draft.quantity, draft.price_shown)
        payment_number(session, desk, actor, draft, instead_of=instead_of)


def _give_up(desk: Desk, actor: Actor, payment_id: str) -> None:
    """Cancel a payment that waits for a card, and see that it is cancelled.

    Errors: PaymentBusy while that is not certain, WrongState if it was paid.
    """
    require_visible(desk, actor, payment_id)
    with desk.store.reading() as session:
        payment = session.get(Payment, payment_id)
        if payment is None or payment.order_claim is None:
            return  # it is over, and takes no card
        busy = payment_operations.open_operation(session, payment_id) is not None
        has_link = checkout_links.of_payment(session, payment_id) is not None
    if busy:
        raise PaymentBusy(payment_id)
    if not link_may_replace(payment.status, has_open_operation=busy, has_link=has_link):
        raise operation_lifecycle.wrong_state_error(payment, "replaced by a link")
    given_up = cancel_payment(desk, actor, payment_id)
    if given_up.open_operation is not None:
        raise PaymentBusy(payment_id)
    if given_up.reserves_order:
        with desk.store.reading() as session:
            paid = session.get_one(Payment, payment_id)
        raise operation_lifecycle.wrong_state_error(paid, "replaced by a link")


def begin_create_link(
    session: Session, desk: Desk, actor: Actor, draft: Draft
) -> Operation | None:
    """Add the payment with its link and the open operation; the caller commits.

    None when this draft is a payment already. Errors: InvalidInput, PriceChanged,
    OrderReferenceTaken, LimitReached.
    """
    if session.get(Payment, draft.payment_id) is not None:
        return None
    check_limits(session, desk, actor)
    draft = with_number(session, desk, draft, None)
    payment, product, total = add_payment(session, desk, actor, draft, None)
    now = desk.now()
    expires_at = link_expires_at(now, desk.link_lifetime)
    session.add(
        PaymentLink(
            id=payment.id,
            stripe_account_id=payment.stripe_account_id,
            livemode=payment.livemode,
            actor_id=actor.actor_id,
            expires_at=expires_at,
            created_at=now,
        )
    )
    assert desk.link_return_url is not None
    request: dict[str, Any] = {
        **create_request(draft, product, total, actor.actor_id),
        "product_name": product.name,
        "unit_amount_minor": product.unit_amount_minor,
        "quantity": draft.quantity,
        "expires_at": expires_at.isoformat(),
        "return_url": desk.link_return_url(),
    }
    operation = operation_lifecycle.begin(
        session, desk, actor, payment, OperationKind.CREATE_LINK, request
    )
    record(
        session,
        actor,
        "payment.link",
        ("payment", payment.id),
        at=now,
        after={
            "amount_minor": total.amount_minor,
            "currency": total.currency,
            "product_id": product.product_id,
            "quantity": draft.quantity,
            "order_sequence": payment.order_sequence,
            "expires_at": expires_at.isoformat(),
        },
    )
    update_derived_fields(session, desk, payment)
    return operation


def send_create_link(desk: Desk, actor: Actor, operation: Operation) -> str | None:
    """Phases two and three, and of a replay. Returns the page's address, if Stripe answered."""
    new, key = new_session(operation), operation.idempotency_key
    made = send(desk, actor, operation, lambda: desk.gateway.create_checkout_session(new, key))
    return made.url if made is not None else None


def new_session(operation: Operation) -> NewCheckoutSession:
    """What an operation asks of Stripe: the same each time."""
    request = operation.request
    return NewCheckoutSession(
        payment_id=operation.payment_id,
        product_name=request["product_name"],
        unit_amount_minor=request["unit_amount_minor"],
        quantity=request["quantity"],
        currency=request["currency"],
        description=request["description"],
        metadata=request["metadata"],
        expires_at=datetime.fromisoformat(request["expires_at"]),
        return_url=request["return_url"],
        capture_method=request["capture_method"],
    )
