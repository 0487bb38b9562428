"""Card numbers in Stripe's texts, whoever wrote them there, come no further than the gateway."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.errors import CardpayError
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.gateway.webhook_verification import MalformedEvent
from cardpay.sandbox.webhook_sender import signature
from cardpay.services.after_payment.captures import capture_payment
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.webhooks import event_worker
from cardpay.services.webhooks.receive_event import receive_event
from cardpay.storage.schema.tables import Payment, StripeEvent, UnreadableObject, metadata
from tests.support.desks import worlds
from tests.support.desks.stripe_with_card_numbers import NUMBERS, StripeWithCardNumbers
from tests.support.desks.worlds import AGENT, DECLINED, SUPERVISOR, World
from tests.support.secrets.secret_scan import Finding, scan_bytes, scan_files

pytestmark = pytest.mark.one_database

SECRET = "whsec_cardDataTests0001"
DISPUTED = "4000000000000259"
PLAIN_NUMBER = "4242424242424242"


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A desk whose Stripe has card numbers in every text."""
    with worlds.world(tmp_path, database_url=database_url) as made:
        stripe = StripeWithCardNumbers(made.sandbox)
        gateway = StripeGateway(made.sandbox.secret_key, send=stripe.handle)
        yield replace(made, desk=replace(made.desk, gateway=gateway))


def findings(world: World) -> list[Finding]:
    """What the scanner sees in each value of each table, and in the file where there is one."""
    found: list[Finding] = []
    with world.desk.store.reading() as session:
        for name, table in metadata.tables.items():
            for row in session.connection().execute(table.select()):
                for value in row:
                    written = json.dumps(value) if isinstance(value, dict) else str(value)
                    found += scan_bytes(written.encode(), name)
    database = world.desk.store.engine.url.database
    if world.desk.store.engine.dialect.name == "sqlite":
        found += scan_files([Path(str(database))])
    return found


def a_past(world: World) -> None:
    """One of everything, made by another system."""
    metadata = {"order_reference": f"order {NUMBERS[1]}", "note": NUMBERS[2]}
    for number in (worlds.VISA, DECLINED, DISPUTED):
        world.elsewhere(number, metadata=metadata, description=NUMBERS[0])
    refunded = world.elsewhere(metadata=metadata)
    world.posted("/v1/refunds", {"payment_intent": refunded, "amount": "1000"})
    given_up = world.elsewhere(DECLINED)
    world.posted(f"/v1/payment_intents/{given_up}/cancel", {})
    world.clock.advance(minutes=5)
    world.sandbox.run_due()


def by_webhook(world: World) -> None:
    """Each event, signed, as Stripe sends it."""
    stripe = StripeWithCardNumbers(world.sandbox)
    for told in reversed(world.listed("/v1/events?limit=100")):
        body = json.dumps(stripe.with_numbers(told)).encode()
        receive_event(world.desk, SECRET, body, signature(body, SECRET, int(time.time())))
    event_worker.process_all_due(world.desk)
    with world.desk.store.reading() as session:
        assert {row.state for row in session.exec(select(StripeEvent))} == {"handled"}


def by_backfill(world: World) -> None:
    """The account's history."""
    import_history(world.desk, SYSTEM)


def by_reconciliation(world: World) -> None:
    """What differs, and the events that never came."""
    since = world.desk.now() - timedelta(days=1)
    assert reconcile(world.desk, SYSTEM, since=since).differences > 0


@pytest.mark.parametrize("bring", [by_webhook, by_backfill, by_reconciliation])
def test_what_comes_from_elsewhere_is_masked(
    world: World, bring: Callable[[World], None], caplog: pytest.LogCaptureFixture
) -> None:
    """All of it is stored, and no card number with it."""
    a_past(world)
    caplog.set_level("DEBUG", logger="cardpay")
    bring(world)
    with world.desk.store.reading() as session:
        rows = session.exec(select(Payment)).all()
    assert len(rows) == 5
    assert {row.display_status for row in rows} >= {"Succeeded", "Declined", "Cancelled"}
    assert "order •••• 4444" in {row.order_reference[:15] for row in rows}
    assert findings(world) == []
    assert not list(scan_bytes(caplog.text.encode()))


