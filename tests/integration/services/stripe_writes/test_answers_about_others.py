"""Answers to a write that are about another payment: the outcome is unknown, and asked for."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.sandbox.http.request_handler import Reply
from cardpay.services.recovery.recover_payment import recover_payment
from tests.support.desks.worlds import DECLINED, World

pytestmark = pytest.mark.one_database


def _answering(world: World, ending: str, answer: Mapping[str, Any]) -> World:
    """The same desk, to which Stripe answers that, whatever a write of this path has made."""

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        reply = world.sandbox.handle(method, target, headers, body)
        if method != "POST" or not target.endswith(ending):
            return reply
        return Reply(200, {}, json.dumps(json.loads(reply.body) | answer).encode())

    gateway = StripeGateway(world.sandbox.secret_key, send=send)
    return replace(world, desk=replace(world.desk, gateway=gateway))


def test_a_charge_of_another_payment(world: World) -> None:
    """It took no money here; what did is found when Stripe is asked."""
    other = world.pay(world.created(order_reference="SO-1")).payment
    (charged,) = world.successful_charges()
    payment = world.created(order_reference="SO-2")
    strange = charged | {"payment_intent": payment.payment_intent_id}
    taken = _answering(world, "/confirm", {"latest_charge": strange}).pay(payment).payment
    assert taken.display is DisplayStatus.CHECKING
    assert world.now_is(other).display is DisplayStatus.SUCCEEDED
    world.clock.advance(minutes=5)
    seen = recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    assert (seen.display, seen.open_operation) == (DisplayStatus.SUCCEEDED, None)
    assert len(world.successful_charges()) == 2


def test_a_payment_intent_of_another_payment(world: World) -> None:
    """A create that says what another one made: each keeps its own."""
    other = world.created(order_reference="SO-1")
    strange = {"id": other.payment_intent_id}
    payment = _answering(world, "/payment_intents", strange).created(order_reference="SO-2")
    assert payment.display is DisplayStatus.CHECKING
    assert world.now_is(other).payment_intent_id == other.payment_intent_id
    world.clock.advance(seconds=50)
    seen = recover_payment(world.desk, payment.payment_id, page_is_watched=True)
    assert seen.display is DisplayStatus.AWAITING_CARD
    assert seen.payment_intent_id not in (None, other.payment_intent_id)


def test_a_confirm_of_another_payment(world: World) -> None:
    """An answer that is whole, of another payment; ours was paid, too, which Stripe is asked."""
    other = world.pay(world.created(order_reference="SO-1")).payment
    (paid,) = [one for one in world.intents() if one["id"] == other.payment_intent_id]
    payment = world.created(order_reference="SO-2")
    taken = _answering(world, "/confirm", paid).pay(payment).payment
    assert taken.display is DisplayStatus.CHECKING
    assert world.now_is(payment).open_operation is not None
    world.clock.advance(minutes=5)
    seen = recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    assert (seen.display, seen.open_operation) == (DisplayStatus.SUCCEEDED, None)
    assert len(world.successful_charges()) == 2


def test_a_decline_of_another_payment_s_charge(world: World) -> None:
    """It says nothing of ours: nobody is told of a decline before Stripe was asked."""
    world.pay(world.created(order_reference="SO-1"))
    (charged,) = world.successful_charges()
    payment = world.created(order_reference="SO-2")

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        reply = world.sandbox.handle(method, target, headers, body)
        if not target.endswith("/confirm"):
            return reply
        answer = json.loads(reply.body)
        answer["error"] |= {"charge": charged["id"]}
        del answer["error"]["payment_intent"]
        return Reply(reply.status, {}, json.dumps(answer).encode())

    gateway = StripeGateway(world.sandbox.secret_key, send=send)
    confused = replace(world, desk=replace(world.desk, gateway=gateway))
    taken = confused.pay(payment, DECLINED).payment
    assert taken.display is DisplayStatus.CHECKING
    world.clock.advance(minutes=5)
    seen = recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    assert (seen.display, seen.open_operation) == (DisplayStatus.DECLINED, None)
    assert len(world.successful_charges()) == 1
