"""The rows of a new payment: what an order costs, who holds its reference, what is sent.

All of it is phase one of a create: one transaction, and no word to Stripe yet.
"""

from typing import Any

from cardpay.domain.access.actor import Actor
from cardpay.domain.catalogue import Draft, order_claim
from cardpay.domain.catalogue import Product as CatalogueProduct
from cardpay.domain.errors import InvalidInput, OrderReferenceTaken, PriceChanged
from cardpay.domain.money import Money, validate_for_charge
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import DisplayStatus
from cardpay.services.audit.record import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.payment_facts import restate
from cardpay.services.stripe_writes import operations
from cardpay.services.taking import limits
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import CustomerDetail, Operation, Payment

# Stripe takes 500 characters in a metadata value (Stripe docs: "Metadata").
METADATA_VALUE_CHARACTERS = 500


def begin_create(session: Session, desk: Desk, actor: Actor, draft: Draft) -> Operation | None:
    """Add the payment with its open create operation; the caller commits.

    None when this draft is a payment already. One that was not created at Stripe may be changed
    and tried again under the same id: it begins anew, as of now. Errors: InvalidInput,
    PriceChanged, OrderReferenceTaken, LimitReached.
    """
    row = payments.locked(session, draft.payment_id)
    if row is not None and row.display_status != DisplayStatus.NOT_CHARGED:
        return None
    if row is not None and row.stripe_payment_intent_id is not None:
        return None
    limits.refuse_beyond(session, desk, actor)
    product, total = _priced(session, draft)
    claim = order_claim(draft.order_reference)
    sequence = _sequence(session, desk, draft, claim)
    now = desk.now()
    payment = row or Payment(
        id=draft.payment_id,
        stripe_account_id=desk.books.stripe_account_id,
        livemode=desk.books.livemode,
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
    payment.created_at = now  # what stays unpaid is cancelled by its age
    payment.amount_minor = total.amount_minor
    payment.currency = total.currency
    payment.product_id = product.product_id
    payment.product_name = product.name
    payment.unit_amount_minor = product.unit_amount_minor
    payment.quantity = draft.quantity
    payment.capture_method = draft.capture_method
    payment.order_reference = draft.order_reference
    payment.search_reference = claim
    payment.order_claim = claim
    payment.order_sequence = sequence
    payment.second_payment_reason = draft.second_payment.reason if draft.second_payment else None
    session.add(payment)
    session.flush()
    _store_customer(session, desk, draft)
    operation = operations.begin(
        session,
        desk,
        actor,
        payment,
        OperationKind.CREATE,
        _create_request(draft, product, total, actor),
    )
    record(
        session,
        actor,
        "payment.create",
        ("payment", payment.id),
        at=now,
        after={
            "amount_minor": total.amount_minor,
            "currency": total.currency,
            "product_id": product.product_id,
            "quantity": draft.quantity,
            "order_sequence": sequence,
        },
    )
    restate(session, desk, payment)
    return operation


def _priced(session: Session, draft: Draft) -> tuple[CatalogueProduct, Money]:
    """The product as it is sold now, and the price, which only the server computes."""
    row = payments.product(session, draft.product_id)
    if row is None or not row.active:
        raise InvalidInput("Product", "choose one that is on sale.")
    product = CatalogueProduct(row.id, row.name, row.unit_amount_minor, row.currency)
    price, shown = product.total(1), draft.price_shown
    if shown is not None and shown != price:
        raise PriceChanged(product.name, format_money(shown), format_money(price))
    total = product.total(draft.quantity)
    validate_for_charge(total)
    return product, total


def _sequence(session: Session, desk: Desk, draft: Draft, claim: str) -> int:
    """The payment's number among those of its order; OrderReferenceTaken.

    What was paid elsewhere counts as the first: it may be this desk's own, from after the backup
    that its books were restored from.
    """
    whose = (desk.books.stripe_account_id, desk.books.livemode)
    holders = [
        holder
        for holder in payments.claims_of_order(session, *whose, claim)
        if holder.id != draft.payment_id
    ]
    last = holders[-1] if holders else payments.paid_elsewhere(session, *whose, claim)
    if last is None:
        return 1
    second = draft.second_payment
    if second is None or second.after_sequence != last.order_sequence:
        raise OrderReferenceTaken(draft.order_reference, last.id, last.order_sequence)
    return last.order_sequence + 1


def refuse_taken_order(desk: Desk, draft: Draft) -> None:
    """Say who was first, after a unique key refused the draft."""
    claim = order_claim(draft.order_reference)
    with desk.store.reading() as session:
        holders = payments.claims_of_order(
            session, desk.books.stripe_account_id, desk.books.livemode, claim
        )
        if holders:
            last = holders[-1]
            raise OrderReferenceTaken(draft.order_reference, last.id, last.order_sequence)
    raise InvalidInput("Order reference", "somebody used it just now. Try again.")


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
    detail.erased_at = None
    session.add(detail)


def _create_request(
    draft: Draft, product: CatalogueProduct, total: Money, actor: Actor
) -> dict[str, Any]:
    """What is sent, kept so that a replay is the same to the byte. Nothing personal."""
    metadata = {
        "payment_id": draft.payment_id,
        "product_id": product.product_id,
        "product_name": product.name,
        "unit_amount": str(product.unit_amount_minor),
        "quantity": str(draft.quantity),
        "order_reference": draft.order_reference,
        "taken_by": actor.actor_id,
    }
    return {
        "amount_minor": total.amount_minor,
        "currency": total.currency,
        "description": f"Order {draft.order_reference}",
        "metadata": {name: _shortened(value) for name, value in metadata.items()},
        "capture_method": draft.capture_method,
    }


def _shortened(value: str) -> str:
    limit = METADATA_VALUE_CHARACTERS
    return value if len(value) <= limit else value[: limit - 1] + "…"
