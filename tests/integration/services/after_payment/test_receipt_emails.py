"""Stripe's e-mailed receipt: asked for once, in three phases, and in nobody's way."""

from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.errors import InvalidInput, NotAllowed, PaymentNotFound
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.receipt import NoReceipt
from cardpay.gateway.errors import RequestRefused
from cardpay.reporting.payment_page.payment_details import payment_details
from cardpay.services.after_payment.receipt_emails import email_receipt
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import AuditEntry, Operation, Payment
from tests.support.desks.worlds import AGENT, ANALYST, SUPERVISOR, World

pytestmark = pytest.mark.one_database

ADDRESS = "someone.else@example.com"
BOTH_TRIES = 2  # the SDK sends a write twice before it gives up


class Killed(BaseException):
    """The process ends here."""


def paid(world: World) -> PaymentView:
    """£120."""
    return world.pay(world.created()).payment


def send(world: World, payment: PaymentView, press: str = "", address: str = ADDRESS) -> bool:
    """One press of the button."""
    press = press or str(uuid4())
    return email_receipt(world.desk, AGENT, payment.payment_id, address, press)


def operations(world: World) -> list[Operation]:
    """Those of e-mails."""
    with world.desk.store.reading() as session:
        chosen = select(Operation).where(Operation.kind == OperationKind.RECEIPT)
        return list(session.exec(chosen).all())


def charge(world: World) -> dict[str, Any]:
    """The only one at Stripe."""
    (found,) = world.successful_charges()
    return found


def test_stripe_gets_the_address_once(world: World) -> None:
    """A double click is one; another press sends again. The status stays."""
    payment = paid(world)
    world.sandbox.clear_requests()
    press = str(uuid4())
    assert send(world, payment, press, f" {ADDRESS} ")
    assert send(world, payment, press)
    assert world.calls() == [("POST", f"/v1/payment_intents/{payment.payment_intent_id}")]
    assert charge(world)["receipt_email"] == ADDRESS
    assert charge(world)["receipt_number"]
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED
    world.sandbox.clear_requests()
    assert send(world, payment)
    assert len(world.calls()) == 1
    assert {one.state for one in operations(world)} == {OperationState.DONE}


def test_the_operation_is_committed_before_stripe_hears_of_it(world: World) -> None:
    """With its key, and in no slot that a refund would need."""
    payment = paid(world)
    seen: list[tuple[str, str | None]] = []
    real = world.desk.gateway.email_receipt

    def watched(payment_intent_id: str, email: str, idempotency_key: str) -> Any:
        seen.extend((one.state, one.open_slot) for one in operations(world))
        assert [one.idempotency_key for one in operations(world)] == [idempotency_key]
        return real(payment_intent_id, email, idempotency_key)

    world.desk.gateway.email_receipt = watched  # type: ignore[method-assign]
    send(world, payment)
    assert seen == [(OperationState.OPEN, None)]


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_500"])
def test_without_an_answer_nobody_waits(world: World, fault: str) -> None:
    """It is abandoned and said to be unknown; the payment can be refunded at once."""
    payment = paid(world)
    world.sandbox.faults.add(fault, path="/v1/payment_intents/*", times=BOTH_TRIES)
    assert not send(world, payment)
    (operation,) = operations(world)
    assert (operation.state, operation.open_slot) == (OperationState.ABANDONED, None)
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED
    refund_payment(world.desk, SUPERVISOR, payment.payment_id, 1_000, "duplicate", str(uuid4()))
    assert len(world.refunds()) == 1
    told = payment_details(world.desk.store, ANALYST, payment.payment_id, now=world.desk.now())
    titles = [entry.title for entry in told.timeline]
    assert "Receipt email abandoned without an answer from Stripe" in titles
    assert send(world, payment)


def test_what_a_crash_leaves_open_is_abandoned_by_recovery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not while the request may still run; a payment's own open operation is left alone."""
    payment = paid(world)

    def dies(*_: object) -> Any:
        raise Killed

    monkeypatch.setattr(world.desk.gateway, "email_receipt", dies)
    with pytest.raises(Killed):
        send(world, payment)
    recover_all(world.desk, None)
    assert [one.state for one in operations(world)] == [OperationState.OPEN]
    world.clock.advance(minutes=1)
    recover_all(world.desk, None)
    (operation,) = operations(world)
    assert operation.state == OperationState.ABANDONED
    assert operation.finished_at is not None


def test_what_stripe_refuses_has_ended(world: World) -> None:
    """The reason is the person's to read."""
    payment = paid(world)
    with world.desk.store.transaction() as session:
        row = session.get(Payment, payment.payment_id)
        assert row is not None
        row.stripe_payment_intent_id = "pi_gone"
        session.add(row)
    with pytest.raises(RequestRefused):
        send(world, payment)
    assert [one.state for one in operations(world)] == [OperationState.REFUSED]


def test_the_address_is_kept_nowhere_here(world: World) -> None:
    """Operations and the audit log are never erased."""
    payment = paid(world)
    send(world, payment)
    with world.desk.store.reading() as session:
        entries = session.exec(select(AuditEntry)).all()
    assert [one.act for one in entries].count("payment.receipt_email") == 1
    kept = [*(one.request for one in operations(world)), *(one.after for one in entries)]
    assert ADDRESS not in str(kept)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("", InvalidInput),
        ("nobody", InvalidInput),
        ("4242424242424242@example.com", CardDataRefused),
    ],
    ids=["none", "no address", "a card number"],
)
def test_what_is_no_address_is_refused(world: World, address: str, error: type[Exception]) -> None:
    """Before Stripe hears of it."""
    payment = paid(world)
    world.sandbox.clear_requests()
    with pytest.raises(error):
        send(world, payment, address=address)
    assert (world.calls(), operations(world)) == ([], [])


def test_only_a_paid_payment_that_one_may_see_has_a_receipt(world: World) -> None:
    """And only some may have it sent."""
    payment = world.created()
    with pytest.raises(NoReceipt):
        send(world, payment)
    world.pay(payment)
    with pytest.raises(NotAllowed):
        email_receipt(world.desk, ANALYST, payment.payment_id, ADDRESS, str(uuid4()))
    with pytest.raises(PaymentNotFound):
        email_receipt(world.desk, AGENT, str(uuid4()), ADDRESS, str(uuid4()))
