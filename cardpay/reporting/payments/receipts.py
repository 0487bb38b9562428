"""Receipts, read from what is stored."""

from datetime import UTC, datetime

from sqlmodel import Session, col, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.company import Company
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.money import Money
from cardpay.domain.payment.refund import FINAL_REFUND_STATUSES, is_release
from cardpay.domain.receipt import (
    NoReceipt,
    Receipt,
    ReceiptLine,
    ReceiptRefund,
    payment_receipt_number,
    refund_receipt_number,
)
from cardpay.reporting.payments.method_words import IS_CARD, method_words
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import CustomerDetail, Payment, Refund


def receipt(
    store: Store,
    actor: Actor,
    company: Company,
    payment_id: str,
    refund_id: str | None = None,
    *,
    now: datetime | None = None,
) -> Receipt:
    """The receipt of a payment, or of one of its refunds, as it is now.

    Raises NotAllowed, SignedOut; PaymentNotFound also for a payment that the actor may not see;
    NoReceipt while nothing was paid, and for a refund that gave nothing back.
    """
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    with store.reading() as session:
        payment = session.get(Payment, payment_id)
        if payment is None or not actor.may_see(
            payment.taken_by, payment.created_at, now or datetime.now(UTC)
        ):
            raise PaymentNotFound(payment_id)
        if payment.amount_received_minor <= 0 or payment.succeeded_at is None:
            raise NoReceipt
        given_back = tuple(_refunds(session, payment))
        if refund_id is None:
            return _receipt(session, company, payment, given_back)
        for refund in given_back:
            if refund.refund_id == refund_id:
                return _receipt(session, company, payment, given_back, refund)
        raise NoReceipt


def _refunds(session: Session, payment: Payment) -> list[ReceiptRefund]:
    """The refunds that Stripe made and that stand, oldest first."""
    rows = session.scalars(
        select(Refund)
        .where(col(Refund.payment_id) == payment.id)
        .order_by(col(Refund.created_at), col(Refund.id))
    )
    return [
        ReceiptRefund(
            row.id,
            refund_receipt_number(payment.id, row.id),
            row.created_at,
            Money(row.amount_minor, row.currency),
        )
        for row in rows
        if row.status is not None
        and row.status not in FINAL_REFUND_STATUSES
        and not is_release(row, payment.amount_minor, payment.amount_received_minor)
    ]


def _receipt(
    session: Session,
    company: Company,
    payment: Payment,
    given_back: tuple[ReceiptRefund, ...],
    refund: ReceiptRefund | None = None,
) -> Receipt:
    assert payment.succeeded_at is not None
    number = payment_receipt_number(payment.id)
    customer = session.get(CustomerDetail, payment.id)
    taken_by = names(session, [payment.taken_by])[payment.taken_by]
    ordered = Money(payment.amount_minor, payment.currency)
    received = Money(payment.amount_received_minor, payment.currency)
    return Receipt(
        number=refund.number if refund else number,
        refund_of=number if refund else None,
        company=company,
        livemode=payment.livemode,
        order_reference=payment.order_reference,
        at=refund.at if refund else payment.succeeded_at,
        customer_name=(customer and customer.name) or "",
        customer_email=(customer and customer.email) or "",
        method=method_words(payment.payment_method_type, payment.card_brand, payment.card_last4),
        is_card=payment.payment_method_type in IS_CARD,
        taken_by=taken_by if taken_by != payment.taken_by else "",  # an id is no name
        lines=() if refund else (_line(payment),),
        taxes=(),  # the desk does not know of tax yet
        ordered=ordered,
        total=refund.amount if refund else received,
        refunds=() if refund else given_back,
        payment_intent_id=payment.stripe_payment_intent_id or "",
    )


def _line(payment: Payment) -> ReceiptLine:
    amount = Money(payment.amount_minor, payment.currency)
    unit = payment.unit_amount_minor
    price = None
    if unit is not None and unit * payment.quantity == payment.amount_minor:
        price = Money(unit, payment.currency)
    return ReceiptLine(payment.product_name, payment.quantity, price, amount)
