"""Confirming a payment: each card is charged at most once, and the outcome is stored."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.errors import (
    CardpayError,
    MoneyMoved,
    PaymentBusy,
)
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus, WrongState
from cardpay.domain.payment.status import PaymentStatus
from cardpay.gateway.errors import RequestRefused, SetupProblem
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.storage.schema.tables import Operation
from tests.support.desks import worlds
from tests.support.desks.worlds import AGENT, CHALLENGE, DECLINED, World

pytestmark = pytest.mark.one_database


def test_a_good_card_takes_exactly_two_calls(world: World) -> None:
    """Create and confirm are all that a happy payment asks of Stripe."""
    world.sandbox.clear_requests()
    payment = world.created()
    pm = world.card()
    paid = confirm_payment(world.desk, AGENT, payment.payment_id, pm, str(uuid4())).payment
    assert paid.display is DisplayStatus.SUCCEEDED
    assert (paid.card_brand, paid.card_last4) == ("visa", "4242")
    calls = [call for call in world.calls() if call[1] != "/v1/payment_methods"]
    assert calls == [
        ("POST", "/v1/payment_intents"),
        ("POST", f"/v1/payment_intents/{paid.payment_intent_id}/confirm"),
    ]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4000000000000002", "generic_decline"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
        ("4000000000000119", "processing_error"),
        ("4000000000006975", "card_velocity_exceeded"),
        ("4100000000000019", "fraudulent"),
    ],
)
def test_a_second_card_succeeds_on_the_same_payment_intent(
    world: World, number: str, code: str
) -> None:
    """A decline is an outcome with advice, and the same PaymentIntent takes the next card."""
    payment = world.created()
    declined = world.pay(payment, number).payment
    assert declined.display is DisplayStatus.DECLINED
    assert declined.last_attempt is not None
    assert declined.last_attempt.advice is not None
    assert declined.last_attempt.card_last4 == number[-4:]
    paid = world.pay(payment).payment
    assert paid.display is DisplayStatus.SUCCEEDED
    assert [a.outcome for a in paid.attempts] == [
        AttemptOutcome.DECLINED,
        AttemptOutcome.SUCCEEDED,
    ]
    assert len(world.intents()) == 1


def test_one_submission_charges_once(world: World) -> None:
    """The same press of the button, delivered twice, is one attempt."""
    payment = world.created()
    pm, submission = world.card(), str(uuid4())
    first = confirm_payment(world.desk, AGENT, payment.payment_id, pm, submission)
    second = confirm_payment(world.desk, AGENT, payment.payment_id, pm, submission)
    assert first.payment.display is second.payment.display is DisplayStatus.SUCCEEDED
    assert len(second.payment.attempts) == 1


def test_a_paid_payment_refuses_another_card(world: World) -> None:
    """The refusal says that the money was taken already."""
    payment = world.created()
    world.pay(payment)
    with pytest.raises(WrongState, match="already paid"):
        world.pay(payment)


def test_ten_cards_at_once_make_one_charge(world: World) -> None:
    """Ten different submissions in one instant: one is carried out, nine are refused."""
    payment = world.created()
    cards = [world.card() for _ in range(10)]

    def press(pm: str) -> str:
        try:
            done = confirm_payment(world.desk, AGENT, payment.payment_id, pm, str(uuid4()))
        except CardpayError as error:
            return type(error).__name__
        return done.payment.display

    with ThreadPoolExecutor(10) as pool:
        outcomes = sorted(pool.map(press, cards))
    assert outcomes.count("Succeeded") == 1
    assert set(outcomes) <= {"Succeeded", "PaymentBusy", "WrongState"}
    assert len(world.successful_charges()) == 1


def test_a_payment_method_cannot_be_used_again(world: World) -> None:
    """A sentence, no money moved, nothing is asked of Stripe, and the payment goes on."""
    payment = world.created()
    pm = world.card(DECLINED)
    confirm_payment(world.desk, AGENT, payment.payment_id, pm, str(uuid4()))
    world.sandbox.clear_requests()
    with pytest.raises(CardpayError, match="No money has moved"):
        confirm_payment(world.desk, AGENT, payment.payment_id, pm, str(uuid4()))
    assert world.calls() == []
    after = world.now_is(payment)
    assert after.can_pay
    assert [attempt.outcome for attempt in after.attempts] == [AttemptOutcome.DECLINED]


def test_moto_marks_the_confirm_and_skips_the_challenge(tmp_path: Path, database_url: str) -> None:
    """A telephone order is outside Strong Customer Authentication."""
    with worlds.world(tmp_path, database_url=database_url, moto=True) as world:
        paid = world.pay(world.created(), CHALLENGE).payment
        assert paid.display is DisplayStatus.SUCCEEDED


def test_an_account_without_moto_says_so_and_that_no_money_moved(
    tmp_path: Path, database_url: str
) -> None:
    """A set-up error, and the payment can still be paid once it is put right."""
    with worlds.world(tmp_path, database_url=database_url, moto=True, moto_right=False) as world:
        payment = world.created()
        with pytest.raises(SetupProblem, match="No money has moved"):
            world.pay(payment)
        assert world.now_is(payment).can_pay


def test_a_payment_in_the_open_refuses_another_card(world: World) -> None:
    """Unknown is neither success nor failure: no second charge until it is resolved."""
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=2)
    unknown = world.pay(payment).payment
    assert unknown.display is DisplayStatus.CHECKING
    with pytest.raises(PaymentBusy, match="confirming this payment with Stripe"):
        world.pay(payment)
    with pytest.raises(PaymentBusy):
        cancel_payment(world.desk, AGENT, payment.payment_id)


def test_a_refused_card_of_a_payment_that_was_taken_elsewhere(world: World) -> None:
    """The refusal says that its money has moved already."""
    payment = world.created()
    path = f"/v1/payment_intents/{payment.payment_intent_id}/confirm"
    world.posted(path, {"payment_method": world.card()})
    with pytest.raises(RequestRefused) as refused:
        world.pay(payment)
    assert refused.value.money is MoneyMoved.YES
    assert "This payment has already been taken." in refused.value.sentence
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED


def test_every_write_is_an_operation_with_its_own_key(world: World) -> None:
    """Keys come from committed rows."""
    payment = world.created()
    world.pay(payment, DECLINED)
    cancel_payment(world.desk, AGENT, payment.payment_id)
    with world.desk.store.reading() as session:
        rows = session.exec(select(Operation)).all()
    assert sorted(row.kind for row in rows) == ["cancel", "confirm", "create"]
    assert {row.state for row in rows} == {"done"}
    sent = {made.idempotency_key for made in world.sandbox.requests if made.idempotency_key}
    assert sent == {row.idempotency_key for row in rows}


def test_status_is_stripes_own(world: World) -> None:
    """What is stored is what Stripe says."""
    payment = world.created()
    assert payment.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    world.pay(payment)
    assert world.now_is(payment).status == world.intents()[0]["status"]
