"""One customer, whose texts stand nowhere else, and the way to pay and to erase for them."""

from typing import Any

from sqlmodel import select

from cardpay.domain.personal_data.customer_identity import Customer
from cardpay.services.personal_data import erasure
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import AuditEntry
from tests.support.desks.worlds import World

NAME, EMAIL, PHONE = "Zacharias Quill", "zq@example.com", "+44 20 7946 0958"
NOTE = "Rings after six, ask for the blue van"
REASON = "Mr Quill broke the first one"
PERSONAL = (NAME, EMAIL, PHONE, NOTE, REASON, "Quill")
BY_EMAIL = Customer(email=EMAIL)
WHO: dict[str, Any] = {
    "customer_name": NAME,
    "customer_email": EMAIL,
    "customer_phone": PHONE,
    "note": NOTE,
}


def paid(world: World, reference: str, **fields: Any) -> PaymentView:
    """A payment of this customer, which has succeeded."""
    return world.pay(world.created(order_reference=reference, **WHO | fields)).payment


def erase(world: World, customer: Customer = BY_EMAIL) -> int:
    """As the command does it."""
    return erasure.erase_customer(world.desk.store, customer, world.clock.now)


def erased_entries(world: World) -> list[AuditEntry]:
    """The audit entries of it."""
    with world.desk.store.reading() as session:
        asked = select(AuditEntry).where(AuditEntry.act == "customer.erase")
        return list(session.exec(asked))
