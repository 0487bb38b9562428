"""An import brings all that Stripe has, once, and means what applying one by one means."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from cardpay.domain.errors import NotAllowed, OrderReferenceTaken
from cardpay.gateway import pagination
from cardpay.gateway.pagination import ListEndpoint, ListQuery
from cardpay.services.desk import Desk
from cardpay.services.history.begin_import import ImportRunning, import_history
from cardpay.services.history.commit_import import LISTS
from cardpay.services.history.import_progress import Progress
from cardpay.services.history.read_budget import ReadBudgetSpent, spent
from cardpay.services.history.run_import import ImportStopped
from cardpay.services.stripe_facts.apply_facts import Applied, Fact, apply_fact, apply_facts
from cardpay.storage.database.lease import acquire_lease
from cardpay.storage.schema.tables import Backfill, Payment, UnreadableObject
from tests.integration.services.history.conftest import SUPERVISOR, Past, rows
from tests.support.desks.unreadable_object import desk_with_unreadable
from tests.support.desks.worlds import AGENT, CHALLENGE, DECLINED, World

pytestmark = pytest.mark.one_database

EVER = ListQuery(datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def _apply_one_by_one(desk: Desk, order: Callable[[list[object]], list[object]]) -> None:
    """Everything that Stripe lists, in one transaction each."""

    def of(asked: ListEndpoint[object]) -> list[object]:
        return order(list(desk.gateway.list_page(asked, EVER).found))

    def each(asked: object, take: Callable[..., object]) -> None:
        for one in of(asked):  # type: ignore[arg-type]  # any list
            with desk.store.transaction() as session:
                assert take(session, one) in {None, Applied.TAKEN}

    at = desk.now()
    each(
        pagination.PAYMENT_INTENTS,
        lambda session, one: apply_fact(session, desk, SUPERVISOR, one, asked_at=at),
    )
    each(
        pagination.CHARGES,
        lambda session, one: apply_fact(session, desk, SUPERVISOR, one, asked_at=None),
    )
    each(
        pagination.REFUNDS,
        lambda session, one: apply_fact(session, desk, SUPERVISOR, one, asked_at=at),
    )
    each(
        pagination.DISPUTES,
        lambda session, one: apply_fact(session, desk, SUPERVISOR, one, asked_at=at),
    )
    each(
        pagination.BALANCE_TRANSACTIONS,
        lambda session, one: apply_fact(session, desk, SUPERVISOR, one, asked_at=None),
    )


@pytest.mark.parametrize("order", [list, lambda found: found[::-1]], ids=["newest", "oldest"])
def test_importing_is_applying(
    world: World, past: Past, another_desk: Desk, order: Callable[[list[object]], list[object]]
) -> None:
    """Pages in bulk leave the rows that one fact after another leaves."""
    past.tell()
    done = import_history(world.desk, SUPERVISOR)
    _apply_one_by_one(another_desk, order)
    assert rows(world.desk) == rows(another_desk)
    assert done.objects == sum(
        len(world.listed(f"/v1/{name}?limit=100"))
        for name in (
            "payment_intents",
            "charges",
            "refunds",
            "disputes",
            "balance_transactions",
        )
    )


def test_a_card_number_in_an_order_reference_is_masked(world: World, past: Past) -> None:
    """Other systems may write what they like; here it is not kept."""
    past.tell()
    import_history(world.desk, SUPERVISOR)
    references = {str(row["order_reference"]) for row in rows(world.desk)["Payment"]}
    assert "•••• 4242" in references
    assert not any("4242 4242" in reference for reference in references)


def without_checks(attempts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The attempts without what was checked of a card, and how risky it was found."""
    checks = {"cvc_check", "postal_code_check", "address_check", "risk_level", "risk_score"}
    later = checks | {"moto"}
    return [{k: v for k, v in one.items() if k not in later} for one in attempts]


