"""Nobody has Stripe asked more often than a person needs; what is unknown waits for nobody."""

from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.errors import AskedTooOften
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.recovery.review import dismiss_operation, retry_operation
from cardpay.services.stripe_asks import ASKS_A_MINUTE, PerMinute
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.payment_links.link_address import link_address
from cardpay.services.taking.refresh_payment import refresh_payment
from cardpay.services.webhooks.event_worker import retry
from cardpay.storage.schema.tables import Payment
from tests.support.desks.unanswered_requests import Unanswered
from tests.support.desks.worlds import CHALLENGE, DECLINED, World

PERSON = Actor("person-1", frozenset(Role), "192.0.2.1")


def _use_cases(world: World) -> dict[str, Callable[[], object]]:
    """Everything that reads Stripe because somebody asks for it."""
    desk = world.desk
    waiting = world.pay(world.created(order_reference="SO-3"), CHALLENGE).payment.payment_id
    linked = world.sent_link(order_reference="SO-2").payment.payment_id
    Unanswered(world, "refund").asked("timeout_before")
    Unanswered(world, "refund").alone()
    (unanswered,) = Unanswered(world, "refund").open()
    world.elsewhere(confirm="false")
    reconcile(desk, SYSTEM, since=world.clock.now())
    with desk.store.reading() as session:
        found = select(Payment).where(Payment.stripe_payment_intent_id != "")
        elsewhere = [one.id for one in session.exec(found) if not one.taken_at_desk]
    tried = world.created(order_reference="SO-4")
    world.pay(tried, DECLINED, PERSON)
    card = world.card()
    return {
        "refresh": lambda: refresh_payment(desk, PERSON, waiting),
        "a link": lambda: refresh_payment(desk, PERSON, linked),
        "a link's address": lambda: link_address(desk, PERSON, linked),
        "check with Stripe": lambda: retry_operation(desk, PERSON, unanswered.operation_id),
        "dismiss": lambda: dismiss_operation(desk, PERSON, unanswered.operation_id),
        "reconcile": lambda: reconcile(desk, PERSON, since=desk.now()),
        "import": lambda: import_history(desk, PERSON),
        "an event": lambda: retry(desk, PERSON, 1),
        "whose it is": lambda: cancel_payment(desk, PERSON, elsewhere[0]),
        "which card": lambda: confirm_payment(desk, PERSON, tried.payment_id, card, str(uuid4())),
    }


def test_each_use_case_that_reads_stripe_counts(
    world_with_limits: Callable[..., World],
) -> None:
    """Over the limit Stripe is not asked; a minute later it is, and others never waited."""
    world = world_with_limits(declines_per_card=5)
    use_cases = _use_cases(world)
    with suppress(AskedTooOften):
        for _ in range(ASKS_A_MINUTE + 1):
            world.desk.asks.count(PERSON, world.desk.now())
    world.clock.advance(seconds=20)
    world.sandbox.clear_requests()
    for name, ask in use_cases.items():
        with pytest.raises(AskedTooOften) as refused:
            ask()
        told = "Stripe was asked 60 times in a minute. Try again in 40 seconds."
        assert refused.value.sentence == told, name
        assert world.calls() == [], name
    world.desk.asks.count(Actor("person-2", frozenset(Role), "test"), world.desk.now())
    world.clock.advance(seconds=41)
    use_cases["refresh"]()
    assert world.calls() != []


def test_what_is_unknown_is_found_all_the_same(world: World) -> None:
    """Recovery asks in nobody's name, however often people pressed."""
    world.sandbox.faults.add("timeout_after", method="POST", path="*/confirm", times=2)
    payment = world.pay(world.created(), actor=PERSON).payment
    with suppress(AskedTooOften):
        while True:
            world.desk.asks.count(PERSON, world.desk.now())
    for _ in range(200):
        world.desk.asks.count(SYSTEM, world.desk.now())
    world.clock.advance(seconds=40)
    found = recover_payment(world.desk, payment.payment_id, page_is_watched=True)
    assert found.open_operation is None
    assert found.display is DisplayStatus.SUCCEEDED


def test_a_minute_slides_and_memory_is_bounded() -> None:
    """Who is refused waits no longer for having pressed."""
    asked = PerMinute(2)
    waits = [asked.seconds_to_wait("a", now) for now in (0.0, 30.0, 40.0, 50.0, 60.0, 70.0)]
    assert waits == [0, 0, 20, 10, 0, 20]
    for number in range(5_000):
        asked.seconds_to_wait(str(number), 80.0)
    assert len(asked._times) <= 1_000
