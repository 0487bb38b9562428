"""Erasing a person: nothing that identifies them is left, and the books are what they were."""

from datetime import timedelta

import pytest
from sqlmodel import select

from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.payment.order import SecondPayment
from cardpay.domain.personal_data.customer_identity import Customer
from cardpay.reporting.payment_page.payment_details import payment_details
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payments_list import payments_page
from cardpay.services.access import sessions
from cardpay.services.after_payment.notes import add_note
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.personal_data import erasure
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.webhooks import event_worker
from cardpay.storage.database import vacuum as vacuuming
from cardpay.storage.database.vacuum import vacuum
from cardpay.storage.payments import payments
from cardpay.storage.personal_data import customer_details
from cardpay.storage.schema.session_tables import Person
from cardpay.storage.schema.tables import AuditEntry, CustomerDetail, Payment
from tests.integration.services.access.test_sessions import enter, identity, sign_in
from tests.integration.services.personal_data.customer import (
    BY_EMAIL,
    EMAIL,
    NAME,
    NOTE,
    PERSONAL,
    PHONE,
    REASON,
    WHO,
    erase,
    erased_entries,
    paid,
)
from tests.integration.services.personal_data.stored_personal_data import (
    in_files,
    in_rows,
    leave_pieces,
    rows_of,
)
from tests.support.databases.rows import facts
from tests.support.desks.worlds import DECLINED, SUPERVISOR, World


def full_story(world: World) -> None:
    """Everything that the desk writes about payments of one customer, and of another."""
    store = world.desk.store
    first = paid(world, "SO-1")
    world.pay(world.created(order_reference="SO-2", **WHO), DECLINED)
    world.clock.advance(hours=1)
    paid(world, "SO-1", second_payment=SecondPayment(REASON, 1))
    refund_payment(world.desk, SUPERVISOR, first.payment_id, 100, "duplicate", "submission-1")
    add_note(world.desk, SUPERVISOR, first.payment_id, f"{NAME} rang: {PHONE}", "note-1")
    world.pay(world.created(order_reference="SO-3"))
    world.elsewhere(metadata={"customer": NAME, "note": NOTE}, receipt_email=EMAIL)
    reconcile(world.desk, SUPERVISOR, since=world.desk.now() - timedelta(days=2))
    event_worker.process_all_due(world.desk)
    with store.reading() as session:
        declined = session.exec(select(Payment).where(Payment.order_reference == "SO-2")).one()
    cancel_payment(world.desk, SUPERVISOR, declined.id)
    sign_in(world, identity(world))


def test_nothing_of_the_person_is_left_and_the_books_stay(world: World) -> None:
    """In no table's rows and, on SQLite, in no byte of the files."""
    store = world.desk.store
    full_story(world)
    personal = {"customer_detail", "customer_word", "payment_note"}
    assert in_rows(store, PERSONAL) == {"payment", *personal}
    with store.reading() as session:
        before = facts(session)
    noted = {"audit_entry", "changed_quarter"}  # that there was a change, and of which time
    others = {name: rows for name, rows in rows_of(store).items() if name not in noted}
    assert erase(world) == 3
    assert vacuum(store.engine)
    assert in_rows(store, PERSONAL) == set()
    assert in_files(store, PERSONAL) == set()
    with store.reading() as session:
        after = facts(session)
        assert session.get(Person, identity(world).actor_id) is not None
    assert after.pop("payment_note", []) == []
    for table in before.keys() - {"payment", "payment_note"}:
        assert after[table] == before[table]
    without_reason = [row.replace(f"'{REASON}'", "None") for row in before["payment"]]
    assert after["payment"] == sorted(without_reason)
    changed = {name for name, rows in rows_of(store).items() if others.get(name, rows) != rows}
    assert changed == {"audit_head", "payment", *personal}
    assert in_rows(store, ["Customer One"]) == {"customer_detail"}


@pytest.mark.one_database
def test_pieces_from_before_go_as_well(world: World) -> None:
    """A file may hold pieces of rows that were written over long ago, by an earlier version."""
    store = world.desk.store
    payment = paid(world, "SO-1")
    world.pay(world.created(order_reference="SO-2"))
    on_sqlite = leave_pieces(store, payment.payment_id)
    assert in_rows(store, [NOTE]) == set()
    assert bool(in_files(store, [NOTE])) == on_sqlite
    assert vacuum(store.engine)
    assert in_files(store, [NOTE]) == set()