def test_the_desks_own_payments_are_matched(world: World) -> None:
    """What the desk took is there already: nothing is doubled, and only what comes later is new.

    That are fees, and the checks of a declined card: the answer to its confirm has none.
    """
    paid = world.created()
    world.pay(paid)
    declined = world.created(order_reference="SO-2")
    world.pay(declined, DECLINED)
    waiting = world.created(order_reference="SO-3")
    world.pay(waiting, CHALLENGE)
    before = rows(world.desk)
    world.clock.advance(minutes=5)
    import_history(world.desk, SUPERVISOR)
    after = rows(world.desk)
    assert after["Payment"] == before["Payment"]
    assert without_checks(after["PaymentAttempt"]) == without_checks(before["PaymentAttempt"])
    assert len(after["BalanceTransaction"]) == 1


def test_a_second_import_changes_nothing(world: World, past: Past) -> None:
    """Not even the time of a row's last change; only until when it is known to be so."""
    past.tell()
    import_history(world.desk, SUPERVISOR)
    before = rows(world.desk, leave_out={"status_as_of"})
    import_history(world.desk, SUPERVISOR)
    assert rows(world.desk, leave_out={"status_as_of"}) == before


def test_what_is_stored_and_newer_stays(world: World) -> None:
    """A page that was asked for before the payment ended tells of the time before."""
    intent_id = world.elsewhere(CHALLENGE)
    asked_at = world.clock.now()
    old = world.desk.gateway.retrieve_payment_intent(intent_id)
    world.posted(f"/v1/payment_intents/{intent_id}/cancel", {})
    import_history(world.desk, SUPERVISOR)
    before = rows(world.desk)
    with world.desk.store.transaction() as session:
        apply_facts(session, world.desk, SUPERVISOR, [Fact(old, asked_at)])
    assert rows(world.desk) == before


def test_an_object_that_comes_twice_is_stored_once(world: World, past: Past) -> None:
    """Two threads may ask for the same PaymentIntent, and both answers are written together."""
    past.tell()
    desk = world.desk
    with desk.store.transaction() as session:
        for asked in LISTS.values():
            found = desk.gateway.list_page(asked, EVER).found
            facts = [Fact(one, desk.now()) for one in found]
            apply_facts(session, desk, SUPERVISOR, [*facts, *facts])
    twice = rows(desk)
    import_history(desk, SUPERVISOR)
    assert rows(desk) == twice


def test_what_happened_since_to_what_was_made_before(world: World, past: Past) -> None:
    """A refund in the stretch brings its payment, though that is older."""
    old = world.elsewhere()
    world.clock.advance(days=10)
    past.refund(old, 1_000)
    world.clock.advance(minutes=5)
    since = date(2024, 3, 5)
    import_history(world.desk, SUPERVISOR, since=since)
    found = rows(world.desk)
    assert [row["stripe_payment_intent_id"] for row in found["Payment"]] == [old]
    assert found["Payment"][0]["amount_refunded_minor"] == 1_000


def test_too_many_requests_are_waited_for(world: World, past: Past) -> None:
    """A 429 slows the import down, and nothing is left out."""
    past.tell()
    world.sandbox.faults.add("rate_limit", method="GET", times=3)
    import_history(world.desk, SUPERVISOR)
    assert len(rows(world.desk)["Payment"]) == len(world.intents())


def test_it_stops_when_stripe_does_not_answer_and_goes_on(world: World, past: Past) -> None:
    """The sentence says so, and what is imported stays imported."""
    past.tell()
    fault = world.sandbox.faults.add("drop_before", path="/v1/charges", times=10_000)
    with pytest.raises(ImportStopped) as stopped:
        import_history(world.desk, SUPERVISOR)
    assert stopped.value.money is None  # it only reads
    assert "Start it again. It continues where it stopped." in stopped.value.sentence
    assert len(rows(world.desk)["Payment"]) == len(world.intents())
    world.sandbox.faults.clear()
    world.sandbox.clear_requests()
    import_history(world.desk, SUPERVISOR)
    assert ("GET", "/v1/payment_intents") not in world.calls()
    assert len(rows(world.desk)["PaymentAttempt"]) == len(world.listed("/v1/charges?limit=100"))
    with world.desk.store.reading() as session:
        (row,) = session.exec(select(Backfill)).all()
        assert row.finished_at is not None
        assert row.problem is None
    assert fault.times > 0


