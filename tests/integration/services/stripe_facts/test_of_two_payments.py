"""An object of which Stripe says later that it belongs to another payment: the first stays."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import SYSTEM
from cardpay.services.history.begin_import import import_history
from cardpay.services.stripe_facts.apply_facts import OF_ANOTHER
from cardpay.storage.schema.tables import (
    Discrepancy,
    Payment,
    PaymentAttempt,
    Refund,
    StripeEvent,
    UnreadableObject,
)
from tests.support.desks import account_stories as stories
from tests.support.desks.given_stripe import Happening, Json
from tests.support.desks.told_desks import ToldDesk, Way, told_desk

pytestmark = pytest.mark.one_database

TAKEN = stories.charge("ch_1", "pi_one", 1_000)
BACK = stories.refund("re_1", "pi_one", "ch_1", 400)


@pytest.fixture
def told(database_url: str) -> Iterator[ToldDesk]:
    """A desk that knows two payments, and a Charge and a Refund of the first."""
    with told_desk(database_url) as made:
        made.stripe.hold(
            stories.intent("pi_one", "succeeded", 1_000),
            stories.intent("pi_two", "succeeded", 700),
        )
        made.tell([Happening("charge.succeeded", TAKEN, [BACK])], Way.BACKFILL)
        yield made


def _whose(told: ToldDesk) -> dict[str | None, str | None]:
    """The PaymentIntent of each Charge and Refund that is here."""
    with told.desk.store.reading() as session:
        intents = {row.id: row.stripe_payment_intent_id for row in session.exec(select(Payment))}
        attempts, refunds = session.exec(select(PaymentAttempt)), session.exec(select(Refund))
        found = {row.stripe_charge_id: intents[row.payment_id] for row in attempts}
        return found | {row.stripe_refund_id: intents[row.payment_id] for row in refunds}


def _look(told: ToldDesk, way: Way, *strange: Json) -> None:
    """Let it be told, with a payment that has nothing to do with it."""
    other = [one.object for one in stories.a_reference_that_comes_later()]
    told.stripe.hold(*other)
    if way is Way.WEBHOOKS:
        named = ("charge.updated", "refund.updated")
        told.arrive_together(
            [told.stripe.happen(Happening(*one)) for one in zip(named, strange, strict=True)]
            + [told.stripe.happen(one) for one in stories.a_reference_that_comes_later()]
        )
        return
    told.stripe.hold(*strange)
    told.advance(hours=1)
    if way is Way.RECONCILE:
        told.reconcile()
    else:
        import_history(told.desk, SYSTEM, requests_per_second=10_000)


@pytest.mark.parametrize("way", [Way.WEBHOOKS, Way.RECONCILE, Way.BACKFILL])
def test_it_stays_and_stops_nothing(told: ToldDesk, way: Way) -> None:
    """The other statement is kept with its reason, and all else is taken."""
    of_two = {"payment_intent": "pi_two"}
    _look(told, way, TAKEN | of_two, BACK | of_two)
    whose = _whose(told)
    assert (whose["ch_1"], whose["re_1"]) == ("pi_one", "pi_one")
    assert whose["ch_ref"] == "pi_ref"
    with told.desk.store.reading() as session:
        kept = {row.stripe_object_id: row.reason for row in session.exec(select(UnreadableObject))}
        reported = {row.stripe_object_id: row.done for row in session.exec(select(Discrepancy))}
        problems = {row.object_id: row.problem for row in session.exec(select(StripeEvent))}
    match way:
        case Way.WEBHOOKS:
            assert all(OF_ANOTHER in (problems[one] or "") for one in ("ch_1", "re_1"))
        case Way.RECONCILE:  # which lists no Charges
            assert kept["re_1"] == OF_ANOTHER
            assert reported["re_1"] == f"Set aside. {OF_ANOTHER}"
        case _:
            assert kept == {"ch_1": OF_ANOTHER, "re_1": OF_ANOTHER}


def test_what_is_told_as_before_again_is_listed_no_more(told: ToldDesk) -> None:
    """Stripe may take it back."""
    of_two = {"payment_intent": "pi_two"}
    _look(told, Way.BACKFILL, TAKEN | of_two, BACK | of_two)
    _look(told, Way.BACKFILL, TAKEN, BACK)
    with told.desk.store.reading() as session:
        assert session.exec(select(UnreadableObject)).all() == []
