"""Creating a payment: its price, its rows, and the PaymentIntent at Stripe.

Every write to Stripe has three short phases: commit what is about to be done, with its
idempotency key; call Stripe with no transaction open; commit the outcome. A crash between two
phases leaves an open operation, which `recovery` ends. The database's unique keys decide who
was first; nothing here relies on a button that is clicked once.
"""

from typing import Any

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.money import Money
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.order import Draft, order_claim
from cardpay.domain.payment.order_price import priced_order
from cardpay.domain.personal_data.customer_identity import customer_key
from cardpay.domain.personal_data.search_keys import phone_key, reference_number
from cardpay.domain.product_rules import Product
from cardpay.gateway.stripe_gateway import NewPaymentIntent
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import update_derived_fields
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.stripe_writes.send_operation import send
from cardpay.services.taking.enforce_limits import audit_limit_reached, check_limits
from cardpay.services.taking.one_payment_an_order import payment_number, refuse_reserved_order
from cardpay.services.taking.order_numbers import with_number
from cardpay.services.taking.payment_view import PaymentView, find, require_visible, view
from cardpay.storage.catalogue import products
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.payments import checkout_links, payments
from cardpay.storage.personal_data import customer_words
from cardpay.storage.schema.tables import CustomerDetail, Operation, Payment

# Stripe takes 500 characters in a metadata value (Stripe docs: "Metadata").
METADATA_VALUE_CHARACTERS = 500


def create_payment(desk: Desk, actor: Actor, draft: Draft) -> PaymentView:
    """Create the PaymentIntent of a draft. The same draft again returns the same payment.

    Errors: InvalidInput, PriceChanged, OrderReferenceTaken, LimitReached, NotAllowed;
    RequestRefused when Stripe does not accept it. An unknown outcome is no error: the payment is
    "Checking with Stripe".
    """
    actor = actor.require(Permission.TAKE_PAYMENT)
    if draft.hold:
        actor = actor.require(Permission.HOLD_PAYMENT)
    draft = draft.checked()
    require_visible(desk, actor, draft.payment_id)
    try:
        with (
            audit_limit_reached(desk, actor, draft.payment_id),
            desk.store.transaction() as session,
        ):
            operation = begin_create(session, desk, actor, draft)
    except Duplicate:
        # Another transaction committed first: for the same draft, or for the same order.
        known = find(desk, draft.payment_id)
        if known is None or known.can_be_created_again:
            refuse_reserved_order(desk, actor, draft)
        operation = None
    if operation is not None:
        send_create(desk, actor, operation)
    return view(desk, draft.payment_id)


def begin_create(session: Session, desk: Desk, actor: Actor, draft: Draft) -> Operation | None:
    """Add the payment with its open create operation; the caller commits.

    None when this draft is a payment already. One that was not created at Stripe may be changed
    and tried again under the same id, and then counts as created now. Errors: InvalidInput,
    PriceChanged, OrderReferenceTaken, LimitReached.
    """
    row = payments.locked(session, draft.payment_id)
    if row and (row.stripe_payment_intent_id or row.display_status != DisplayStatus.NOT_CHARGED):
        return None
    if row and checkout_links.of_payment(session, row.id) is not None:
        return None
    check_limits(session, desk, actor)
    draft = with_number(session, desk, draft, row)
    payment, product, total = add_payment(session, desk, actor, draft, row)
    operation = operation_lifecycle.begin(
        session,
        desk,
        actor,
        payment,
        OperationKind.CREATE,
        create_request(draft, product, total, actor.actor_id),
    )
    record(
        session,
        actor,
        "payment.create",
        ("payment", payment.id),
        at=desk.now(),
        after={
            "amount_minor": total.amount_minor,
            "currency": total.currency,
            "product_id": product.product_id,
            "quantity": draft.quantity,
            "order_sequence": payment.order_sequence,
            "hold": draft.hold,
        },
    )
    update_derived_fields(session, desk, payment)
    return operation


