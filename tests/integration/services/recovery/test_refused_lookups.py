"""The look that should tell how something ended is refused, or its answer cannot be read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.reporting.operations.open_operations import OpenOperation, open_operations
from cardpay.sandbox.http.request_handler import Reply
from cardpay.services.after_payment.captures import capture_payment
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.desk import Desk
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import Refund
from tests.support.desks.worlds import AGENT, SUPERVISOR, World, draft

pytestmark = pytest.mark.one_database

BOTH_TRIES = 2  # the SDK sends a write twice before it gives up


def _create(world: World) -> PaymentView:
    world.sandbox.faults.add("timeout_after", path="/v1/payment_intents", times=BOTH_TRIES)
    return create_payment(world.desk, AGENT, draft())


def _confirm(world: World) -> PaymentView:
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=BOTH_TRIES)
    return world.pay(payment).payment


def _capture(world: World) -> PaymentView:
    held = world.pay(world.created(hold=True)).payment
    world.sandbox.faults.add("timeout_after", path="*/capture", times=BOTH_TRIES)
    return capture_payment(world.desk, SUPERVISOR, held.payment_id, None, str(uuid4()))


def _with_key(world: World, key: str) -> Desk:
    """The desk as it is with another key than the account's."""
    return replace(world.desk, gateway=StripeGateway(key, send=world.sandbox.handle))


def _shown(world: World) -> OpenOperation:
    (shown,) = open_operations(world.desk.store, SUPERVISOR)
    return shown


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (_create, DisplayStatus.NOT_CHARGED),  # nobody waits for it any more
        (_confirm, DisplayStatus.SUCCEEDED),
        (_capture, DisplayStatus.SUCCEEDED),
    ],
)
def test_a_refused_key_needs_review(
    world: World, begin: Callable[[World], PaymentView], end: DisplayStatus
) -> None:
    """At once that it is refused, after the usual time as one to decide; a good key ends it."""
    payment = begin(world)
    revoked = _with_key(world, "unknown")
    world.clock.advance(seconds=31)
    recover_payment(revoked, payment.payment_id, page_is_watched=False)
    assert _shown(world).problem == "Stripe refuses the desk's key, HTTP 401"
    assert not _shown(world).needs_review
    world.clock.advance(minutes=2)
    seen = recover_payment(revoked, payment.payment_id, page_is_watched=False)
    assert seen.display is DisplayStatus.CHECKING
    assert _shown(world).needs_review
    world.clock.advance(minutes=2)
    assert recover_payment(world.desk, payment.payment_id, page_is_watched=False).display is end
    assert open_operations(world.desk.store, SUPERVISOR) == ()


def test_a_key_without_the_right_to_read(world: World) -> None:
    """Its number tells which of the two it is."""
    payment = _create(world)
    world.clock.advance(seconds=31)
    restricted = _with_key(world, world.sandbox.publishable_key)
    recover_payment(restricted, payment.payment_id, page_is_watched=False)
    assert _shown(world).problem == "Stripe refuses the desk's key, HTTP 403"


def test_what_stripe_does_not_know(world: World) -> None:
    """A stranger's account, say: Stripe's own words are told."""
    payment = _confirm(world)
    world.clock.advance(minutes=3)
    world.sandbox.reset()
    recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    assert _shown(world).problem.startswith("Stripe refused to be asked: No such payment_intent")
    assert _shown(world).needs_review


def _refund(world: World) -> PaymentView:
    paid = world.pay(world.created()).payment
    world.sandbox.faults.add("timeout_after", path="/v1/refunds", times=BOTH_TRIES)
    return refund_payment(
        world.desk, SUPERVISOR, paid.payment_id, 1_000, "duplicate", str(uuid4())
    )


def _before_a_change(world: World, *kinds: str) -> Desk:
    """The desk before it knows how Stripe writes the amounts of these kinds of objects."""

    def unreadable(found: Any) -> Any:
        if isinstance(found, list):
            return [unreadable(one) for one in found]
        if not isinstance(found, dict):
            return found
        lacks = found.get("object") in kinds
        return {
            name: unreadable(value)
            for name, value in found.items()
            if not (lacks and name == "amount")
        }

    def answered(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        reply = world.sandbox.handle(method, target, headers, body)
        return replace(reply, body=json.dumps(unreadable(json.loads(reply.body))).encode())

    return replace(world.desk, gateway=StripeGateway(world.sandbox.secret_key, send=answered))


@pytest.mark.parametrize("begin", [_confirm, _capture, _refund])
def test_what_cannot_be_read_needs_review(
    world: World, begin: Callable[[World], PaymentView]
) -> None:
    """With the reason, in the usual time; a version that can read it ends it."""
    payment = begin(world)
    before = _before_a_change(world, "payment_intent", "refund")
    for _ in range(2):
        world.clock.advance(minutes=2)
        recover_payment(before, payment.payment_id, page_is_watched=False)
    assert _shown(world).problem == "Stripe's answer can't be read. It has no field 'amount'."
    assert _shown(world).needs_review
    world.clock.advance(minutes=2)
    recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    assert open_operations(world.desk.store, SUPERVISOR) == ()


def test_another_s_refund_that_cannot_be_read_is_in_nobodys_way(world: World) -> None:
    """Only the desk's own is looked for."""
    payment = _refund(world)
    own = world.refunds()[0]["id"]
    world.refund_elsewhere(payment, 100)
    gateway = _before_a_change(world, "refund").gateway
    assert gateway.find_refund(str(payment.payment_intent_id), "another") is None
    world.clock.advance(minutes=2)
    recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    with world.desk.store.reading() as session:
        assert own in session.exec(select(Refund.stripe_refund_id)).all()
