"""Capturing what a card was authorised for: once, and never behind anyone's back."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import PERMISSIONS, Permission, Role
from cardpay.domain.errors import (
    CardpayError,
    HoldExpired,
    InvalidInput,
    NotAllowed,
    PaymentBusy,
    PaymentNotFound,
)
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus, WrongState
from cardpay.domain.payment.status import CancellationCause
from cardpay.gateway.errors import RequestRefused
from cardpay.services.after_payment.captures import capture_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.services.taking.refresh_payment import refresh_payment
from cardpay.storage.schema.tables import BalanceTransaction, Payment
from tests.support.desks.worlds import AGENT, DECLINED, SUPERVISOR, World, draft

pytestmark = pytest.mark.one_database

BOTH_TRIES = 2  # the SDK sends a write twice before it gives up


def _held(world: World, **fields: object) -> PaymentView:
    payment = world.created(hold=True, **fields)
    held = world.pay(payment).payment
    assert held.display is DisplayStatus.AUTHORISED
    return held


def _capture(
    world: World, payment: PaymentView, amount_minor: int | None = None, press: str = ""
) -> PaymentView:
    return capture_payment(
        world.desk, SUPERVISOR, payment.payment_id, amount_minor, press or str(uuid4())
    )


def _taken_minor(world: World) -> list[object]:
    return [charge["amount_captured"] for charge in world.successful_charges()]


@pytest.mark.parametrize(("amount_minor", "taken"), [(None, 12_000), (5_000, 5_000)])
def test_a_hold_becomes_a_payment(world: World, amount_minor: int | None, taken: int) -> None:
    """All of it, or less: then the rest goes back by itself."""
    captured = _capture(world, _held(world), amount_minor)
    assert captured.display is DisplayStatus.SUCCEEDED
    assert captured.attempts[-1].outcome is AttemptOutcome.SUCCEEDED
    assert _taken_minor(world) == [taken]


def test_a_hold_is_paid_when_it_is_captured(world: World) -> None:
    """Not when it was held; to the second that the balance has, once that is known."""
    held = _held(world)
    world.clock.advance(days=3)
    pressed_at = world.clock.now()
    captured = _capture(world, held)
    assert captured.succeeded_at is not None
    assert captured.succeeded_at > pressed_at
    world.clock.advance(seconds=20)
    world.sandbox.run_due()
    world.tell()
    with world.desk.store.reading() as session:
        booked = session.exec(select(BalanceTransaction)).one()
        payment = session.get_one(Payment, held.payment_id)
        assert payment.succeeded_at == booked.created_at > pressed_at


def test_a_double_click_captures_once(world: World) -> None:
    """The second press is the first one's, and sends nothing."""
    held = _held(world)
    press = str(uuid4())
    _capture(world, held, 5_000, press)
    world.sandbox.clear_requests()
    assert _capture(world, held, 5_000, press).display is DisplayStatus.SUCCEEDED
    assert world.calls() == []


def test_two_people_at_once_capture_once(world: World) -> None:
    """The database decides who was first."""
    held = _held(world)

    def press(_: int) -> str:
        try:
            return _capture(world, held).display
        except CardpayError as refused:
            return type(refused).__name__

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))
    assert answers.count("Succeeded") == 1
    assert set(answers) <= {"Succeeded", "PaymentBusy", "WrongState"}
    sent = [path for method, path in world.calls() if path.endswith("/capture")]
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("amount_minor", "problem"),
    [
        (12_001, "Amount must be £120.00 or less"),
        (0, "Amount must be more than zero"),
        (-5, "Amount must be more than zero"),
    ],
)
def test_an_amount_that_cannot_be(world: World, amount_minor: int, problem: str) -> None:
    """Refused before Stripe hears of it."""
    held = _held(world)
    world.sandbox.clear_requests()
    with pytest.raises(InvalidInput) as refused:
        _capture(world, held, amount_minor)
    assert refused.value.sentence == problem
    assert world.calls() == []


def test_an_amount_that_its_currency_cannot_have(world: World) -> None:
    """Kuwait's last digit is 0."""
    held = _held(world, product_id="inspection")
    with pytest.raises(InvalidInput, match="must be a multiple of"):
        _capture(world, held, 45_499)


def test_only_a_hold_can_be_captured(world: World) -> None:
    """What is unpaid, declined or paid is not."""
    payment = world.created()
    with pytest.raises(WrongState, match="has not been paid yet, so it can't be captured"):
        _capture(world, payment)
    world.pay(payment, DECLINED)
    with pytest.raises(WrongState, match="was declined, so it can't be captured"):
        _capture(world, payment)
    world.pay(payment)
    with pytest.raises(WrongState, match="already paid"):
        _capture(world, payment)


def test_a_hold_that_has_run_out(world: World) -> None:
    """Stripe said until when it lasts."""
    held = _held(world)
    world.clock.advance(days=8)
    with pytest.raises(HoldExpired, match="has expired"):
        _capture(world, held)


def test_who_may(world: World) -> None:
    """A supervisor; and a payment that is not there is nobody's."""
    held = _held(world)
    with pytest.raises(NotAllowed, match="capture payments"):
        capture_payment(world.desk, AGENT, held.payment_id, None, str(uuid4()))
    with pytest.raises(PaymentNotFound):
        capture_payment(world.desk, SUPERVISOR, "nothing", None, str(uuid4()))


def test_while_the_first_is_unknown_there_is_no_second(world: World) -> None:
    """Neither a capture nor a cancel."""
    held = _held(world)
    world.sandbox.faults.add("timeout_after", path="*/capture", times=BOTH_TRIES)
    assert _capture(world, held).display is DisplayStatus.CHECKING
    with pytest.raises(PaymentBusy):
        _capture(world, held)


def test_stripe_refuses(world: World) -> None:
    """The hold was cancelled elsewhere: its reason is told, and the truth taken."""
    held = _held(world)
    world.desk.gateway.cancel_payment_intent(str(held.payment_intent_id), "elsewhere")
    with pytest.raises(RequestRefused, match="No money has moved"):
        _capture(world, held)
    now = world.now_is(held)
    assert now.display is DisplayStatus.CANCELLED
    assert now.open_operation is None


def test_a_hold_that_ran_out_says_so(world: World) -> None:
    """Stripe cancels it by itself, and nobody else is said to have done so."""
    held = _held(world)
    world.clock.advance(days=8)
    refresh_payment(world.desk, AGENT, held.payment_id)
    with world.desk.store.reading() as session:
        row = session.get_one(Payment, held.payment_id)
        assert row.status == "canceled"
        assert row.cancellation_cause == CancellationCause.HOLD_EXPIRED
    assert _taken_minor(world) == [0]


def test_who_may_hold(world: World) -> None:
    """It is a permission of its own: without it nothing is created."""
    taker = Actor("agent-2", frozenset({Role.AGENT}), "test")
    assert create_payment(world.desk, taker, draft(hold=True)).status == "requires_payment_method"
    (intent,) = world.intents()
    assert intent["capture_method"] == "manual"


def test_who_may_not_hold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may still take a payment."""
    without = PERMISSIONS[Role.AGENT] - {Permission.HOLD_PAYMENT}
    monkeypatch.setitem(PERMISSIONS, Role.AGENT, without)
    with pytest.raises(NotAllowed):
        create_payment(world.desk, AGENT, draft(hold=True))
    assert world.intents() == []
    create_payment(world.desk, AGENT, draft())
