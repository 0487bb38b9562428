"""Facts come in any order, and the newest of them stays."""

from cardpay.domain.payment import PaymentStatus
from cardpay.services.applying import Applied, apply_intent
from tests.support.worlds import AGENT, CHALLENGE, World


def test_of_overlapping_requests_the_later_begun_does_not_win(world: World) -> None:
    """Carried out first and answered last, it tells of a challenge that has failed since."""
    payment = world.created()
    taken = world.pay(payment, CHALLENGE)
    intent_id = str(taken.payment.payment_intent_id)
    first_asked_at = world.clock.now()
    second_asked_at = world.clock.now()
    old = world.desk.gateway.retrieve_payment_intent(intent_id)
    world.authenticate(taken, "fail")
    new = world.desk.gateway.retrieve_payment_intent(intent_id)
    applied = []
    for intent, asked_at in ((new, first_asked_at), (old, second_asked_at)):
        with world.desk.store.transaction() as session:
            applied.append(apply_intent(session, world.desk, AGENT, intent, asked_at=asked_at))
    assert applied == [Applied.TAKEN, Applied.STALE]
    assert world.now_is(payment).status is PaymentStatus.REQUIRES_PAYMENT_METHOD