def test_what_stripe_answers_is_masked(world: World) -> None:
    """Of the desk's own payments: taken, declined, refused, refunded, captured, cancelled."""
    paid = world.pay(world.created(order_reference="SO-1")).payment
    refund_payment(world.desk, SUPERVISOR, paid.payment_id, 500, "duplicate", str(uuid4()))
    world.refund_elsewhere(paid, 11_500)
    with pytest.raises(CardpayError) as refused:
        refund_payment(world.desk, SUPERVISOR, paid.payment_id, 500, "duplicate", str(uuid4()))
    assert "••••" in refused.value.sentence
    assert not list(scan_bytes(refused.value.sentence.encode()))
    held = world.created(order_reference="SO-2", hold=True)
    world.pay(held)
    capture_payment(world.desk, SUPERVISOR, held.payment_id, None, str(uuid4()))
    given_up = world.created(order_reference="SO-3")
    world.pay(given_up, DECLINED)
    cancel_payment(world.desk, AGENT, given_up.payment_id)
    assert world.now_is(held).display is DisplayStatus.SUCCEEDED
    assert findings(world) == []


def test_an_id_that_people_choose_is_masked(world: World) -> None:
    """Such as a product's, in an event that the desk does not apply."""
    body = json.dumps(
        {
            "id": "evt_1",
            "object": "event",
            "api_version": "2020-01-01",
            "created": int(time.time()),
            "data": {"object": {"id": NUMBERS[0], "object": "product", "name": NUMBERS[1]}},
            "livemode": False,
            "type": "product.created",
        }
    ).encode()
    receive_event(world.desk, SECRET, body, signature(body, SECRET, int(time.time())))
    assert findings(world) == []


_IDS = (
    *("id", "payment_intent", "payment_method", "charge", "latest_charge", "source", "transfer"),
    *("balance_transaction", "failure_balance_transaction", "currency", "type"),
)


def _with_numbers_for_ids(found: object) -> object:
    """A number in place of each id and of some codes, in every second object of a list."""
    if isinstance(found, list):
        return [
            _numbered(one) if place % 2 and isinstance(one, dict) else one
            for place, one in enumerate(found)
        ]
    return _numbered(found) if isinstance(found, dict) else found


def _numbered(given: dict[str, Any]) -> dict[str, Any]:
    return given | dict.fromkeys((name for name in _IDS if name in given), PLAIN_NUMBER)


def test_a_card_number_for_an_id_is_not_kept(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither of an event, nor of an object that is listed, which is set aside without it."""
    a_past(world)
    caplog.set_level("DEBUG", logger="cardpay")
    for told in world.listed("/v1/events?limit=100"):
        content = told["data"]["object"]
        for odd in (_numbered(told), told | {"data": {"object": _numbered(content)}}):
            body = json.dumps(odd).encode()
            with suppress(MalformedEvent):  # or it is applied without them
                receive_event(world.desk, SECRET, body, signature(body, SECRET, int(time.time())))
    event_worker.process_all_due(world.desk)

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        reply = world.sandbox.handle(method, target, headers, body)
        found = json.loads(reply.body)
        found["data"] = _with_numbers_for_ids(found.get("data"))
        return replace(reply, body=json.dumps(found).encode())

    gateway = StripeGateway(world.sandbox.secret_key, send=send)
    desk = replace(world.desk, gateway=gateway)
    import_history(desk, SYSTEM)
    reconcile(desk, SYSTEM, since=world.desk.now() - timedelta(days=1))
    with world.desk.store.reading() as session:
        aside = session.exec(select(UnreadableObject)).all()
        assert session.exec(select(Payment)).all()
    assert [one.stripe_object_id for one in aside] == ["unknown"]
    assert findings(world) == []
    assert not list(scan_bytes(caplog.text.encode()))


def test_the_scanner_finds_a_planted_number(world: World) -> None:
    """Otherwise the tests above say nothing."""
    world.created()
    with world.desk.store.transaction() as session:
        row = session.exec(select(Payment)).one()
        row.order_reference = NUMBERS[2]
        session.add(row)
    assert findings(world)
