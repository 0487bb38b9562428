"""A cardholder who has to authenticate: completed, failed or abandoned."""

import pytest

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.refresh_payment import refresh_payment
from tests.support.desks.worlds import AGENT, CHALLENGE, World

pytestmark = pytest.mark.one_database


def test_authentication_completed_adds_one_retrieve(world: World) -> None:
    """The client_secret goes out only while a challenge waits."""
    payment = world.created()
    taken = world.pay(payment, CHALLENGE)
    assert taken.payment.display is DisplayStatus.NEEDS_AUTHENTICATION
    world.authenticate(taken, "complete")
    world.sandbox.clear_requests()
    done = refresh_payment(world.desk, AGENT, payment.payment_id)
    assert done.payment.display is DisplayStatus.SUCCEEDED
    assert done.authentication is None
    assert len(world.calls()) == 1


@pytest.mark.parametrize("outcome", ["fail", "cancel"])
def test_authentication_not_completed_returns_to_another_card(world: World, outcome: str) -> None:
    """A failed or closed challenge moved no money."""
    payment = world.created()
    world.authenticate(world.pay(payment, CHALLENGE), outcome)
    back = refresh_payment(world.desk, AGENT, payment.payment_id).payment
    assert back.display is DisplayStatus.DECLINED
    assert back.can_pay
    assert world.pay(payment).payment.display is DisplayStatus.SUCCEEDED
    assert len(world.successful_charges()) == 1


def test_an_abandoned_challenge_can_be_continued_or_cancelled(world: World) -> None:
    """A tab killed in mid-dialog leaves requires_action: both ways out are open."""
    payment = world.created()
    world.pay(payment, CHALLENGE)
    again = refresh_payment(world.desk, AGENT, payment.payment_id)
    assert again.authentication is not None
    assert cancel_payment(world.desk, AGENT, payment.payment_id).display is DisplayStatus.CANCELLED
    assert world.intents()[0]["status"] == "canceled"
