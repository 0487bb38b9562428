"""The receiver over HTTP: two workers on PostgreSQL, one on SQLite."""

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import col, delete, func, select

from cardpay.domain.stripe_facts.events import WAITING, EventState
from cardpay.sandbox.webhook_sender import signature
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import StripeEvent
from tests.integration.services.webhooks.webhook_requests import event, post
from tests.support.databases.databases import Databases
from tests.support.desks.worlds import AUDIT_KEYS
from tests.support.processes import servers
from tests.support.processes.servers import WEBHOOK_SECRET, Server
from tests.support.processes.waiting import PATIENCE_SECONDS

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def url(databases: Databases, migrated: str) -> Iterator[str]:
    """The receiver's database."""
    with databases.copy(migrated) as copied:
        yield copied


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory, url: str) -> Iterator[Server]:
    """The receiver alone: its start takes longer than any test."""
    folder = tmp_path_factory.mktemp("receiver")
    workers = 2 if url.startswith("postgresql") else 1
    with servers.receiver(
        folder,
        workers,
        CARDPAY_DATABASE_URL=url,
        CARDPAY_STRIPE_ACCOUNT="acct_1test",
        CARDPAY_TRUSTED_PROXIES="127.0.0.1",
    ) as running:
        yield running


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """The receiver's database, seen from outside; no event is in it."""
    made = Store(connect(url), AUDIT_KEYS)
    with made.transaction() as session:
        session.execute(delete(StripeEvent))
    yield made
    made.close()


def _connection(receiver: Server) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(
        receiver.url.removeprefix("http://"), timeout=PATIENCE_SECONDS
    )


def _stored(store: Store) -> list[StripeEvent]:
    with store.reading() as session:
        return list(session.exec(select(StripeEvent).order_by(col(StripeEvent.id))))


def test_answered_when_stored(receiver: Server, store: Store) -> None:
    """A signed event is a row by the time of its answer, without what is personal in it."""
    assert post(receiver, event("evt_1")) == 200
    (row,) = _stored(store)
    assert (row.stripe_event_id, row.type, row.object_id) == ("evt_1", "customer.created", "cus_1")
    assert (row.state, row.fields) == (EventState.IGNORED, {})


def test_refused(receiver: Server, store: Store) -> None:
    """Nothing is stored that Stripe did not sign, or that is no event."""
    body = event("evt_1")
    now = int(time.time())
    answers = {
        "none": post(receiver, body, ""),
        "another secret": post(receiver, body, signature(body, "whsec_other", now)),
        "another body": post(receiver, body, signature(body + b" ", WEBHOOK_SECRET, now)),
        "too old": post(receiver, body, signature(body, WEBHOOK_SECRET, now - 400)),
        "no event": post(receiver, b"[]"),
        "no text": post(receiver, b"\xff\xfe"),
    }
    assert answers == dict.fromkeys(answers, 400)
    assert _stored(store) == []


def test_what_stripe_does_not_write_is_refused(receiver: Server, store: Store) -> None:
    """Signed or not; in a line of the log, and without a 500. What is odd inside is stored."""
    deep, honest = b"[" * 50_000 + b"]" * 50_000, event("evt_1")
    absurd = [
        honest.replace(b'"cus_1"', deep),
        honest.replace(b"1709208000", b"1" + b"0" * 400),
        honest.replace(b"1709208000", b"NaN"),
        honest.replace(b"1709208000", b"1e999"),
        honest.replace(b"1709208000", b"1" + b"0" * 17),
        honest.replace(b'"cus_1"', b'"cus_1", "id": "cus_2"'),
        event("evt_\0"),
    ]
    assert {post(receiver, body) for body in absurd} == {400}
    assert _stored(store) == []
    dispute = {"object": "dispute", "id": "dp_1", "reason": "a\0\ud800", "charge": "ch_\0"}
    odd = dispute | {"status": "\udfff", "balance_transactions": 7, "amount": -0.0}
    kind = "charge.dispute.created"
    assert post(receiver, event("evt_2", kind, data={"object": odd})) == 200
    (row,) = _stored(store)
    assert row.state in WAITING  # it names no payment of ours, so Stripe has to be asked
    assert (row.fields["reason"], row.fields["charge"]) == ("a", None)
    assert "Traceback" not in receiver.log.read_text()


def test_a_body_that_is_too_large_is_refused(receiver: Server, store: Store) -> None:
    """One mebibyte is the limit, whatever its length is said to be."""
    assert post(receiver, b"x" * (MEBIBYTE + 1)) == 413
    assert post(receiver, b"x" * (8 * MEBIBYTE)) == 413
    with closing(_connection(receiver)) as connection:
        body = iter([b"x" * 65_536] * 32)
        connection.request("POST", "/webhooks/stripe", body, encode_chunked=True)
        assert connection.getresponse().status == 413
    assert post(receiver, event("evt_1", padding="x" * (MEBIBYTE - 1000))) == 200
    assert len(_stored(store)) == 1


def test_a_very_large_body_is_not_read(receiver: Server) -> None:
    """It is answered before any of it was sent."""
    with closing(_connection(receiver)) as connection:
        connection.putrequest("POST", "/webhooks/stripe")
        connection.putheader("Content-Length", str(1024 * MEBIBYTE))
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_stored_once_however_often_it_comes(receiver: Server, store: Store) -> None:
    """Twenty at once, over two workers where there are two; all are answered 200."""
    with ThreadPoolExecutor(20) as pool:
        bodies = [event(f"evt_{number % 4}") for number in range(60)]
        answers = set(pool.map(lambda body: post(receiver, body), bodies))
    assert answers == {200}
    with store.reading() as session:
        assert session.exec(select(func.count()).select_from(StripeEvent)).one() == 4


@pytest.mark.one_database
def test_without_a_secret_the_endpoint_is_off(tmp_path: Path, database_url: str) -> None:
    """It answers 404 to everybody, and the log says once what is missing."""
    with servers.receiver(
        tmp_path,
        CARDPAY_DATABASE_URL=database_url,
        CARDPAY_STRIPE_ACCOUNT="acct_1test",
        STRIPE_WEBHOOK_SECRET="",
    ) as running:
        assert post(running, event("evt_1")) == 404
        assert running.get("/healthz")["mode"] == "test"
        assert running.log.read_text().count("STRIPE_WEBHOOK_SECRET is not set") == 1


def test_a_signature_that_is_no_text(receiver: Server) -> None:
    """It is a bad one like another: refused, counted, and never an error of ours."""
    body = event("evt_1")
    header = b"t=%d,v1=\xe9" % int(time.time())
    answers: list[int] = []
    while 429 not in answers:
        assert len(answers) < 1_000
        with closing(_connection(receiver)) as connection:
            connection.putrequest("POST", "/webhooks/stripe")
            connection.putheader("X-Forwarded-For", "203.0.113.7")  # counted for itself
            connection.putheader("Stripe-Signature", header)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answers.append(connection.getresponse().status)
    assert answers[:30] == [400] * 30
    assert set(answers) == {400, 429}
    assert "TypeError" not in receiver.log.read_text()
