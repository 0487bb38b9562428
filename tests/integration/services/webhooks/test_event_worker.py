"""The two workers of a process: what an event says is not held up by what has to be asked."""

from collections.abc import Mapping
from dataclasses import replace
from threading import Event

import pytest

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.in_process_http_client import Reply
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.reporting.operations.webhook_health import WebhookHealth, webhook_health
from cardpay.services.desk import Desk
from cardpay.services.webhooks.event_worker import event_workers
from cardpay.services.webhooks.receive_event import store_event
from tests.support.desks.worlds import SUPERVISOR, World
from tests.support.processes.waiting import wait_for


class _Hanging:
    """A Stripe that takes requests and lets them wait."""

    def __init__(self, world: World) -> None:
        self._send = world.sandbox.handle
        self.is_asked = Event()
        self.answers = Event()

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.is_asked.set()
        self.answers.wait()
        return self._send(method, target, headers, body)


def _health(desk: Desk) -> WebhookHealth:
    return webhook_health(desk.store, SUPERVISOR, desk.now())


@pytest.mark.parametrize("old_first", [True, False], ids=["asked first", "told first"])
def test_news_that_is_here_does_not_wait_for_stripe(world: World, *, old_first: bool) -> None:
    """While Stripe lets one question wait, the success of another payment is applied."""
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=2)
    assert world.pay(payment).payment.display is DisplayStatus.CHECKING
    world.elsewhere()
    world.clock.advance(seconds=30)
    world.sandbox.run_due()
    told = [snapshot_parsing.event(one) for one in world.listed("/v1/events?limit=100")]
    ours = [one for one in told if one.object.get("metadata", {}).get("payment_id")]
    others = [
        replace(one, api_version="2019-02-11")
        for one in told
        if one not in ours and one.object.get("payment_intent") is None
    ]
    for event in [*others, *ours] if old_first else [*ours, *others]:
        store_event(world.desk, event)
    stripe = _Hanging(world)
    desk = replace(world.desk, gateway=StripeGateway(world.sandbox.secret_key, send=stripe.send))
    workers = event_workers(desk, lambda: None)
    for worker in workers:
        worker.start()
    try:
        wait_for(stripe.is_asked.is_set, "Stripe was not asked")
        wait_for(
            lambda: world.now_is(payment).display is DisplayStatus.SUCCEEDED,
            "the success was held up",
        )
        assert _health(desk).waiting
        assert not _health(desk).failed
        stripe.answers.set()
        wait_for(lambda: not _health(desk).waiting, "what was asked was not applied")
        assert not _health(desk).failed
    finally:
        stripe.answers.set()
        for worker in workers:
            worker.close()