def test_a_reader_keeps_the_old_log_alive(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is said that pieces are left, and once the reader is gone there are none."""
    monkeypatch.setattr(vacuuming, "_WAITS_FOR_READERS_SECONDS", 0.0)
    monkeypatch.setattr(vacuuming, "_BUSY_MILLISECONDS", 1)
    store = world.desk.store
    paid(world, "SO-1")
    with store.reading() as session:
        session.exec(select(Payment)).first()
        erase(world)
        assert vacuum(store.engine) == (store.engine.dialect.name != "sqlite")
    assert vacuum(store.engine)
    assert in_files(store, PERSONAL) == set()


@pytest.mark.one_database
def test_each_erased_payment_has_its_audit_entry(world: World) -> None:
    """With ids alone; a second time there is nothing to erase, and no entry."""
    ids = {paid(world, f"SO-{number}").payment_id for number in range(3)}
    assert erase(world) == 3
    entries = erased_entries(world)
    assert {(row.subject_kind, row.subject_id) for row in entries} == {
        ("payment", payment_id) for payment_id in ids
    }
    assert {row.actor_id for row in entries} == {"system"}
    assert [row.after for row in entries] == [{}, {}, {}]
    assert erase(world) == 0
    assert erasure.preview(world.desk.store, BY_EMAIL).erasable == 0
    assert len(erased_entries(world)) == 3


def test_entry_and_erasure_are_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that cannot be written leaves the details as they were."""
    payment = paid(world, "SO-1")

    def fails(*_given: object, **_named: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("cardpay.services.personal_data.erasure.record", fails)
    with pytest.raises(ZeroDivisionError):
        erase(world)
    with world.desk.store.reading() as session:
        detail = payments.customer_detail(session, payment.payment_id)
    assert detail is not None
    assert detail.name == NAME


def test_many_payments_go_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is left out, and none of somebody else's is taken."""
    monkeypatch.setattr(customer_details, "BATCH", 3)
    for number in range(8):
        paid(world, f"SO-{number}")
        world.pay(world.created(order_reference=f"PO-{number}"))
    assert erase(world) == 8
    assert in_rows(world.desk.store, PERSONAL) == set()
    assert erasure.preview(world.desk.store, Customer(email="customer.one@example.com")).erasable
    with world.desk.store.reading() as session:
        left = session.exec(select(CustomerDetail).where(CustomerDetail.name == "Customer One"))
        assert len(left.all()) == 8


@pytest.mark.parametrize(
    ("customer", "payments_erased"),
    [
        pytest.param(Customer(email=" ZQ@Example.com "), 2, id="e-mail, however spelt"),
        pytest.param(Customer(name="zacharias  quill", phone="00442079460958"), 0, id="phone"),
        pytest.param(Customer(name="zacharias  quill", phone="+442079460958"), 3, id="name"),
        pytest.param(Customer(name="Zacharias", phone=PHONE), 0, id="part of a name"),
        pytest.param(Customer(email="q@example.com"), 0, id="part of an e-mail"),
    ],
)
def test_who_is_meant(world: World, customer: Customer, payments_erased: int) -> None:
    """An exact e-mail, or an exact name with the same digits of a phone."""
    paid(world, "SO-1")
    paid(world, "SO-2")
    paid(world, "SO-3", customer_email="")
    paid(world, "SO-4", customer_email="", customer_phone="+44 20 7946 0000")
    assert erase(world, customer) == payments_erased


@pytest.mark.one_database
def test_one_payment_by_its_id(world: World) -> None:
    """The customer's others keep theirs; an id that nobody knows is said to be none."""
    meant, other = paid(world, "SO-1"), paid(world, "SO-2")
    assert erase(world, Customer(payment_id=meant.payment_id)) == 1
    with world.desk.store.reading() as session:
        assert session.get_one(CustomerDetail, meant.payment_id).name is None
        assert session.get_one(CustomerDetail, other.payment_id).name == NAME
    with pytest.raises(PaymentNotFound):
        erasure.preview(world.desk.store, Customer(payment_id="none"))


@pytest.mark.one_database
def test_an_order_reference_that_names_the_person_is_told(world: World) -> None:
    """It is the books' and Stripe's, so it stays; whoever erases is told which."""
    named = [
        paid(world, reference).payment_id
        for reference in ("for zq@example.com", "Zacharias Quill 2", "Tel 442079460958")
    ]
    paid(world, "SO-1")
    before = erasure.preview(world.desk.store, BY_EMAIL)
    assert set(before.naming) == set(named)


@pytest.mark.one_database
def test_an_order_that_was_not_charged_may_be_taken_again(world: World) -> None:
    """With new details, which are then shown and can be erased as well."""
    world.sandbox.faults.add("timeout_before", path="/v1/payment_intents", times=2)
    refused = world.created(order_reference="SO-1", **WHO)
    assert erase(world) == 0
    world.clock.advance(minutes=10)
    recover_all(world.desk, None)
    assert world.now_is(refused).can_be_created_again
    assert erase(world) == 1
    again = world.created(payment_id=refused.payment_id, order_reference="SO-1", **WHO)
    assert again.customer_name == NAME
    world.pay(again)
    assert erase(world) == 1


@pytest.mark.one_database
def test_the_pages_say_that_it_is_erased(world: World) -> None:
    """In the list, in the details with the time, and on the receipt; search finds it no more."""
    payment = paid(world, "SO-1")
    erase(world)
    store = world.desk.store
    (listed,) = payments_page(store, SUPERVISOR).frame["Customer"]
    assert listed == "Erased"
    details = payment_details(store, SUPERVISOR, payment.payment_id)
    assert details.erased_at is not None
    assert details.customer_name == details.customer_email == details.note == ""
    assert world.now_is(payment).customer_name == "Erased"
    assert payments_page(store, SUPERVISOR, PaymentFilter(search="zacharias")).frame.empty


@pytest.mark.one_database
def test_the_name_of_staff_goes_and_the_id_stays(world: World) -> None:
    """Once, with an audit entry; the next sign-in brings the name back."""
    store = world.desk.store
    person = identity(world)
    sign_in(world, person)
    assert in_rows(store, ["Person One"]) == {"person"}
    assert in_rows(store, ["Firefox on Windows"]) == {"sign_in_session"}
    assert erasure.erase_staff(store, person.actor_id, world.clock.now)
    assert not erasure.erase_staff(store, person.actor_id, world.clock.now)
    assert vacuum(store.engine)
    assert in_rows(store, ["Person One"]) == set()
    assert in_rows(store, ["Firefox on Windows"]) == set()
    assert in_files(store, ["Person One"]) == set()
    assert in_rows(store, [person.actor_id]) == {"audit_entry", "sign_in_session"}
    with store.reading() as session:
        acts = session.exec(select(AuditEntry).where(AuditEntry.act == "staff.erase")).all()
    assert [row.subject_id for row in acts] == [person.actor_id]
    sessions.sign_out(world.desk, enter(world, person))
