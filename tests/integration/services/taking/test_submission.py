"""Presses that no card form of ours makes: they charge nothing, harm nothing, and are audited."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.errors import CardpayError
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import AuditEntry, Operation, PaymentAttempt
from tests.support.desks.worlds import AGENT, DECLINED, VISA, World

pytestmark = pytest.mark.one_database

REFUSED = "payment.attempt.refused"
Forged = tuple[str, str]  # the ids of a PaymentMethod and of a submission


def _malformed(payment_method_id: str, submission_id: str = "") -> Callable[[World], Forged]:
    return lambda _world: (payment_method_id, submission_id or str(uuid4()))


def _used(number: str) -> Callable[[World], Forged]:
    def forge(world: World) -> Forged:
        card = world.card(number)
        other = world.created(order_reference="SO-9")
        confirm_payment(world.desk, AGENT, other.payment_id, card, str(uuid4()))
        return card, str(uuid4())

    return forge


def _used_elsewhere(world: World) -> Forged:
    """The desk has not heard of it, so that Stripe alone can tell."""
    card = world.card()
    world.elsewhere(payment_method=card)
    return card, str(uuid4())


def _other_submission(world: World) -> Forged:
    submission = str(uuid4())
    other = world.created(order_reference="SO-9")
    confirm_payment(world.desk, AGENT, other.payment_id, world.card(), submission)
    return world.card(), submission


# What is forged, the reason in the audit log, and whether Stripe has to be asked.
FORGED = [
    pytest.param(
        lambda world: (world.saved_card(), str(uuid4())),
        "parameter_missing",
        True,
        id="a customer's saved card",
    ),
    pytest.param(_used(VISA), "a PaymentMethod that was tried before", False, id="charged before"),
    pytest.param(
        _used(DECLINED), "a PaymentMethod that was tried before", False, id="declined before"
    ),
    pytest.param(_used_elsewhere, None, True, id="charged elsewhere"),
    pytest.param(_malformed("pm_1Unknown"), "resource_missing", True, id="no PaymentMethod"),
    pytest.param(
        _other_submission, "another payment's submission", False, id="another payment's submission"
    ),
    pytest.param(_malformed("tok_visa"), "no PaymentMethod's id", False, id="a token"),
    pytest.param(_malformed(""), "no PaymentMethod's id", False, id="nothing"),
    pytest.param(_malformed("pm_" + "1" * 251), "no PaymentMethod's id", False, id="too long"),
    pytest.param(
        _malformed("pm_1/../../refunds"), "no PaymentMethod's id", False, id="another path"
    ),
    pytest.param(_malformed("pm_1\n"), "no PaymentMethod's id", False, id="a line break"),
    pytest.param(_malformed("pm_1'; --"), "no PaymentMethod's id", False, id="a statement"),
    pytest.param(_malformed("pm_١"), "no PaymentMethod's id", False, id="another script"),
    pytest.param(_malformed(VISA), "no PaymentMethod's id", False, id="a card number"),
    pytest.param(
        _malformed(f"pm_{VISA}"),
        "a card number for a PaymentMethod's id",
        False,
        id="a card number in an id",
    ),
    pytest.param(_malformed("pm_1Good", VISA), "no submission's id", False, id="another number"),
    pytest.param(_malformed("pm_1Good", "1"), "no submission's id", False, id="no submission"),
]


def entries(world: World, act: str) -> list[AuditEntry]:
    """The audit log's entries of an act."""
    with world.desk.store.reading() as session:
        return list(session.exec(select(AuditEntry).where(AuditEntry.act == act)).all())


def attempts(world: World, payment: PaymentView) -> list[PaymentAttempt]:
    """The payment's rows."""
    with world.desk.store.reading() as session:
        query = select(PaymentAttempt).where(PaymentAttempt.payment_id == payment.payment_id)
        return list(session.exec(query).all())


@pytest.mark.parametrize(("forge", "reason", "asks_stripe"), FORGED)
def test_a_forged_press_does_nothing_but_an_audit_entry(
    world: World, forge: Callable[[World], Forged], reason: str | None, asks_stripe: bool
) -> None:
    """Nothing is charged, and the caller pays with a card of their own afterwards."""
    payment = world.created()
    card, submission = forge(world)
    charged = len(world.successful_charges())
    world.sandbox.clear_requests()
    with pytest.raises(CardpayError, match="No money has moved"):
        confirm_payment(world.desk, AGENT, payment.payment_id, card, submission)
    assert bool(world.calls()) == asks_stripe
    (entry,) = entries(world, REFUSED)
    assert (entry.actor_id, entry.subject_id) == ("agent-1", payment.payment_id)
    assert entry.after.get("reason", entry.after.get("code")) == reason
    after = world.now_is(payment)
    assert after.display is DisplayStatus.AWAITING_CARD
    assert after.can_pay
    assert len(world.successful_charges()) == charged
    assert world.pay(payment).payment.display is DisplayStatus.SUCCEEDED
    assert len(world.successful_charges()) == charged + 1


@pytest.mark.parametrize("number", [VISA, DECLINED], ids=["after a charge", "after a decline"])
@pytest.mark.parametrize("card", ["the same card", "another card"])
def test_a_replayed_submission_is_one_attempt(world: World, number: str, card: str) -> None:
    """Whatever it says the second time, nothing is asked of Stripe and nothing changes."""
    payment = world.created()
    first, submission = world.card(number), str(uuid4())
    before = confirm_payment(world.desk, AGENT, payment.payment_id, first, submission).payment
    second = first if card == "the same card" else world.card()
    world.sandbox.clear_requests()
    after = confirm_payment(world.desk, AGENT, payment.payment_id, second, submission).payment
    assert (after.display, after.attempts) == (before.display, before.attempts)
    assert world.calls() == []
    assert len(attempts(world, payment)) == 1
    assert len(world.successful_charges()) == (number == VISA)
    (entry,) = entries(world, "payment.attempt.replayed")
    assert (entry.actor_id, entry.subject_id) == ("agent-1", payment.payment_id)


def test_a_payment_that_there_is_not(world: World) -> None:
    """Its id is not repeated in the audit log: it may be anything."""
    with pytest.raises(CardpayError):
        confirm_payment(world.desk, AGENT, VISA, "tok_visa", str(uuid4()))
    assert [entry.subject_id for entry in entries(world, REFUSED)] == ["unknown"]
    with pytest.raises(CardpayError, match="Payment not found"):
        confirm_payment(world.desk, AGENT, VISA, world.card(), str(uuid4()))


def test_what_was_forged_is_nowhere(world: World) -> None:
    """Neither in a row of an attempt nor in an operation's request."""
    payment = world.created()
    for forged in (VISA, f"pm_{VISA}"):
        with pytest.raises(CardpayError):
            confirm_payment(world.desk, AGENT, payment.payment_id, forged, str(uuid4()))
    with world.desk.store.reading() as session:
        rows = [*session.exec(select(Operation)), *session.exec(select(AuditEntry))]
    assert VISA not in "".join(str(row) for row in rows)
    assert attempts(world, payment) == []
