"""Resolving what is unknown, without charging behind anyone's back."""

from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.after_payment.captures import capture_payment
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import Operation
from tests.support.desks.worlds import AGENT, CHALLENGE, SUPERVISOR, World

pytestmark = pytest.mark.one_database

BOTH_TRIES = 2  # the SDK sends a write twice before it gives up

UNKNOWN_AFTER = [
    pytest.param("timeout_before", False, id="timeout before executing"),
    pytest.param("timeout_after", True, id="timeout after executing"),
    pytest.param("drop_before", False, id="dropped before executing"),
    pytest.param("drop_after", True, id="dropped after executing"),
    pytest.param("conflict", False, id="409"),
    pytest.param("rate_limit", False, id="429"),
    pytest.param("error_500", False, id="saved 500"),
]


def _watched(world: World, payment: PaymentView, seconds: int = 40) -> PaymentView:
    """The page stays open: its fragment looks again and again."""
    for _ in range(seconds // 4):
        world.clock.advance(seconds=4)
        seen = recover_payment(world.desk, payment.payment_id, page_is_watched=True)
        if seen.open_operation is None:
            return seen
    return world.now_is(payment)


def _alone(world: World, payment: PaymentView) -> PaymentView:
    """Nobody watches: the recovery task comes much later, and again until all is done."""
    world.clock.advance(minutes=5)
    for _ in range(4):
        world.clock.advance(minutes=1)
        recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    return world.now_is(payment)


@pytest.mark.parametrize(("fault", "_executed"), UNKNOWN_AFTER)
def test_a_watched_confirm_ends_in_one_charge(world: World, fault: str, _executed: bool) -> None:
    """Within two minutes the same key brings the answer, or Stripe is asked."""
    payment = world.created()
    world.sandbox.faults.add(fault, path="*/confirm", times=BOTH_TRIES, executed=True)
    assert world.pay(payment).payment.display is DisplayStatus.CHECKING
    assert _watched(world, payment).display is DisplayStatus.SUCCEEDED
    assert len(world.successful_charges()) == 1


@pytest.mark.parametrize(("fault", "executed"), UNKNOWN_AFTER)
def test_a_confirm_that_nobody_watches_is_never_sent_again(
    world: World, fault: str, executed: bool
) -> None:
    """Stripe is asked: what was charged is applied, what was not is fenced off."""
    payment = world.created()
    world.sandbox.faults.add(fault, path="*/confirm", times=BOTH_TRIES)
    world.pay(payment)
    world.sandbox.clear_requests()
    after = _alone(world, payment)
    assert not [path for _, path in world.calls() if path.endswith("/confirm")]
    expected = DisplayStatus.SUCCEEDED if executed else DisplayStatus.NOT_CHARGED
    assert after.display is expected
    assert len(world.successful_charges()) == int(executed)
    assert after.open_operation is None


def test_nothing_charges_after_not_charged(world: World) -> None:
    """The fence: a confirm that arrives late finds a cancelled PaymentIntent."""
    payment = world.created()
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=BOTH_TRIES)
    taken = world.pay(payment)
    assert _alone(world, payment).display is DisplayStatus.NOT_CHARGED
    late = world.sandbox.handle(
        "POST",
        f"/v1/payment_intents/{taken.payment.payment_intent_id}/confirm",
        {"Authorization": f"Bearer {world.sandbox.secret_key}"},
        f"payment_method={world.card()}".encode(),
    )
    assert late.status == 400
    assert world.successful_charges() == []


def test_a_decline_behind_a_timeout_is_told_as_a_decline(world: World) -> None:
    """The attempt gets its own outcome, and another card may be tried."""
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=BOTH_TRIES)
    world.pay(payment, "4000000000009995")
    after = _alone(world, payment)
    assert after.display is DisplayStatus.DECLINED
    assert after.attempts[-1].outcome is AttemptOutcome.DECLINED
    assert after.can_pay


@pytest.mark.parametrize(("fault", "_executed"), UNKNOWN_AFTER)
def test_a_watched_create_ends_in_one_payment_intent(
    world: World, fault: str, _executed: bool
) -> None:
    """The caller goes on to the card, on the only PaymentIntent there is."""
    world.sandbox.faults.add(fault, path="/v1/payment_intents", times=BOTH_TRIES, executed=True)
    payment = world.created()
    assert payment.display is DisplayStatus.CHECKING
    assert _watched(world, payment).display is DisplayStatus.AWAITING_CARD
    assert len(world.intents()) == 1


