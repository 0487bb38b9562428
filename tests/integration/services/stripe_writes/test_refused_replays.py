"""A request that is sent again and turned away: that says nothing of what it did before."""

from dataclasses import replace

import pytest
from sqlmodel import select

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.gateway.errors import RequestRefused
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.desk import Desk
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.stripe_writes.store_outcome import retrieve_and_apply
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_view import PaymentView, view
from cardpay.storage.schema.tables import Operation, PaymentAttempt
from tests.support.desks.worlds import AGENT, World, draft

pytestmark = pytest.mark.one_database

BOTH_TRIES = 2  # the SDK sends a write twice before it gives up


def _charged_unheard(world: World) -> PaymentView:
    """A confirm that was executed, and whose answer never came."""
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=BOTH_TRIES)
    assert world.pay(payment).payment.display is DisplayStatus.CHECKING
    assert len(world.successful_charges()) == 1
    world.clock.advance(seconds=31)
    return payment


def _keyless(world: World) -> Desk:
    """The desk with a key that Stripe does not know: HTTP 401."""
    gateway = StripeGateway("unknown", send=world.sandbox.handle)
    return replace(world.desk, gateway=gateway)


def _watched(world: World, payment: PaymentView) -> PaymentView:
    seen = world.now_is(payment)
    for _ in range(3):
        world.clock.advance(seconds=31)
        seen = recover_payment(world.desk, payment.payment_id, page_is_watched=True)
    return seen


def test_its_parameters_have_changed(world: World) -> None:
    """Stripe refuses the key, as after a deploy: the desk looks, and finds the charge."""
    payment = _charged_unheard(world)
    with world.desk.store.transaction() as session:
        row = session.exec(select(Operation).where(Operation.kind == "confirm")).one()
        row.request = {**row.request, "moto": True}
        session.add(row)
    seen = recover_payment(world.desk, payment.payment_id, page_is_watched=True)
    assert seen.display is DisplayStatus.CHECKING
    assert _watched(world, payment).display is DisplayStatus.SUCCEEDED
    assert len(world.successful_charges()) == 1


def test_the_key_is_not_let_in(world: World) -> None:
    """It is sent again, with its idempotency key, once the desk has the right key."""
    payment = _charged_unheard(world)
    seen = recover_payment(_keyless(world), payment.payment_id, page_is_watched=True)
    assert seen.display is DisplayStatus.CHECKING
    seen = _watched(world, payment)
    assert seen.display is DisplayStatus.SUCCEEDED
    assert seen.attempts[-1].outcome is AttemptOutcome.SUCCEEDED
    assert len(world.successful_charges()) == 1


def test_the_first_send_is_not_let_in(world: World) -> None:
    """Nothing ran, and the desk says so."""
    new = draft()
    with pytest.raises(RequestRefused):
        create_payment(_keyless(world), AGENT, new)
    assert view(world.desk, new.payment_id).display is DisplayStatus.NOT_CHARGED
    assert world.intents() == []


def test_a_charge_shows_that_a_refused_attempt_ran(world: World) -> None:
    """The truth replaces the refusal, and its reason with it."""
    payment = _charged_unheard(world)
    with world.desk.store.transaction() as session:
        row = session.exec(select(PaymentAttempt)).one()
        row.outcome = AttemptOutcome.REFUSED
        row.failure_code = "parameter_unknown"
        session.add(row)
    retrieve_and_apply(world.desk, AGENT, str(payment.payment_intent_id))
    (attempt,) = world.now_is(payment).attempts
    assert attempt.outcome is AttemptOutcome.SUCCEEDED
    with world.desk.store.reading() as session:
        assert session.exec(select(PaymentAttempt)).one().failure_code is None
