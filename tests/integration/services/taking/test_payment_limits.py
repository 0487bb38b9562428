"""Limits on payments and declines: what counts, who is refused, and that nothing is sent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.limit_rules import Limit, LimitReached
from cardpay.reporting.operations.reached_limits import reached_limits
from cardpay.services.stripe_writes import store_outcome
from cardpay.services.taking import enforce_limits as holding
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import PaymentAttempt
from tests.support.desks.limit_refusals import an_order, entries, refused
from tests.support.desks.worlds import ADMIN, AGENT, AUDIT_KEYS, CHALLENGE, DECLINED, VISA, World

pytestmark = pytest.mark.one_database

COLLEAGUE = replace(AGENT, actor_id="agent-2")
LOST = "4000000000009987"
BANK_IN_TROUBLE = "4000000000000119"  # processing_error
Limited = Callable[..., World]


@pytest.mark.parametrize(
    ("allowed", "limit", "colleague_too"),
    [
        pytest.param({"payments_per_hour": 2}, Limit.PAYMENTS, True, id="over all"),
        pytest.param(
            {"payments_per_person_per_hour": 2}, Limit.PAYMENTS_OF_PERSON, False, id="per person"
        ),
    ],
)
def test_payments_an_hour(
    world_with_limits: Limited, allowed: dict[str, int], limit: Limit, colleague_too: bool
) -> None:
    """The next order is refused, and the next card on an order from before, for an hour."""
    world = world_with_limits(**allowed)
    waiting, theirs = an_order(world), an_order(world, COLLEAGUE)
    for _ in range(2):
        assert world.pay(an_order(world)).payment.display is DisplayStatus.SUCCEEDED
    assert refused(world, lambda: an_order(world)).limit is limit
    assert refused(world, lambda: world.pay(waiting)).limit is limit
    assert len(entries(world)) == 2
    if colleague_too:
        refused(world, lambda: world.pay(theirs, actor=COLLEAGUE))
    else:
        assert world.pay(theirs, actor=COLLEAGUE).payment.display is DisplayStatus.SUCCEEDED
    world.clock.advance(hours=1)
    assert world.pay(waiting).payment.display is DisplayStatus.SUCCEEDED


def test_a_payment_counts_while_its_outcome_is_unknown(world_with_limits: Limited) -> None:
    """Who waits for Stripe cannot begin more meanwhile."""
    world = world_with_limits(payments_per_person_per_hour=1)
    waiting = an_order(world)
    unknown = an_order(world)
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=2)
    assert world.pay(unknown).payment.display is DisplayStatus.CHECKING
    refused(world, lambda: world.pay(waiting))


def test_declines_in_a_row_of_a_person(world_with_limits: Limited) -> None:
    """Whatever the cards and the payments; a colleague goes on, and so does time."""
    world = world_with_limits(declines_per_person=3)
    first, second = an_order(world), an_order(world)
    world.pay(first, DECLINED)
    world.pay(first, LOST)
    world.pay(second, DECLINED)
    assert refused(world, lambda: world.pay(second)).limit is Limit.DECLINES_OF_PERSON
    refused(world, lambda: an_order(world))
    assert world.pay(first, actor=COLLEAGUE).payment.display is DisplayStatus.SUCCEEDED
    world.clock.advance(minutes=30)
    assert world.pay(second).payment.display is DisplayStatus.SUCCEEDED


def test_a_success_ends_a_persons_row(world_with_limits: Limited) -> None:
    """What was declined before it does not count any more."""
    world = world_with_limits(declines_per_person=2)
    payment = an_order(world)
    world.pay(payment, DECLINED)
    world.pay(payment)
    other = an_order(world)
    assert world.pay(other, DECLINED).payment.display is DisplayStatus.DECLINED
    assert world.pay(other, DECLINED).payment.display is DisplayStatus.DECLINED
    refused(world, lambda: world.pay(other))


def test_declines_of_a_card_are_counted_over_all_people(world_with_limits: Limited) -> None:
    """Another name, another payment, the same card: refused. Another card: taken."""
    world = world_with_limits(declines_per_card=2)
    theirs = an_order(world, COLLEAGUE)
    world.pay(an_order(world), DECLINED)
    world.pay(theirs, LOST, actor=COLLEAGUE)
    world.pay(theirs, DECLINED, actor=COLLEAGUE)
    reached = refused(world, lambda: world.pay(theirs, DECLINED, actor=COLLEAGUE))
    assert reached.limit is Limit.DECLINES_OF_CARD
    assert "Ask for another card." in reached.sentence
    assert world.pay(theirs, VISA, actor=COLLEAGUE).payment.display is DisplayStatus.SUCCEEDED


@pytest.mark.parametrize("why", ["a set-up error", "a failed authentication", "a bank in trouble"])
def test_what_is_no_decline(world_with_limits: Limited, why: str) -> None:
    """It says nothing about the card, so it neither adds to a row nor ends one."""
    world = world_with_limits(declines_per_person=2)
    payment = an_order(world)
    world.pay(payment, DECLINED)
    for number in range(3):
        if why == "a set-up error":
            with pytest.raises(Exception, match="No such PaymentMethod"):
                confirm_payment(
                    world.desk, AGENT, payment.payment_id, f"pm_unknown{number}", str(uuid4())
                )
        elif why == "a bank in trouble":
            world.pay(payment, BANK_IN_TROUBLE)
        else:
            taken = world.pay(payment, CHALLENGE)
            world.authenticate(taken, "fail")
            store_outcome.retrieve_and_apply(
                world.desk, AGENT, str(taken.payment.payment_intent_id)
            )
    assert world.pay(payment, LOST).payment.display is DisplayStatus.DECLINED
    refused(world, lambda: world.pay(payment))


def test_payments_taken_elsewhere_are_nobodys(world_with_limits: Limited) -> None:
    """Another system's charges and declines in the same account leave the desk alone."""
    world = world_with_limits(payments_per_hour=1, declines_per_person=1, declines_per_card=1)
    for number in (VISA, DECLINED, DECLINED):
        intent_id = world.elsewhere(number)
        store_outcome.retrieve_and_apply(world.desk, AGENT, intent_id)
    with world.desk.store.reading() as session:
        assert len(session.exec(select(PaymentAttempt)).all()) == 3
    payment = an_order(world)
    assert world.pay(payment, DECLINED).payment.display is DisplayStatus.DECLINED


