"""Notes: once for each press, without card data, and gone with the customer's details."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.errors import InvalidInput, NotAllowed, PaymentNotFound
from cardpay.domain.payment_acts import note_rules
from cardpay.domain.personal_data.customer_identity import Customer
from cardpay.services.after_payment.notes import add_note
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.personal_data.erasure import erase_customer
from cardpay.storage.schema.tables import CustomerDetail, Payment, PaymentNote
from tests.support.desks.worlds import ANALYST, SUPERVISOR, World

pytestmark = pytest.mark.one_database


def _notes(world: World) -> list[str]:
    with world.desk.store.reading() as session:
        return list(session.exec(select(PaymentNote.text)).all())


def test_a_double_click_is_one_note(world: World) -> None:
    """Its submission says that it is the same; the text is tidied."""
    payment = world.created()
    press = str(uuid4())
    for _ in range(2):
        add_note(world.desk, SUPERVISOR, payment.payment_id, "  Rings back at six ", press)
    assert _notes(world) == ["Rings back at six"]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("card is 4242 4242 4242 4242", CardDataRefused),
        (" ", InvalidInput),
        ("x" * 1_001, InvalidInput),
    ],
)
def test_what_is_no_note(world: World, text: str, refused: type[Exception]) -> None:
    """Nothing is stored."""
    payment = world.created()
    with pytest.raises(refused):
        add_note(world.desk, SUPERVISOR, payment.payment_id, text, str(uuid4()))
    assert _notes(world) == []


def test_a_payment_has_so_many_notes_at_most(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another payment has its own; a press that has become one of them is still that one."""
    monkeypatch.setattr(note_rules, "MOST_NOTES", 3)
    payment, other = world.created(), world.created(order_reference="SO-3")
    press = str(uuid4())
    for submission in (press, str(uuid4()), str(uuid4()), press):
        add_note(world.desk, SUPERVISOR, payment.payment_id, "Rang", submission)
    with pytest.raises(InvalidInput, match="has 3 notes"):
        add_note(world.desk, SUPERVISOR, payment.payment_id, "Rang again", str(uuid4()))
    add_note(world.desk, SUPERVISOR, other.payment_id, "Rang", str(uuid4()))
    assert _notes(world) == ["Rang"] * 4


def test_who_may(world: World) -> None:
    """An analyst reads; and there has to be a payment."""
    payment = world.created()
    with pytest.raises(NotAllowed):
        add_note(world.desk, ANALYST, payment.payment_id, "Ring", str(uuid4()))
    with pytest.raises(PaymentNotFound):
        add_note(world.desk, SUPERVISOR, str(uuid4()), "Ring", str(uuid4()))


def test_none_after_the_erasure(world: World) -> None:
    """Nothing would erase it any more."""
    payment = world.pay(world.created()).payment
    add_note(world.desk, SUPERVISOR, payment.payment_id, "Customer One rang", str(uuid4()))
    erase_customer(world.desk.store, Customer(payment_id=payment.payment_id), world.desk.now)
    assert _notes(world) == []
    with pytest.raises(InvalidInput, match="erased"):
        add_note(world.desk, SUPERVISOR, payment.payment_id, "Customer One", str(uuid4()))


def test_a_payment_taken_elsewhere_can_be_erased_of_its_note(world: World) -> None:
    """It has no customer's details here until it has a note."""
    world.elsewhere()
    reconcile(world.desk, SUPERVISOR, since=world.desk.now() - timedelta(hours=1))
    with world.desk.store.reading() as session:
        payment_id = session.exec(select(Payment.id)).one()
        assert session.get(CustomerDetail, payment_id) is None
    add_note(world.desk, SUPERVISOR, payment_id, "Customer One rang", str(uuid4()))
    erase_customer(world.desk.store, Customer(payment_id=payment_id), world.desk.now)
    assert _notes(world) == []