@pytest.mark.parametrize(("fault", "executed"), UNKNOWN_AFTER)
def test_a_create_that_nobody_watches_leaves_no_orphan(
    world: World, fault: str, executed: bool
) -> None:
    """What was made is found by its metadata and cancelled: it moved no money."""
    world.sandbox.faults.add(fault, path="/v1/payment_intents", times=BOTH_TRIES)
    payment = world.created()
    after = _alone(world, payment)
    assert after.display is DisplayStatus.NOT_CHARGED
    assert [intent["status"] for intent in world.intents()] == ["canceled"] * int(executed)
    assert world.created(order_reference="SO-1").display is DisplayStatus.AWAITING_CARD


def test_a_create_is_left_to_whoever_may_watch_it(world: World) -> None:
    """The recovery task comes while the agent waits with the caller: it cancels nothing yet."""
    world.sandbox.faults.add("timeout_after", path="/v1/payment_intents", times=BOTH_TRIES)
    payment = world.created()
    world.clock.advance(seconds=31)
    seen = recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    assert seen.display is DisplayStatus.CHECKING
    assert _watched(world, payment).display is DisplayStatus.AWAITING_CARD
    assert world.pay(payment).payment.display is DisplayStatus.SUCCEEDED


@pytest.mark.parametrize(("fault", "_executed"), UNKNOWN_AFTER)
def test_a_cancel_always_ends_cancelled(world: World, fault: str, _executed: bool) -> None:
    """A cancel moves no money, so recovery finishes it without a person."""
    payment = world.created()
    world.sandbox.faults.add(fault, path="*/cancel", times=BOTH_TRIES)
    assert cancel_payment(world.desk, AGENT, payment.payment_id).display is DisplayStatus.CHECKING
    assert _alone(world, payment).display is DisplayStatus.CANCELLED
    assert world.intents()[0]["status"] == "canceled"


def _ends(world: World) -> dict[str, str]:
    """How the operations ended, by what they asked for."""
    with world.desk.store.reading() as session:
        return {row.kind: row.state for row in session.exec(select(Operation))}


def test_a_cancel_of_what_was_paid_meanwhile_is_given_up(world: World) -> None:
    """It did not happen, so it is not done: the cardholder authenticated before it ran."""
    taken = world.pay(world.created(), CHALLENGE)
    world.sandbox.faults.add("error_500", path="*/cancel", times=BOTH_TRIES)
    cancel_payment(world.desk, AGENT, taken.payment.payment_id)
    world.authenticate(taken, "complete")
    assert _alone(world, taken.payment).display is DisplayStatus.SUCCEEDED
    assert _ends(world) == {"create": "done", "confirm": "done", "cancel": "abandoned"}


@pytest.mark.parametrize(
    ("captured", "end"),
    [
        pytest.param(False, "abandoned", id="hold cancelled elsewhere"),
        pytest.param(True, "done", id="captured"),
    ],
)
def test_a_capture_is_done_only_if_it_was_captured(world: World, captured: bool, end: str) -> None:
    """A hold that is gone ends the capture, which did not happen."""
    payment = world.pay(world.created(hold=True)).payment
    fault = "timeout_after" if captured else "timeout_before"
    world.sandbox.faults.add(fault, path="*/capture", times=BOTH_TRIES)
    capture_payment(world.desk, SUPERVISOR, payment.payment_id, None, str(uuid4()))
    if not captured:
        world.desk.gateway.cancel_payment_intent(str(payment.payment_intent_id), "elsewhere")
    after = _alone(world, payment)
    assert after.open_operation is None
    assert after.display is (DisplayStatus.SUCCEEDED if captured else DisplayStatus.CANCELLED)
    assert _ends(world) == {"create": "done", "confirm": "done", "capture": end}


def test_an_outage_resolves_when_stripe_is_back(world: World) -> None:
    """While Stripe is silent the payment stays unknown, and then the truth comes."""
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=BOTH_TRIES)
    world.pay(payment)
    world.sandbox.faults.add("drop_before", path="*", times=12)
    world.clock.advance(minutes=5)
    still = recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    assert still.display is DisplayStatus.CHECKING
    assert _alone(world, payment).display is DisplayStatus.SUCCEEDED


def test_a_request_on_its_way_is_left_alone(world: World) -> None:
    """Two windows on one payment do not both replay."""
    payment = world.created()
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=BOTH_TRIES)
    confirm_payment(world.desk, AGENT, payment.payment_id, world.card(), str(uuid4()))
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=BOTH_TRIES)
    world.clock.advance(seconds=4)
    world.sandbox.clear_requests()
    recover_payment(world.desk, payment.payment_id, page_is_watched=True)
    sent = len(world.calls())
    recover_payment(world.desk, payment.payment_id, page_is_watched=True)
    assert len(world.calls()) == sent
