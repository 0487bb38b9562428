"""What the use cases log: ids on each line, and nothing secret or personal, however loud it gets.

Stripe fails, the database fails, exceptions quote what they were given.
"""

import io
import json
import logging
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from cardpay.domain.access.sign_in import AccessDenied, Admission, Answer, Identity
from cardpay.domain.errors import CardpayError, InvalidInput
from cardpay.gateway.errors import RequestRefused
from cardpay.logs.configuration import Format
from cardpay.logs.logger import get_logger
from cardpay.services.access import denied_acts, sessions
from cardpay.services.after_payment import refunds
from cardpay.services.history import begin_reconciliation
from cardpay.services.periodic_task import PeriodicTask
from cardpay.services.recovery import recovery_task
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.refresh_payment import refresh_payment
from cardpay.services.webhooks import event_worker
from cardpay.services.webhooks.receive_event import receive_event
from cardpay.storage.database.engine import Duplicate
from cardpay.storage.schema.tables import CustomerDetail
from tests.support.desks.worlds import ADMIN, AGENT, CHALLENGE, DECLINED, SUPERVISOR, World, draft
from tests.support.processes.waiting import PATIENCE_SECONDS
from tests.support.secrets.log_lines import read, written
from tests.support.secrets.secret_scan import scan_bytes

pytestmark = pytest.mark.one_database

NAME = "Customer One"
EMAIL = "customer.one@example.com"
LOUD = f"4242 4242 4242 4242 cvc 987 sk_live_abcdefgh12345678 {EMAIL} postgresql://a:pa55word@b/c"


def events(stream: io.StringIO) -> list[str]:
    """What was logged, in order."""
    return [line["event"] for line in read(stream)]


def test_a_payment_is_told_by_its_ids(world: World) -> None:
    """Created, declined, challenged, paid, given back: each with the operation and Stripe's id."""
    with written() as stream:
        payment = world.created()
        world.pay(payment, DECLINED)
        taken = world.pay(payment, CHALLENGE)
        world.authenticate(taken, "complete")
        refresh_payment(world.desk, AGENT, payment.payment_id)
        refunds.refund_payment(
            world.desk, SUPERVISOR, payment.payment_id, 500, "duplicate", str(uuid4())
        )
    said = read(stream)
    assert {line["payment_id"] for line in said} == {payment.payment_id}
    told = [(line["event"], line.get("kind"), line.get("new")) for line in said]
    assert told == [
        ("payment status", "create", "requires_payment_method"),
        ("done by Stripe", "create", None),
        ("card declined", "confirm", None),
        ("payment status", "confirm", "requires_action"),
        ("done by Stripe", "confirm", None),
        ("payment status", None, "succeeded"),
        ("done by Stripe", "refund", None),
    ]
    for line in said:
        assert ("operation_id" in line) is ("kind" in line)
        if line["event"] != "payment status":
            assert line["stripe_request_id"].startswith("req_")


def test_an_unknown_outcome_is_told_until_it_is_resolved(world: World) -> None:
    """With each try that got no answer, how long it took, and what recovery found."""
    payment = world.created()
    world.sandbox.faults.add("drop_after", path="*/confirm", times=2)
    with written() as stream:
        world.pay(payment)
        for _ in range(4):
            world.clock.advance(minutes=1)
            recovery_task.recover_all(world.desk, None)
    said = read(stream)
    names = [line["event"] for line in said]
    assert names[:3] == ["no response", "no response", "outcome unknown"]
    assert names[-1] == "operation resolved"
    assert {line["payment_id"] for line in said} == {payment.payment_id}
    assert all(line["duration_ms"] >= 0 for line in said if line["event"] == "no response")
    assert (said[-1]["status"], said[-1]["replayed"]) == ("Succeeded", False)


