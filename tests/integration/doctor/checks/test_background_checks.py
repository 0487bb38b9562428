"""What the desk does by itself, besides recovery."""

from datetime import timedelta

import pytest
from sqlmodel import select

from cardpay.doctor.checks import background_checks
from cardpay.doctor.findings import Level
from cardpay.domain.version import VERSION
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.personal_data.remove_expired import remove_expired
from cardpay.storage.history import stored_objects_set_aside
from cardpay.storage.schema.tables import Reconciliation
from tests.integration.doctor.check_contexts import DEMO, context_for, told, world_context
from tests.support.desks.paid_out import change_payout, lose_a_cent, paid_out
from tests.support.desks.unreadable_object import desk_with_unreadable
from tests.support.desks.worlds import SUPERVISOR, World

pytestmark = pytest.mark.one_database

OK, WARN = Level.OK, Level.WARN


def test_reconciliation(world: World) -> None:
    """Never, lately, long ago, stopped, switched off."""
    context = world_context(world)
    assert told(background_checks.reconciliation(context)) == (
        WARN,
        "The desk has not compared itself with Stripe yet.",
    )
    reconcile(world.desk, SUPERVISOR, since=world.desk.now() - timedelta(days=1))
    assert told(background_checks.reconciliation(context))[0] is OK
    world.clock.advance(minutes=119)
    assert told(background_checks.reconciliation(context))[0] is OK
    world.clock.advance(minutes=2)
    assert told(background_checks.reconciliation(context)) == (
        WARN,
        "The last comparison with Stripe began 2 hours ago.",
    )
    with world.desk.store.transaction() as session:
        last = session.exec(select(Reconciliation)).one()
        last.problem = "Stripe was away."
        session.add(last)
    level, words = told(background_checks.reconciliation(context))
    assert (level, words.endswith("stopped: Stripe was away.")) == (WARN, True)
    context.close()
    never = world_context(world, CARDPAY_RECONCILE_MINUTES=0, STRIPE_SECRET_KEY="sk_test_x_1")
    assert told(background_checks.reconciliation(never))[1] == (
        "The desk never compares itself with Stripe."
    )
    never.close()
    demo = world_context(world, DEMO)
    assert background_checks.reconciliation(demo) is None
    demo.close()


def test_what_lies_between_two_comparisons(world: World) -> None:
    """It is named until it is gone over; the sentence says how, whoever has to do it."""
    now = world.desk.now
    context = world_context(world)
    cron = world_context(world, CARDPAY_RECONCILE_MINUTES=0)
    assert told(background_checks.compared(context))[0] is OK
    reconcile(world.desk, SUPERVISOR, since=now() - timedelta(days=1))
    world.clock.advance(days=4)
    reconcile(world.desk, SUPERVISOR, since=now() - timedelta(days=1))
    for each, by_itself in ((context, True), (cron, False)):
        finding = background_checks.compared(each)
        assert told(finding) == (
            WARN,
            "What was made between 4 days ago and 24 hours ago has not been compared with Stripe.",
        )
        assert finding is not None
        assert "reconcile --since 98h" in finding.do
        assert ("by itself" in finding.do) is by_itself
    reconcile(world.desk, SUPERVISOR, since=now() - timedelta(hours=98))
    assert told(background_checks.compared(context))[0] is OK
    context.close()
    cron.close()


def test_retention(world: World) -> None:
    """What is overdue is counted by kind; once the job has run, nothing is."""
    for number in range(2):
        world.pay(world.created(order_reference=f"SO-{number}"))
    context = world_context(world, CARDPAY_KEEP_CUSTOMER_DAYS=30)
    world.clock.advance(days=31)
    assert told(background_checks.retained(context))[0] is OK
    world.clock.advance(days=2)
    assert told(background_checks.retained(context)) == (
        WARN,
        "Kept for too long: 2 customers' details.",
    )
    remove_expired(world.desk, context.settings.retention)
    assert told(background_checks.retained(context))[0] is OK
    context.close()


@pytest.mark.parametrize("name", ["reconciliation", "compared", "retained"])
def test_without_a_database_nothing_is_asked(name: str) -> None:
    """The database's own checks have said why."""
    context = context_for(DEMO, CARDPAY_DATABASE_URL="sqlite:///nowhere/desk.db")
    assert getattr(background_checks, name)(context) is None


def test_objects_that_could_not_be_read(world: World) -> None:
    """They are named, the first ten of them."""
    context = world_context(world)
    assert told(background_checks.set_aside(context))[0] is OK
    strange = world.elsewhere()
    world.clock.advance(minutes=5)
    desk = desk_with_unreadable(world, strange)
    reconcile(desk, SUPERVISOR, since=world.desk.now() - timedelta(days=1))
    assert told(background_checks.set_aside(context)) == (
        WARN,
        f"Set aside, since they could not be read: {strange}.",
    )
    with world.desk.store.transaction() as session:
        for number in range(12):
            which = ("charge", f"ch_{number:02}")
            stored_objects_set_aside.note(
                session, desk.account.key, which, "It has no field.", VERSION, desk.now()
            )
    assert told(background_checks.set_aside(context))[1].endswith(", ch_02 and 3 more.")
    context.close()


def test_payouts_that_do_not_add_up(world: World) -> None:
    """Only where it is known what is in them."""
    payout_id = paid_out(world)
    context = world_context(world)
    assert told(background_checks.payouts(context))[0] is OK
    lose_a_cent(world)
    assert told(background_checks.payouts(context)) == (
        WARN,
        f"The transactions do not add up to their payout: {payout_id}.",
    )
    change_payout(world, is_itemised=False)
    assert told(background_checks.payouts(context))[0] is OK
    context.close()