def test_it_stops_when_the_months_reads_are_spent(world: World, past: Past) -> None:
    """Each read is counted; a higher budget lets it go on."""
    past.tell()
    poor = replace(world.desk, read_budget=2)
    with pytest.raises(ReadBudgetSpent) as stopped:
        import_history(poor, SUPERVISOR)
    assert "CARDPAY_READ_BUDGET" in stopped.value.sentence
    assert len(world.calls()) - len([call for call in world.calls() if call[0] == "POST"]) <= 10
    import_history(world.desk, SUPERVISOR)
    assert len(rows(world.desk)["Payment"]) == len(world.intents())
    made = [call for call in world.calls() if call[0] == "GET"]
    assert spent(world.desk) == world.desk.gateway.reads.unsaved + _written(world)
    assert _written(world) >= len(made) - len(_looks_of_the_test(made))


def test_it_leaves_reads_to_comparisons(world: World, past: Past) -> None:
    """Or nothing that webhooks lose would be found until the next month."""
    past.tell()
    world.desk.gateway.reads.add(80)
    poor = replace(world.desk, read_budget=spent(world.desk) + 10)
    with pytest.raises(ReadBudgetSpent, match="kept for reconciliation"):
        import_history(poor, SUPERVISOR)
    assert rows(world.desk)["Payment"] == []


def _written(world: World) -> int:
    return spent(world.desk) - world.desk.gateway.reads.unsaved


def _looks_of_the_test(made: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [call for call in made if call == ("GET", "/v1/payment_intents")]


@pytest.mark.both_databases
def test_two_at_once_are_one(world: World) -> None:
    """The second is told that one is running."""
    with acquire_lease(world.desk.store.engine, "backfill", world.clock.now) as lease:
        assert lease is not None
        with pytest.raises(ImportRunning):
            import_history(world.desk, SUPERVISOR)


def test_it_says_how_far_it_is(world: World, past: Past) -> None:
    """The share only ever ends at all of it."""
    past.tell()
    told: list[Progress] = []
    import_history(world.desk, SUPERVISOR, progress=told.append)
    assert told[-1].share == 1.0
    assert told[-1].remaining_seconds == 0
    assert [one.done_objects for one in told] == sorted(one.done_objects for one in told)


def test_an_agent_may_not(world: World) -> None:
    """It is for those who use Operations."""
    with pytest.raises(NotAllowed):
        import_history(world.desk, AGENT)


def test_payments_of_the_import_are_taken_elsewhere(world: World) -> None:
    """They claim no order, but one that was paid there is not paid again here by mistake."""
    world.elsewhere(metadata={"order_reference": "SO-1"})
    world.clock.advance(minutes=5)
    import_history(world.desk, SUPERVISOR)
    with world.desk.store.reading() as session:
        (payment,) = session.exec(select(Payment)).all()
    assert not payment.taken_at_desk
    assert payment.order_claim is None
    assert payment.display_status == "Succeeded"
    assert payment.created_at < world.clock.now() - timedelta(minutes=4)
    with pytest.raises(OrderReferenceTaken):
        world.created(order_reference="SO-1")


def test_a_link_whose_session_cannot_be_read_stops_no_import(world: World) -> None:
    """What it paid is set aside, and taken once it can be read."""
    made = world.sent_link(order_reference="SO-1")
    assert made.url is not None
    world.customer_pays(made.url)
    world.elsewhere(metadata={"order_reference": "SO-2"})
    world.clock.advance(minutes=5)
    (session_id,) = [one["id"] for one in world.listed("/v1/checkout/sessions")]
    import_history(desk_with_unreadable(world, session_id), SUPERVISOR)
    with world.desk.store.reading() as session:
        aside = {one.kind for one in session.exec(select(UnreadableObject))}
        found = session.exec(select(Payment).order_by("order_reference")).all()
    assert "payment_intent" in aside
    assert [(one.order_reference, one.status) for one in found] == [
        ("SO-1", None),
        ("SO-2", "succeeded"),
    ]
