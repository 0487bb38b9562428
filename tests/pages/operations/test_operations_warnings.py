"""What should have come and did not is a warning on Operations."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from cardpay import bootstrap
from cardpay.bootstrap import WebhookEndpoint
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.webhooks import event_worker
from cardpay.services.webhooks.backpressure import Backpressure
from cardpay.services.webhooks.receive_event import receive_event
from tests.pages.operations.test_operations import drawn, words
from tests.support.desks.worlds import SUPERVISOR, World

SECRET = "whsec_pagesTests0001"


@pytest.fixture
def screen(operations: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of an empty desk that receives webhooks."""
    application = bootstrap.application()
    backpressure = Backpressure()
    applying, _ = event_worker.event_workers(application.desk, backpressure.wait_for_quiet)
    endpoint = WebhookEndpoint(SECRET, applying, backpressure)
    monkeypatch.setattr(bootstrap, "_application", replace(application, webhook_endpoint=endpoint))
    return operations


def told(screen: AppTest) -> str:
    """All that the page says, drawn anew."""
    return words(drawn(screen))


def a_webhook_arrives(world: World) -> None:
    """Of a payment that is made now."""
    endpoint = world.sandbox.webhooks

    def deliver(_url: str, headers: Mapping[str, str], body: bytes) -> int:
        receive_event(world.desk, SECRET, body, headers["Stripe-Signature"])
        return 200

    endpoint.add_endpoint("https://desk.test", SECRET, deliver)
    world.created()
    assert endpoint.drain()


def test_webhooks_that_have_stopped(world: World, screen: AppTest) -> None:
    """Some time after a card was tried, and not while nothing happens."""
    a_webhook_arrives(world)
    world.clock.advance(hours=12)
    assert "Arriving" in told(screen)
    world.pay(world.created(order_reference="SO-2"))
    assert "Arriving" in told(screen)
    world.clock.advance(minutes=11)
    said = told(screen)
    assert "Not arriving" in said
    assert "No webhook has arrived since the last card payment, 11 minutes ago." in said


def test_a_hole_between_comparisons(world: World, screen: AppTest) -> None:
    """Somebody's look at the last day, after days without any, does not hide them."""
    day = timedelta(days=1)
    reconcile(world.desk, SUPERVISOR, since=world.clock.now() - day)
    assert "No differences" in told(screen)
    world.clock.advance(days=4)
    reconcile(world.desk, SUPERVISOR, since=world.clock.now() - day)
    said = told(screen)
    assert "Gap" in said
    assert "from 29 Feb 2024, 12:00 UTC to 3 Mar 2024, 12:00 UTC have not been compared" in said
    assert "The next scheduled run will compare it." in said