def test_a_slow_answer_is_told_with_its_duration(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By method and path; an answer in time is told at DEBUG."""
    with written(level="INFO") as stream:
        world.created(order_reference="SO-1")
    assert "slow response from Stripe" not in events(stream)
    monkeypatch.setattr("cardpay.gateway.monitored_http_client.SLOW_SECONDS", 0.0)
    with written() as stream:
        world.created(order_reference="SO-2")
    (line,) = [line for line in read(stream) if line["event"] == "slow response from Stripe"]
    assert (line["method"], line["path"], line["status"]) == ("POST", "/v1/payment_intents", 200)
    assert line["duration_ms"] >= 0
    assert line["stripe_request_id"].startswith("req_")


def test_events_are_told_when_they_fail(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stored or applied one is told at DEBUG alone; a failed one with its id and its reason."""
    arrived: list[bytes] = []

    def deliver(_url: str, headers: Any, body: bytes) -> int:
        arrived.append(body)
        receive_event(world.desk, "whsec_ofThisTest1", body, headers["Stripe-Signature"])
        return 200

    world.sandbox.webhooks.add_endpoint("/webhooks", "whsec_ofThisTest1", deliver)
    world.created()
    world.sandbox.webhooks.drain()
    with written() as stream:
        event_worker.process_all_due(world.desk)
    assert events(stream) == []

    def trip(*_: object, **_named: object) -> None:
        raise ValueError(LOUD)

    world.elsewhere()
    world.sandbox.webhooks.drain()
    monkeypatch.setattr("cardpay.services.webhooks.event_worker.apply_payloads", trip)
    with written() as stream:
        event_worker.process_all_due(world.desk)
    said = read(stream)
    assert {line["event"] for line in said} == {"event not applied"}
    assert {line["error"] for line in said} == {"ValueError"}
    ids = {json.loads(body)["id"] for body in arrived}
    assert {line["event_id"] for line in said} < ids


def test_whoever_is_not_let_in_is_told_by_our_id(world: World) -> None:
    """A stranger, and somebody who tries what they may not do."""
    now = world.clock.now()
    identity = Identity(
        actor_id="person-1",
        session_id="session-1",
        issued_at=now,
        expires_at=now + timedelta(hours=1),
        groups=frozenset(),
        email_domain=None,
        name=NAME,
    )
    with written() as stream:
        sessions.begin(world.desk, Admission({}), Answer(identity), "192.0.2.7", "")
        with pytest.raises(AccessDenied):
            sessions.enter(world.desk, Admission({}), identity, "192.0.2.7")
        denied_acts.record_denied(world.desk, ADMIN, ("permission", "refund_payment"))
    said = [(line["event"], line["actor_id"]) for line in read(stream)]
    assert said == [("sign-in refused", "person-1"), ("denied", "admin-1")]
    assert NAME not in stream.getvalue()


@pytest.mark.parametrize("form", ["json", "text"])
def test_nothing_secret_is_logged_however_loud_it_gets(
    world: World, form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every use case, at the finest level, with Stripe and the database failing loudly."""
    secret = world.sandbox.secret_key
    with written(form, "DEBUG", (secret, "a-setting-of-ours")) as stream:
        _work(world)
        _fail(world, monkeypatch)
        log = get_logger("cardpay.services.taking.create_payment")
        library = logging.getLogger("sqlalchemy.pool")
        for error in _loud_errors(world):
            told = [{"email": EMAIL}, LOUD]
            log.error("loud", exc_info=error, secret=secret, note=NAME, told=told)
            library.error("loud a-setting-of-ours %s", LOUD, exc_info=error)
    text = stream.getvalue()
    assert text.count("loud") >= 6
    found = scan_bytes(
        text.encode(),
        literals=(secret, EMAIL, "pa55word", "cvc 987", "a-setting-of-ours", "typed secretly"),
        addresses=True,
    )
    assert list(found) == []
    assert NAME not in text


def _work(world: World) -> None:
    """What goes well, and what is refused."""
    payment = world.created(customer_name=NAME, customer_email=EMAIL, note="typed secretly")
    world.pay(payment, DECLINED)
    taken = world.pay(payment, CHALLENGE)
    world.authenticate(taken, "complete")
    refresh_payment(world.desk, AGENT, payment.payment_id)
    with pytest.raises(CardpayError):
        create_payment(world.desk, AGENT, draft(note="paid with 4242 4242 4242 4242"))
    with pytest.raises(InvalidInput):
        refunds.refund_payment(
            world.desk, SUPERVISOR, payment.payment_id, 10**9, "duplicate", str(uuid4())
        )
    with pytest.raises(RequestRefused):
        world.desk.gateway.confirm_payment_intent(
            "pi_none", "pm_none", moto=False, idempotency_key=str(uuid4())
        )
    begin_reconciliation.reconcile(world.desk, ADMIN, since=world.clock.now().replace(hour=0))


def _fail(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind of bad answer, and background work that trips over what it was given."""
    for number, fault in enumerate(("error_500", "drop_after", "rate_limit", "conflict")):
        payment = world.created(order_reference=f"LOUD-{number}")
        world.sandbox.faults.add(fault, path="*/confirm", times=2)
        world.pay(payment)
        world.sandbox.faults.clear()
        world.clock.advance(minutes=1)
        recovery_task.recover_all(world.desk, None)

    tripped = threading.Event()

    def trip(*_: object, **__: object) -> None:
        tripped.set()
        raise RuntimeError(LOUD)

    payment = world.created(order_reference="LOUD-9")
    world.sandbox.faults.add("drop_after", path="*/confirm", times=2)
    world.pay(payment)
    with monkeypatch.context() as broken:
        broken.setattr("cardpay.services.recovery.recovery_task.recover_payment", trip)
        world.clock.advance(minutes=3)
        recovery_task.recover_all(world.desk, None)
    tripped.clear()
    beside = PeriodicTask("recovery", recovery_task.EVERY, trip)
    beside.start()
    assert tripped.wait(PATIENCE_SECONDS)
    beside.close()


def _loud_errors(world: World) -> list[Exception]:
    """Exceptions that quote what they were given: a library's, the database's, our own."""
    found: list[Exception] = [ValueError(LOUD), RequestRefused(
        LOUD, code=None, param=None, http_status=400, payment_intent=None, request_id=None
    )]  # fmt: skip
    twice = world.created(order_reference="TWICE", customer_name=NAME)
    with pytest.raises(Duplicate) as refused:
        _make_again(world, twice.payment_id)
    return [*found, refused.value]


def _make_again(world: World, payment_id: str) -> None:
    with world.desk.store.transaction() as session:
        detail = session.get_one(CustomerDetail, payment_id)
        session.add(CustomerDetail(**{**detail.model_dump(), "note": "typed secretly"}))
        session.expunge(detail)
