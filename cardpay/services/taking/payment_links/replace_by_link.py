"""A link for an order whose payment waits for a card: the same order, paid by its customer."""

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.money import Money
from cardpay.domain.payment.order import Draft, SecondPayment
from cardpay.services.desk import Desk
from cardpay.services.taking.payment_links.create_link import LinkMade, send_payment_link
from cardpay.services.taking.payment_view import require_visible
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import CustomerDetail, Payment


def replace_by_link(desk: Desk, actor: Actor, payment_id: str, link_payment_id: str) -> LinkMade:
    """Give the payment up, and make a link for its order as the payment `link_payment_id`.

    Errors: those of `send_payment_link`; PriceChanged if the product's price is another one now.
    """
    actor = actor.require(Permission.SEND_LINK)
    require_visible(desk, actor, payment_id)
    with desk.store.reading() as session:
        draft = _same_order(session, payment_id, link_payment_id)
    return send_payment_link(desk, actor, draft, instead_of=payment_id)


def _same_order(session: Session, payment_id: str, new_id: str) -> Draft:
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise PaymentNotFound(payment_id)
    customer = payments.customer_detail(session, payment_id) or CustomerDetail(
        payment_id=payment_id
    )
    unit_minor = payment.amount_minor // payment.quantity
    second = payment.second_payment_reason
    return Draft(
        payment_id=new_id,
        product_id=payment.product_id or "",
        quantity=payment.quantity,
        customer_name=customer.name or "",
        customer_email=customer.email or "",
        customer_phone=customer.phone or "",
        order_reference=payment.order_reference,
        note=customer.note or "",
        second_payment=SecondPayment(second, payment.order_sequence - 1) if second else None,
        hold=payment.capture_method == "manual",
        price_shown=Money(unit_minor, payment.currency),
    )