def test_a_limit_holds_for_every_process(world_with_limits: Limited) -> None:
    """Another process counts the same rows."""
    world = world_with_limits(payments_per_person_per_hour=1)
    world.pay(an_order(world))
    url = world.desk.store.engine.url.render_as_string(hide_password=False)
    other = World(
        replace(world.desk, store=Store(connect(url), AUDIT_KEYS)), world.sandbox, world.clock
    )
    try:
        refused(other, lambda: an_order(other))
    finally:
        other.desk.store.close()


@pytest.mark.both_databases
def test_presses_at_once_pass_a_limit_by_no_more_than_there_are(
    world_with_limits: Limited,
) -> None:
    """One after the other on SQLite; on PostgreSQL those that begin at the same moment."""
    world = world_with_limits(payments_per_person_per_hour=3)
    orders = [an_order(world) for _ in range(8)]

    def press(order: PaymentView) -> bool:
        try:
            world.pay(order)
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        passed = sum(pool.map(press, orders))
    at_once = 1 if world.desk.store.engine.dialect.name == "sqlite" else 4
    assert 3 <= passed <= 3 + at_once - 1
    assert len(world.successful_charges()) == passed
    refused(world, lambda: an_order(world))


def test_a_refusal_is_audited_and_shown(world_with_limits: Limited) -> None:
    """With the limit's name, the count and our ids; each line once, with how often."""
    world = world_with_limits(declines_per_person=2)
    payment = an_order(world)
    for _ in range(2):
        world.pay(payment, DECLINED)
    for _ in range(3):
        refused(world, lambda: world.pay(payment))
    reached = holding.reached_limit(world.desk, AGENT)
    assert reached is not None
    entry = entries(world)[-1]
    assert (entry.actor_id, entry.subject_kind) == ("agent-1", "limit")
    assert entry.subject_id == "declines_per_person"
    assert entry.after == {
        "count": 2,
        "allowed": 2,
        "until_at": reached.until_at.isoformat(),
        "payment_id": payment.payment_id,
    }
    (line,) = reached_limits(world.desk.store, ADMIN, world.desk.now())
    assert (line.limit, line.who, line.refusals) == (Limit.DECLINES_OF_PERSON, "agent-1", 3)
    assert line.until_at == reached.until_at
    assert holding.reached_limit(world.desk, COLLEAGUE) is None
    world.clock.advance(hours=24)
    assert reached_limits(world.desk.store, ADMIN, world.desk.now()) == ()
