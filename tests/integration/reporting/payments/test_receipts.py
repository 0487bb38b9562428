"""Receipts of what was really taken and given back, for who may see the payment."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.company import Company
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.money import Money
from cardpay.domain.receipt import NoReceipt, Receipt, payment_receipt_number
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payments_list import payments_page
from cardpay.reporting.payments.receipts import receipt
from cardpay.services.after_payment.captures import capture_payment
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.stripe_facts.apply_facts import apply_fact
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.session_tables import Person
from tests.integration.services.conftest import world
from tests.support.databases.query_plans import plans
from tests.support.desks.worlds import AGENT, ANALYST, DECLINED, SUPERVISOR, World

__all__ = ["world"]

COMPANY = Company("Sample Company")
REFUND_FAILS = "4000000000005126"


def receipt_of(world: World, payment: PaymentView, refund_id: str | None = None) -> Receipt:
    """As an analyst sees it."""
    return receipt(
        world.desk.store, ANALYST, COMPANY, payment.payment_id, refund_id, now=world.desk.now()
    )


def paid(world: World, number: str = "4242424242424242", **fields: Any) -> PaymentView:
    """Three consultations at £120."""
    return world.pay(world.created(quantity=3, **fields), number).payment


def give_back(world: World, payment: PaymentView, minor: int) -> None:
    """A part of it, by a supervisor."""
    refund_payment(world.desk, SUPERVISOR, payment.payment_id, minor, "duplicate", str(uuid4()))


def test_a_payment_has_its_order_and_what_was_taken(world: World) -> None:
    """Also the name of who took it, where one is known."""
    payment = paid(world, order_reference="SO-7")
    assert receipt_of(world, payment).taken_by == ""
    with world.desk.store.transaction() as session:
        session.add(Person(actor_id=AGENT.actor_id, name="Person One", seen_at=world.desk.now()))
    found = receipt_of(world, payment)
    (line,) = found.lines
    assert (line.name, line.quantity) == ("Consultation", 3)
    assert (line.price, line.amount) == (Money(12_000, "gbp"), Money(36_000, "gbp"))
    assert (found.total, found.ordered) == (Money(36_000, "gbp"), Money(36_000, "gbp"))
    assert found.number == payment_receipt_number(payment.payment_id)
    assert found.refund_of is None
    assert found.company == COMPANY
    assert not found.livemode
    assert (found.order_reference, found.method) == ("SO-7", "Visa •••• 4242")
    assert (found.customer_name, found.customer_email) == (
        "Customer One",
        "customer.one@example.com",
    )
    assert found.at == payment.succeeded_at
    assert found.taken_by == "Person One"


def test_of_a_hold_only_what_was_captured_is_paid(world: World) -> None:
    """And there is no receipt before."""
    held = paid(world, hold=True)
    with pytest.raises(NoReceipt):
        receipt_of(world, held)
    capture_payment(world.desk, SUPERVISOR, held.payment_id, 20_000, str(uuid4()))
    found = receipt_of(world, held)
    assert (found.ordered.amount_minor, found.total.amount_minor) == (36_000, 20_000)
    assert found.refunds == ()


def test_each_refund_has_a_receipt_of_its_own(world: World) -> None:
    """Made here or elsewhere; it names the first one."""
    payment = paid(world)
    give_back(world, payment, 2_000)
    world.refund_elsewhere(payment, 500)
    give_back(world, payment, 700)  # its answer has Stripe's word on the payment
    whole = receipt_of(world, payment)
    assert {one.amount.amount_minor for one in whole.refunds} >= {2_000, 700}
    for one in whole.refunds:
        found = receipt_of(world, payment, one.refund_id)
        assert found.refund_of == whole.number
        assert found.number == one.number
        assert found.total == one.amount
        assert found.lines == ()
    assert len({one.number for one in whole.refunds}) == len(whole.refunds)


def test_a_refund_that_failed_gave_nothing_back(world: World) -> None:
    """Nobody gets a paper about it."""
    payment = paid(world, REFUND_FAILS)
    give_back(world, payment, 2_000)
    (refund,) = receipt_of(world, payment).refunds
    world.clock.advance(hours=1)
    for stripe_id in (str(one["id"]) for one in world.refunds()):
        failed = world.desk.gateway.retrieve_refund(stripe_id)
        assert failed.status == "failed"
        with world.desk.store.transaction() as session:
            apply_fact(session, world.desk, SUPERVISOR, failed, asked_at=world.desk.now())
    assert receipt_of(world, payment).refunds == ()
    with pytest.raises(NoReceipt):
        receipt_of(world, payment, refund.refund_id)


def test_without_money_there_is_no_receipt(world: World) -> None:
    """Declined, or not tried yet."""
    payment = world.created()
    with pytest.raises(NoReceipt):
        receipt_of(world, payment)
    world.pay(payment, DECLINED)
    with pytest.raises(NoReceipt):
        receipt_of(world, payment)


def test_a_receipt_of_anothers_refund_is_none(world: World) -> None:
    """An address cannot be put together of two payments."""
    payment, other = paid(world), paid(world, order_reference="SO-2")
    give_back(world, other, 1_000)
    (refund,) = receipt_of(world, other).refunds
    with pytest.raises(NoReceipt):
        receipt_of(world, payment, refund.refund_id)


def test_who_may_not_see_a_payment_gets_no_receipt(world: World) -> None:
    """It is not found, as everywhere."""
    payment = paid(world)
    other = Actor("agent-2", frozenset({Role.AGENT}), "test")
    later = world.desk.now() + timedelta(days=2)
    with pytest.raises(PaymentNotFound):
        receipt(world.desk.store, other, COMPANY, payment.payment_id, now=later)
    with pytest.raises(PaymentNotFound):
        receipt(world.desk.store, ANALYST, COMPANY, str(uuid4()))


def test_a_receipts_number_finds_its_payment(world: World) -> None:
    """A caller reads it out; a refund's finds the payment too. It is found by an index."""
    payment = paid(world)
    paid(world, order_reference="SO-2")
    give_back(world, payment, 2_000)
    found = receipt_of(world, payment)
    for number in (found.number, found.refunds[0].number.lower().replace("-", " ")):
        with plans(world.desk.store) as steps:
            page = payments_page(world.desk.store, ANALYST, PaymentFilter(search=number))
        assert list(page.frame.index) == [payment.payment_id]
        assert not [step for step in steps if step.startswith("SCAN payment")], steps
