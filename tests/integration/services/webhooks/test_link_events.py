"""What Stripe tells of a link by events, and what reconciliation finds without them."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.stripe_facts.events import EventState
from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.gateway import snapshot_parsing
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.schema.tables import Discrepancy, Payment, StripeEvent
from tests.support.desks.worlds import DECLINED, World

pytestmark = pytest.mark.one_database


def _events(world: World) -> list[EventSnapshot]:
    world.clock.advance(seconds=30)
    world.sandbox.run_due()
    found = world.listed("/v1/events?limit=100")
    return [snapshot_parsing.event(told) for told in reversed(found)]


def _rows(world: World) -> list[StripeEvent]:
    with world.desk.store.reading() as session:
        return list(session.exec(select(StripeEvent).order_by(col(StripeEvent.id))))


def _payments(world: World) -> list[Payment]:
    with world.desk.store.reading() as session:
        return list(session.exec(select(Payment)))


@pytest.mark.parametrize("backwards", [False, True])
def test_a_link_is_paid_by_its_events(world: World, *, backwards: bool) -> None:
    """Its PaymentIntent is nobody's until the Session is asked about; in either order."""
    made = world.sent_link()
    assert made.url is not None
    world.customer_pays(made.url, DECLINED)
    world.customer_pays(made.url)
    told = _events(world)
    for event in reversed(told) if backwards else told:
        store_event(world.desk, event)
        process_all_due(world.desk)
    assert {row.state for row in _rows(world)} == {EventState.HANDLED}
    (paid,) = _payments(world)
    assert paid.display_status is DisplayStatus.SUCCEEDED
    assert paid.taken_at_desk


def test_no_event_holds_the_address(world: World) -> None:
    """Nor what the customer typed on the page."""
    made = world.sent_link()
    assert made.url is not None
    world.customer_pays(made.url)
    for event in _events(world):
        store_event(world.desk, event)
    told = [row for row in _rows(world) if row.type == "checkout.session.completed"]
    assert len(told) == 1
    assert "/checkout/" not in str(told[0].fields)
    assert "customer.one@example.com" not in str(told[0].fields)


def test_a_session_of_another_system_is_not_ours(world: World) -> None:
    """Not even with the desk's own words copied into it."""
    made = world.sent_link()
    (ours,) = world.links()
    fields = {
        "mode": "payment",
        "success_url": "https://shop.example.com",
        "client_reference_id": made.payment.payment_id,
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "gbp",
        "line_items[0][price_data][unit_amount]": "12000",
        "line_items[0][price_data][product_data][name]": "Consultation",
        **{f"metadata[{name}]": value for name, value in ours["metadata"].items()},
        **{
            f"payment_intent_data[metadata][{name}]": value
            for name, value in ours["metadata"].items()
        },
    }
    copy = world.posted("/v1/checkout/sessions", fields)
    world.customer_pays(copy["url"])
    for event in _events(world):
        store_event(world.desk, event)
    process_all_due(world.desk)
    states = {row.type: row.state for row in _rows(world)}
    assert states["checkout.session.completed"] is EventState.IGNORED
    by_link, elsewhere = sorted(_payments(world), key=lambda row: not row.taken_at_desk)
    assert by_link.display_status is DisplayStatus.AWAITING_CUSTOMER
    assert by_link.stripe_payment_intent_id is None
    assert elsewhere.display_status is DisplayStatus.SUCCEEDED
    assert not elsewhere.taken_at_desk


def test_a_copied_payment_is_not_the_links(world: World) -> None:
    """A PaymentIntent with the link's metadata, made by another system while the link is open."""
    made = world.sent_link()
    (ours,) = world.links()
    world.elsewhere(metadata=ours["metadata"], amount="12000")
    for event in _events(world):
        store_event(world.desk, event)
    process_all_due(world.desk)
    assert world.now_is(made.payment).display is DisplayStatus.AWAITING_CUSTOMER
    assert world.now_is(made.payment).payment_intent_id is None


@pytest.mark.parametrize("way", ["reconciliation", "import", "recovery"])
def test_without_any_event(world: World, way: str) -> None:
    """It is found by whoever looks first."""
    made = world.sent_link()
    assert made.url is not None
    since = world.desk.now()
    world.clock.advance(minutes=20)
    world.customer_pays(made.url)
    world.clock.advance(minutes=2)
    if way == "reconciliation":
        reconcile(world.desk, SYSTEM, since=since)
    elif way == "import":
        import_history(world.desk, SYSTEM)
    else:
        recover_all(world.desk, None)
    paid = world.now_is(made.payment)
    assert paid.display is DisplayStatus.SUCCEEDED
    assert len(_payments(world)) == 1


def test_an_expired_link_is_found_by_reconciliation(world: World) -> None:
    """The second comparison finds nothing."""
    payment = world.sent_link().payment
    world.clock.advance(hours=24)
    world.sandbox.run_due()
    for _ in range(2):
        world.clock.advance(minutes=1)
        reconcile(world.desk, SYSTEM, since=world.desk.now() - timedelta(minutes=30))
    assert world.now_is(payment).display is DisplayStatus.NOT_CHARGED
    with world.desk.store.reading() as session:
        (found,) = session.exec(select(Discrepancy)).all()
    assert (found.kind, found.payment_id) == ("Payment link", payment.payment_id)
    assert (found.ours, found.theirs, found.done) == ("open", "expired", "Corrected.")
