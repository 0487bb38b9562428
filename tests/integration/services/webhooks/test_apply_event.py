"""Stored events are applied, or kept with the reason why not."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import col, select

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.errors import NotAllowed
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.stripe_facts.events import EventState
from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.gateway import snapshot_parsing
from cardpay.reporting.operations.webhook_health import WebhookHealth, webhook_health
from cardpay.services.stripe_facts.apply_facts import apply_fact
from cardpay.services.webhooks.event_worker import PAUSES, process_all_due, retry
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import BalanceTransaction, Dispute, Payment, Refund, StripeEvent
from tests.support.desks.worlds import AGENT, DECLINED, SUPERVISOR, World
from tests.support.secrets.secret_scan import scan_bytes

pytestmark = pytest.mark.one_database

DISPUTED = "4000000000000259"


def _events(world: World, **changes: Any) -> list[EventSnapshot]:
    """All that Stripe has to tell, oldest first."""
    world.clock.advance(seconds=30)
    world.sandbox.run_due()
    found = world.listed("/v1/events?limit=100")
    return [snapshot_parsing.event({**told, **changes}) for told in reversed(found)]


def _receive(world: World, **changes: Any) -> None:
    for event in _events(world, **changes):
        store_event(world.desk, event)


def _rows(world: World) -> list[StripeEvent]:
    with world.desk.store.reading() as session:
        return list(session.exec(select(StripeEvent).order_by(col(StripeEvent.id))))


def _states(world: World) -> set[str]:
    return {row.state for row in _rows(world)}


def _health(world: World) -> WebhookHealth:
    return webhook_health(world.desk.store, SUPERVISOR, world.clock.now())


def test_an_event_is_new_once(world: World) -> None:
    """Whoever stores it is told so, on either database."""
    world.created()
    (event,) = _events(world)
    assert store_event(world.desk, event)
    assert not store_event(world.desk, event)
    assert len(_rows(world)) == 1


def test_what_the_answer_did_not_bring_is_brought_by_events(world: World) -> None:
    """A charge whose answer was lost, its fee, its dispute."""
    payment = world.created()
    world.sandbox.faults.add("timeout_after", path="*/confirm", times=2)
    assert world.pay(payment, DISPUTED).payment.display is DisplayStatus.CHECKING
    _receive(world)
    process_all_due(world.desk)
    assert _states(world) == {EventState.HANDLED}
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED
    with world.desk.store.reading() as session:
        assert session.exec(select(Dispute.status)).all() == ["needs_response"]
        fees = session.exec(select(BalanceTransaction.type, BalanceTransaction.fee_minor)).all()
        assert sorted(kind for kind, _ in fees) == ["adjustment", "charge"]
        assert all(fee > 0 for _, fee in fees)


def test_the_creates_own_answer_comes_in_between(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its event has looked for the PaymentIntent in vain, and waits for the payment's row."""
    world.sandbox.faults.add("timeout_after", path="/v1/payment_intents", method="POST", times=2)
    payment = world.created()
    (told,) = world.listed("/v1/events?limit=100&type=payment_intent.created")
    intent = world.desk.gateway.retrieve_payment_intent(told["data"]["object"]["id"])
    locked = payments.locked

    def answered_first(session: Session, payment_id: str) -> Payment | None:
        monkeypatch.setattr(payments, "locked", locked)
        if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
            with world.desk.store.transaction() as another:
                apply_fact(another, world.desk, SYSTEM, intent, asked_at=world.desk.now())
        return locked(session, payment_id)

    store_event(world.desk, snapshot_parsing.event(told))
    monkeypatch.setattr(payments, "locked", answered_first)
    process_all_due(world.desk)
    assert _states(world) == {EventState.HANDLED}
    assert world.now_is(payment).payment_intent_id == intent.payment_intent_id


def test_final_news_needs_no_question(world: World) -> None:
    """Of a plain payment only the fee is asked for."""
    world.pay(world.created())
    _receive(world)
    world.sandbox.clear_requests()
    process_all_due(world.desk)
    assert [path.rpartition("/")[0] for _, path in world.calls()] == ["/v1/balance_transactions"]


