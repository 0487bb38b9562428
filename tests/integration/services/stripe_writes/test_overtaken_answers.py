"""Answers to a confirm that something newer has overtaken."""

from collections.abc import Mapping
from dataclasses import replace

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.gateway.in_process_http_client import Reply
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.stripe_writes.store_outcome import retrieve_and_apply
from cardpay.services.taking.three_d_secure import Authentication
from tests.support.desks.worlds import AGENT, CHALLENGE, World


def test_an_overtaken_answer_leaves_the_operation_open(world: World) -> None:
    """Until Stripe has been asked which was the later: it is no "Awaiting card" meanwhile."""
    payment = world.created(hold=True)

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if target.endswith("/confirm"):
            retrieve_and_apply(world.desk, AGENT, str(payment.payment_intent_id))
        elif method == "GET":
            raise TimeoutError("no answer came in time")
        return world.sandbox.handle(method, target, headers, body)

    gateway = StripeGateway(world.sandbox.secret_key, send=send)
    overtaken = replace(world, desk=replace(world.desk, gateway=gateway))
    assert overtaken.pay(payment).payment.display is DisplayStatus.CHECKING
    world.clock.advance(minutes=5)
    seen = recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    assert seen.display is DisplayStatus.AUTHORISED
    assert seen.open_operation is None


def test_a_repeated_send_brings_an_old_answer(world: World) -> None:
    """Stripe repeats what it saved under the key, whatever has happened since."""
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=2)
    taken = world.pay(payment, CHALLENGE)
    assert taken.payment.display is DisplayStatus.CHECKING
    intent_id = str(payment.payment_intent_id)
    secret = world.desk.gateway.retrieve_payment_intent(intent_id).client_secret
    assert secret is not None
    challenge = Authentication(payment.payment_id, secret)
    world.authenticate(replace(taken, authentication=challenge), "fail")
    retrieve_and_apply(world.desk, AGENT, intent_id)
    world.clock.advance(seconds=50)
    seen = recover_payment(world.desk, payment.payment_id, page_is_watched=True)
    assert seen.open_operation is None
    assert seen.display is DisplayStatus.DECLINED