def add_payment(
    session: Session, desk: Desk, actor: Actor, draft: Draft, row: Payment | None
) -> tuple[Payment, Product, Money]:
    """The draft as a payment that reserves its order, with what is sold and the total.

    `row` is the payment of an earlier try that made nothing at Stripe. Errors: InvalidInput,
    PriceChanged, OrderReferenceTaken.
    """
    item = products.item(session, draft.product_id)
    product, total = priced_order(item, draft.quantity, draft.price_shown)
    claim, now = order_claim(draft.order_reference), desk.now()
    sequence = payment_number(session, desk, actor, draft)
    payment = row or Payment(
        id=draft.payment_id,
        stripe_account_id=desk.account.stripe_account_id,
        livemode=desk.account.livemode,
        taken_by=actor.actor_id,
        created_at=now,
        updated_at=now,
        display_status=DisplayStatus.CHECKING,
        currency=total.currency,
        product_name=product.name,
        order_reference=draft.order_reference,
        search_reference=claim,
    )
    payment.taken_by = actor.actor_id
    payment.created_at = now  # an unpaid payment expires by its age
    payment.amount_minor = total.amount_minor
    payment.currency = total.currency
    payment.product_id = product.product_id
    payment.product_name = product.name
    payment.unit_amount_minor = product.unit_amount_minor
    payment.quantity = draft.quantity
    payment.capture_method = _capture_method(draft)
    payment.order_reference = draft.order_reference
    payment.search_reference = claim
    payment.search_number = reference_number(draft.order_reference)
    payment.order_claim = claim
    payment.order_sequence = sequence
    payment.second_payment_reason = draft.second_payment.reason if draft.second_payment else None
    session.add(payment)
    session.flush()
    _store_customer(session, desk, draft)
    return payment, product, total


def send_create(desk: Desk, actor: Actor, operation: Operation) -> None:
    """Phases two and three of a create, and of its replay."""
    request = operation.request
    new = NewPaymentIntent(
        amount_minor=request["amount_minor"],
        currency=request["currency"],
        description=request["description"],
        metadata=request["metadata"],
        capture_method=request.get("capture_method", "automatic"),
    )
    key = operation.idempotency_key
    send(desk, actor, operation, lambda: desk.gateway.create_payment_intent(new, key))


def _store_customer(session: Session, desk: Desk, draft: Draft) -> None:
    known = payments.customer_detail(session, draft.payment_id)
    detail = known or CustomerDetail(payment_id=draft.payment_id)
    detail.created_at = desk.now()
    detail.name = draft.customer_name
    detail.email = draft.customer_email or None
    detail.phone = draft.customer_phone or None
    detail.note = draft.note or None
    detail.search_name = draft.customer_name.casefold()
    detail.search_email = draft.customer_email.casefold() or None
    detail.customer_key = customer_key(
        draft.customer_name, draft.customer_email, draft.customer_phone
    )
    detail.search_phone = phone_key(draft.customer_phone)
    detail.erased_at = None
    session.add(detail)
    customer_words.store(session, detail)


def create_request(draft: Draft, product: Product, total: Money, taken_by: str) -> dict[str, Any]:
    """The request to Stripe, stored so that a replay is identical. It has no personal data."""
    metadata = {
        "payment_id": draft.payment_id,
        "product_id": product.product_id,
        "product_name": product.name,
        "unit_amount": str(product.unit_amount_minor),
        "quantity": str(draft.quantity),
        "order_reference": draft.order_reference,
        "taken_by": taken_by,
    }
    return {
        "amount_minor": total.amount_minor,
        "currency": total.currency,
        "description": f"Order {draft.order_reference}",
        "metadata": {name: _shortened(value) for name, value in metadata.items()},
        "capture_method": _capture_method(draft),
    }


def _capture_method(draft: Draft) -> str:
    """Stripe's word for it (API reference: "Create a PaymentIntent")."""
    return "manual" if draft.hold else "automatic"


def _shortened(value: str) -> str:
    limit = METADATA_VALUE_CHARACTERS
    return value if len(value) <= limit else value[: limit - 1] + "…"
