"""A capture or cancellation that something else overtook: what the page says of the money."""

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.payment.display_status import DisplayStatus
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import CHALLENGE, SUPERVISOR, World
from tests.support.screens.payment_action_screens import CANCEL, CAPTURE, opened, press, told

BOTH_TRIES = 2  # the SDK sends a write twice before it gives up


@pytest.fixture
def screen(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page as a supervisor sees it."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: SUPERVISOR)
    return page_of("payment.py")


def held(world: World) -> str:
    """£120 authorised."""
    return world.pay(world.created(hold=True)).payment.payment_id


TOO_LATE = "Not cancelled: the payment had already succeeded. £120.00 taken from Visa •••• 3155."
NOT_TAKEN = "Not captured: the payment was cancelled. No money has moved."


def test_a_cancel_that_came_too_late(world: World, screen: AppTest) -> None:
    """The cardholder authenticated meanwhile: nobody is told that nothing can be charged."""
    taken = world.pay(world.created(), CHALLENGE)
    opened(screen, taken.payment.payment_id)
    world.sandbox.faults.add("error_500", path="*/cancel", times=BOTH_TRIES)
    press(screen, CANCEL)
    world.authenticate(taken, "complete")
    world.clock.advance(minutes=1)
    screen.run()
    assert not screen.exception
    assert world.now_is(taken.payment).display is DisplayStatus.SUCCEEDED
    assert told(screen) == TOO_LATE


def test_a_capture_of_a_hold_that_is_gone(world: World, screen: AppTest) -> None:
    """It got no answer, and the hold was cancelled elsewhere: nothing is said to be taken."""
    payment_id = held(world)
    opened(screen, payment_id)
    world.sandbox.faults.add("timeout_before", path="*/capture", times=BOTH_TRIES)
    press(screen, CAPTURE)
    world.desk.gateway.cancel_payment_intent(world.intents()[0]["id"], "elsewhere")
    world.clock.advance(minutes=1)
    screen.run()
    assert not screen.exception
    assert told(screen) == NOT_TAKEN
    assert world.successful_charges()[0]["captured"] is False


def test_a_capture_is_told_with_what_was_taken(world: World, screen: AppTest) -> None:
    """It got no answer, and part of the hold was captured elsewhere: that part is named."""
    payment_id = held(world)
    opened(screen, payment_id)
    world.sandbox.faults.add("timeout_before", path="*/capture", times=BOTH_TRIES)
    press(screen, CAPTURE)
    world.desk.gateway.capture_payment_intent(world.intents()[0]["id"], 4_000, "elsewhere")
    world.clock.advance(minutes=1)
    screen.run()
    assert not screen.exception
    part = "Captured £40.00 of £120.00 from Visa •••• 4242. The rest, £80.00, was released."
    assert told(screen) == part


def test_stripe_refuses_to_cancel_what_was_captured_elsewhere(
    world: World, screen: AppTest
) -> None:
    """Its money has moved, and nobody is told that it has not."""
    opened(screen, held(world))
    world.desk.gateway.capture_payment_intent(world.intents()[0]["id"], 12_000, "elsewhere")
    press(screen, CANCEL)
    words = "Stripe refused the cancellation. This payment has already been taken."
    assert words in told(screen)
    assert "No money has moved" not in told(screen)
