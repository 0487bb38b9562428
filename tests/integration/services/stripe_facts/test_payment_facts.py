"""Facts come in any order, and the newest of them stays."""

from dataclasses import replace

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.status import PaymentStatus
from cardpay.services.stripe_facts.apply_facts import Applied, apply_fact
from tests.support.desks.worlds import AGENT, CHALLENGE, DECLINED, World


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
            applied.append(apply_fact(session, world.desk, AGENT, intent, asked_at=asked_at))
    assert applied == [Applied.TAKEN, Applied.STALE]
    assert world.now_is(payment).status is PaymentStatus.REQUIRES_PAYMENT_METHOD


def test_what_stripe_says_of_an_attempt_replaces_what_was_concluded(world: World) -> None:
    """From the end of the payment it seemed that nothing was tried; it was, and declined."""
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=2)
    world.pay(payment, DECLINED)
    path = f"/v1/payment_intents/{payment.payment_intent_id}/cancel"
    world.posted(path, {})
    intent = world.desk.gateway.retrieve_payment_intent(str(payment.payment_intent_id))
    assert intent.latest_charge is not None
    bare = replace(intent, latest_charge=None, last_error=None)
    with world.desk.store.transaction() as session:
        apply_fact(session, world.desk, AGENT, bare, asked_at=None)
    assert world.now_is(payment).attempts[-1].outcome is AttemptOutcome.NOT_CHARGED
    with world.desk.store.transaction() as session:
        apply_fact(session, world.desk, AGENT, intent.latest_charge, asked_at=None)
    assert world.now_is(payment).attempts[-1].outcome is AttemptOutcome.DECLINED
