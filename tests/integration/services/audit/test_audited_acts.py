"""Every act leaves its entry: who, what, and the values before and after, by ids alone."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import RECENT_HOURS, Role
from cardpay.domain.errors import CardpayError, PaymentNotFound
from cardpay.gateway import snapshot_parsing
from cardpay.reporting.operations.open_operations import open_operations
from cardpay.services.access.sessions import see_settings
from cardpay.services.after_payment.captures import capture_payment
from cardpay.services.after_payment.notes import add_note
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.audit.record_reading import note_export, note_seen
from cardpay.services.desk import DENIALS_A_MINUTE, Desk
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.recovery.review import dismiss_operation, retry_operation
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.payment_view import find_visible
from cardpay.services.taking.refresh_payment import refresh_payment
from cardpay.services.webhooks.event_worker import retry
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.schema.tables import AuditEntry, StripeEvent
from tests.support.desks.unanswered_requests import BOTH_TRIES, Unanswered
from tests.support.desks.worlds import ADMIN, AGENT, SUPERVISOR, World

pytestmark = pytest.mark.one_database

_PERSONAL = {"customer_name": "Zebedee Quill", "customer_email": "zq@example.com", "note": "blue"}
Act = Callable[[World], object]


def _create(world: World) -> object:
    return world.created(**_PERSONAL)


def _attempt(world: World) -> object:
    return world.pay(world.created(**_PERSONAL))


def _cancel(world: World) -> object:
    return cancel_payment(world.desk, AGENT, world.created(**_PERSONAL).payment_id)


def _capture(world: World) -> object:
    held = world.pay(world.created(hold=True, **_PERSONAL)).payment
    return capture_payment(world.desk, SUPERVISOR, held.payment_id, 5_000, str(uuid4()))


def _refund(world: World) -> object:
    paid = world.pay(world.created(**_PERSONAL)).payment
    for _ in range(2):
        refund_payment(world.desk, SUPERVISOR, paid.payment_id, 5_000, "duplicate", str(uuid4()))
    return None


def _note(world: World) -> object:
    payment = world.created(**_PERSONAL)
    add_note(world.desk, SUPERVISOR, payment.payment_id, _PERSONAL["note"], str(uuid4()))
    return None


def _decide(how: Callable[..., object], fault: str) -> Act:
    def act(world: World) -> object:
        asked = Unanswered(world, "refund")
        asked.asked(fault)
        asked.alone()
        (row,) = asked.open()
        return how(world.desk, SUPERVISOR, row.operation_id)

    return act


def _look(world: World) -> object:
    payment = world.created(**_PERSONAL)
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=BOTH_TRIES)
    world.pay(payment)
    world.clock.advance(minutes=5)
    (row,) = open_operations(world.desk.store, SUPERVISOR)
    return retry_operation(world.desk, SUPERVISOR, row.operation_id)


def _retry(world: World) -> object:
    world.created(**_PERSONAL)
    world.clock.advance(seconds=30)
    world.sandbox.run_due()
    store_event(world.desk, snapshot_parsing.event(world.listed("/v1/events?limit=1")[0]))
    with world.desk.store.reading() as session:
        event = session.exec(select(StripeEvent)).one()
    assert event.id is not None
    return retry(world.desk, SUPERVISOR, event.id)


def _reconcile(world: World) -> object:
    return reconcile(world.desk, ADMIN, since=world.desk.now() - timedelta(hours=1))


def _backfill(world: World) -> object:
    world.elsewhere()
    return import_history(world.desk, ADMIN)


def _cut_off(world: World) -> object:
    world.sandbox.faults.add("error_500", method="GET", path="*", times=1_000)
    with pytest.raises(CardpayError):
        import_history(world.desk, SUPERVISOR)
    world.sandbox.faults.clear()
    return import_history(world.desk, ADMIN)


# The act, the last entry that it leaves of that name, and what it must say: None for any value.
ACTS: list[Any] = [
    ("payment.create", _create, AGENT, {}, {"amount_minor": 12_000, "currency": "gbp"}),
    ("payment.attempt", _attempt, AGENT, {}, {"attempt_id": None}),
    (
        "payment.status",
        _attempt,
        AGENT,
        {"status": "requires_payment_method"},
        {"status": "succeeded"},
    ),
    (
        "payment.cancel",
        _cancel,
        AGENT,
        {"status": "requires_payment_method"},
        {"cause": "requested"},
    ),
    (
        "payment.capture",
        _capture,
        SUPERVISOR,
        {"amount_capturable_minor": 12_000, "currency": "gbp"},
        {"amount_minor": 5_000, "currency": "gbp"},
    ),
    (
        "payment.refund",
        _refund,
        SUPERVISOR,
        {"amount_refunded_minor": 5_000, "currency": "gbp"},
        {"amount_minor": 5_000, "reason": "duplicate", "refund_id": None},
    ),
    ("payment.note", _note, SUPERVISOR, {}, {}),
    ("refund.status", _refund, SUPERVISOR, {"status": None}, {"status": "succeeded"}),
    (
        "operation.try_again",
        _decide(retry_operation, "timeout_before"),
        SUPERVISOR,
        {"state": "open", "sends": 1},
        {"state": "open", "kind": "refund", "operation_id": None},
    ),
    (
        "operation.try_again",
        _decide(retry_operation, "error_500"),
        SUPERVISOR,
        {"state": "open"},
        {"state": "abandoned", "kind": "refund"},
    ),
    (
        "operation.give_up",
        _decide(dismiss_operation, "timeout_before"),
        SUPERVISOR,
        {"state": "open"},
        {"state": "abandoned", "kind": "refund"},
    ),
    ("operation.look", _look, SUPERVISOR, {"state": "open"}, {"kind": "confirm"}),
    ("event.retry", _retry, SUPERVISOR, {"state": None, "tries": 0}, {"tries": 1}),
    ("reconciliation.start", _reconcile, ADMIN, {}, {"since": None, "until": None}),
    ("reconciliation.end", _reconcile, ADMIN, {}, {"objects": 0, "reads": 6, "whole": True}),
    ("backfill.start", _backfill, ADMIN, {}, {"since": None}),
    ("backfill.end", _backfill, ADMIN, {}, {"objects": None, "reads": None, "whole": True}),
    ("backfill.resume", _cut_off, ADMIN, {}, {"since": None}),
    ("settings.seen", lambda world: see_settings(world.desk, ADMIN), ADMIN, {}, {}),
    (
        "audit.seen",
        lambda world: note_seen(world.desk, ADMIN, {"act": "sign_in"}),
        ADMIN,
        {},
        {"act": "sign_in"},
    ),
    (
        "audit.export",
        lambda world: note_export(world.desk, ADMIN, {"act": "sign_in"}, 7),
        ADMIN,
        {},
        {"act": "sign_in", "rows": 7},
    ),
]


@pytest.mark.parametrize(
    ("act", "do", "actor", "before", "after"), ACTS, ids=[f"{act[0]}-{act[4]}" for act in ACTS]
)
def test_it_is_audited(
    world: World,
    act: str,
    do: Act,
    actor: Actor,
    before: dict[str, object],
    after: dict[str, object],
) -> None:
    """Who did it with which roles, from where; nothing personal in any entry."""
    do(world)
    with world.desk.store.reading() as session:
        entries = session.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all()
    entry = [entry for entry in entries if entry.act == act][-1]
    assert (entry.actor_id, entry.roles, entry.origin) == (
        actor.actor_id,
        ",".join(sorted(actor.roles)),
        actor.origin,
    )
    assert entry.subject_id
    for said, expected in ((entry.before, before), (entry.after, after)):
        assert set(expected) <= set(said)
        for name, value in expected.items():
            assert value is None or said[name] == value
    written = str([entry.model_dump() for entry in entries])
    assert not [value for value in _PERSONAL.values() if value in written]


HIDDEN = [
    pytest.param(find_visible, id="open"),
    pytest.param(
        lambda desk, actor, key: confirm_payment(desk, actor, key, "pm_1", str(uuid4())),
        id="charge",
    ),
    pytest.param(cancel_payment, id="cancel"),
    pytest.param(
        lambda desk, actor, key: add_note(desk, actor, key, "Ring back", str(uuid4())), id="note"
    ),
    pytest.param(refresh_payment, id="refresh"),
]


@pytest.mark.parametrize("act", HIDDEN)
def test_what_is_not_theirs_to_see_is_audited(
    world: World, act: Callable[[Desk, Actor, str], object]
) -> None:
    """Who tried, and with which payment; one that does not exist leaves no entry."""
    payment = world.created()
    world.clock.advance(hours=RECENT_HOURS + 1)
    other = Actor("agent-2", frozenset({Role.AGENT}), "test")
    with suppress(CardpayError):
        act(world.desk, other, str(uuid4()))
    with pytest.raises(PaymentNotFound):
        act(world.desk, other, payment.payment_id)
    with world.desk.store.reading() as session:
        denied = session.exec(select(AuditEntry).where(AuditEntry.act == "denied")).all()
    assert [(one.actor_id, one.subject_kind, one.subject_id, one.after) for one in denied] == [
        ("agent-2", "payment", payment.payment_id, {"reason": "not theirs to see"})
    ]


def test_a_flood_of_denied_acts_is_not_written_down(world: World) -> None:
    """So many of one person a minute; another's are, and theirs again after it."""
    payment = world.created()
    world.clock.advance(hours=RECENT_HOURS + 1)

    def deny(actor_id: str) -> None:
        with pytest.raises(PaymentNotFound):
            find_visible(
                world.desk,
                Actor(actor_id, frozenset({Role.AGENT}), "test"),
                payment.payment_id,
            )

    for _ in range(DENIALS_A_MINUTE + 5):
        deny("agent-2")
    deny("agent-3")
    world.clock.advance(minutes=1)
    deny("agent-2")
    with world.desk.store.reading() as session:
        denied = session.exec(select(AuditEntry).where(AuditEntry.act == "denied")).all()
    assert Counter(one.actor_id for one in denied) == {
        "agent-2": DENIALS_A_MINUTE + 1,
        "agent-3": 1,
    }