def test_another_api_version_is_asked_about(world: World) -> None:
    """Its fields may mean something else, so none of them is kept or read."""
    made = world.elsewhere()
    _receive(world, api_version="2019-02-11")
    assert {str(row.fields) for row in _rows(world)} == {"{}"}
    world.sandbox.clear_requests()
    process_all_due(world.desk)
    assert _states(world) == {EventState.HANDLED}
    assert {method for method, _ in world.calls()} == {"GET"}
    with world.desk.store.reading() as session:
        row = session.exec(select(Payment)).one()
    assert (row.stripe_payment_intent_id, row.status) == (made, "succeeded")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"livemode": True}, "It is of the other mode."),
        ({"account": "acct_other"}, "It is of another account."),
        ({"type": "invoice.paid"}, "The desk takes no events of this type."),
    ],
    ids=["other mode", "other account", "unknown type"],
)
def test_what_is_not_of_these_books_is_kept_and_not_applied(
    world: World, changes: dict[str, Any], reason: str
) -> None:
    """It is told apart in the list of events, and changes no payment."""
    world.elsewhere()
    _receive(world, **changes)
    assert process_all_due(world.desk) == 0
    assert {(row.state, row.problem) for row in _rows(world)} == {(EventState.IGNORED, reason)}
    with world.desk.store.reading() as session:
        assert session.exec(select(Payment)).all() == []


def test_a_charge_from_before_payment_intents_is_not_of_the_desk(world: World) -> None:
    """It is set aside, and not tried for ever."""
    world.elsewhere()
    for told in world.listed("/v1/events?limit=100&type=charge.succeeded"):
        bare: Any = json.loads(json.dumps(told))
        bare["data"]["object"]["payment_intent"] = None
        store_event(world.desk, snapshot_parsing.event(bare))
    process_all_due(world.desk)
    assert {(row.state, row.problem) for row in _rows(world)} == {
        (EventState.IGNORED, "This event doesn't belong to a PaymentIntent.")
    }


def test_a_failure_is_kept_and_tried_again_later_and_later(world: World) -> None:
    """While Stripe is silent, the reason says so; then it is handled."""
    world.elsewhere()
    _receive(world, api_version="2019-02-11")
    world.sandbox.faults.add("drop_before", path="*", times=10_000)
    tried_at = []
    for _ in range(len(PAUSES) + 1):
        row = _rows(world)[0]
        assert row.next_try_at is not None
        world.clock.advance(seconds=(row.next_try_at - world.clock.now()).total_seconds() + 1)
        tried_at.append(world.clock.now())
        assert process_all_due(world.desk) > 0
    health = _health(world)
    assert health.failed == len(health.failures) == len(_rows(world))
    assert health.failures[0].problem == "Stripe could not be asked (no reply)."
    assert health.failures[0].tries == len(tried_at)
    for (before, after), pause in zip(pairwise(tried_at), PAUSES, strict=True):
        assert pause <= after - before < pause + timedelta(minutes=1)
    world.sandbox.faults.clear()
    world.clock.advance(hours=6)
    process_all_due(world.desk)
    assert _states(world) == {EventState.HANDLED}
    assert _health(world).failed == 0


