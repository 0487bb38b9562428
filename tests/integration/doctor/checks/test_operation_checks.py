"""Operations without an outcome: those that recovery should have ended, and people's."""

import pytest

from cardpay.doctor.checks import operation_checks
from cardpay.doctor.findings import Level
from tests.integration.doctor.check_contexts import DEMO, context_for, told, world_context
from tests.support.desks.unanswered_requests import Unanswered
from tests.support.desks.worlds import World

pytestmark = pytest.mark.one_database

OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL


def test_an_operation_that_nobody_resolves(world: World) -> None:
    """A few minutes are the recovery task's; after ten it has not run."""
    payment = world.created()
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=2)
    world.pay(payment)
    context = world_context(world)
    assert told(operation_checks.recovery(context))[0] is OK
    world.clock.advance(minutes=11)
    level, words = told(operation_checks.recovery(context))
    assert (level, words.startswith("1 requests to Stripe have no outcome, the oldest")) == (
        FAIL,
        True,
    )
    assert told(operation_checks.people(context))[0] is OK
    context.close()


def test_an_operation_that_waits_for_a_person(world: World) -> None:
    """It is not the recovery task's fault."""
    unanswered = Unanswered(world, "refund")
    unanswered.asked("timeout_before")
    unanswered.alone()
    context = world_context(world)
    level, words = told(operation_checks.people(context))
    assert (level, words.startswith("1 operations need review")) == (WARN, True)
    assert told(operation_checks.recovery(context))[0] is OK
    context.close()


@pytest.mark.parametrize("name", ["recovery", "people"])
def test_without_a_database_nothing_is_asked(name: str) -> None:
    """The database's own checks have said why."""
    context = context_for(DEMO, CARDPAY_DATABASE_URL="sqlite:///nowhere/desk.db")
    assert getattr(operation_checks, name)(context) is None