def test_an_error_of_our_own_is_named_without_its_words(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception may quote what it tripped over, and that may be personal."""

    def trip(*_: object, **_named: object) -> None:
        raise ValueError("customer.one@example.com")

    world.elsewhere()
    _receive(world)
    monkeypatch.setattr("cardpay.services.webhooks.event_worker.apply_payloads", trip)
    process_all_due(world.desk)
    assert {row.problem for row in _rows(world)} == {"An error in cardpay (ValueError)."}
    assert "customer.one" not in caplog.text


def test_a_person_may_try_it_now(world: World) -> None:
    """With the permission; twice does no harm."""
    world.elsewhere()
    _receive(world, api_version="2019-02-11")
    world.sandbox.faults.add("drop_before", path="*", times=100)
    process_all_due(world.desk)
    world.sandbox.faults.clear()
    failed = _health(world).failures[0]
    with pytest.raises(NotAllowed):
        retry(world.desk, AGENT, failed.event_row_id)
    for _ in range(2):
        assert retry(world.desk, SUPERVISOR, failed.event_row_id) is EventState.HANDLED


ODD: dict[str, list[object]] = {
    "amount": [12.5, 10**30, "12", None],
    "created": [10**11, 10**17, -5, 1.5],
    "currency": ["g\0p", "\ud800", 7],
    "status": ["\0", {"a": 1}, "a_new_one"],
    "latest_charge": ["ch_\0", {"id": 7}],
    "livemode": ["no", None],
    "metadata": [[1], {"payment_id": "\0"}],
}


def test_what_no_row_could_hold_stops_no_other_event(world: World) -> None:
    """It is asked for at Stripe, which has it right; the queue ends empty."""
    world.elsewhere()
    told = next(one for one in _events(world) if one.type == "payment_intent.succeeded")
    for name, values in ODD.items():
        for value in values:
            odd = {**told.object, name: value}
            made = replace(told, event_id=f"evt_{name}_{values.index(value)}", object=odd)
            assert store_event(world.desk, made)
    assert store_event(world.desk, told)
    process_all_due(world.desk)
    assert _states(world) == {EventState.HANDLED}
    with world.desk.store.reading() as session:
        (payment,) = session.exec(select(Payment)).all()
    assert (payment.amount_minor, payment.status) == (4_200, "succeeded")


@pytest.mark.parametrize("where", ["apply_payloads", "apply_with_retrieve"])
def test_a_worker_that_died_leaves_its_events_to_the_next(
    world: World, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were claimed and not handled, so they are due again."""

    class Killed(BaseException):
        """No handler catches it, as none runs after a kill."""

    def die(*_: object) -> None:
        raise Killed

    world.pay(world.created())
    _receive(world)
    with monkeypatch.context() as patched:
        patched.setattr(f"cardpay.services.webhooks.event_worker.{where}", die)
        with pytest.raises(Killed):
            process_all_due(world.desk)
    if where == "apply_with_retrieve":  # the others are locked, which ends with the process
        assert process_all_due(world.desk) == 0
        world.clock.advance(minutes=5)
    assert process_all_due(world.desk) > 0
    assert _states(world) == {EventState.HANDLED}


@pytest.mark.both_databases
def test_workers_share_the_work(world: World) -> None:
    """Eight at once: each event is tried once, and all is applied."""
    for number in range(6):
        world.elsewhere(amount=str(1000 + number))
    _receive(world)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: process_all_due(world.desk), range(8)))
    assert {row.state for row in _rows(world)} == {EventState.HANDLED}
    with world.desk.store.reading() as session:
        assert len(session.exec(select(Payment)).all()) == 6


def _refund(world: World) -> None:
    made = world.elsewhere()
    world.posted("/v1/refunds", {"payment_intent": made, "amount": "1000"})


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(lambda world: world.pay(world.created()), id="paid"),
        pytest.param(lambda world: world.pay(world.created(), DECLINED), id="declined"),
        pytest.param(lambda world: world.elsewhere(receipt_email="a@example.com"), id="receipt"),
        pytest.param(_refund, id="refunded"),
    ],
)
def test_no_event_keeps_a_secret(world: World, story: Callable[[World], object]) -> None:
    """No client_secret, no e-mail address, no card number in any row."""
    story(world)
    _receive(world)
    text = json.dumps([row.model_dump(mode="json") for row in _rows(world)])
    assert not list(scan_bytes(text.encode(), "stripe_event"))
    assert "_secret_" not in text
    assert "@" not in text
    process_all_due(world.desk)
    with world.desk.store.reading() as session:
        assert {row.status for row in session.exec(select(Refund))} <= {"succeeded"}
    assert _states(world) == {EventState.HANDLED}
