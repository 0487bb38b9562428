"""What the card form's callbacks do with messages that our form does not send."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import streamlit as st
from sqlmodel import col, select

from cardpay.domain.errors import AskedTooOften
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.limit_rules import Limits
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import AuditEntry
from components.frame import session_state
from components.take_payment import card_form_panel
from components.take_payment.three_d_secure import find_challenge
from tests.support.desks.worlds import AGENT, CHALLENGE, DECLINED, VISA, World

KEY = "card-form"
Payload = Callable[[World, PaymentView], object]


def _press(world: World, payment: PaymentView, **changes: object) -> dict[str, object]:
    """What the form sends when the pay button is pressed."""
    honest = {
        "payment_id": payment.payment_id,
        "payment_method_id": world.card(),
        "submission_id": str(uuid4()),
    }
    return honest | changes


def _of_another(world: World, _payment: PaymentView) -> object:
    other = world.created(order_reference="SO-9")
    return _press(world, other)


FORGED: list[Any] = [
    pytest.param(_of_another, "denied", id="another payment's"),
    pytest.param(lambda *_: "pay", "denied", id="text"),
    pytest.param(lambda *_: [1, 2], "denied", id="list"),
    pytest.param(lambda *_: {}, "denied", id="empty"),
    pytest.param(lambda w, p: _press(w, p, amount=1), "denied", id="extra key"),
    pytest.param(lambda w, p: _press(w, p, payment_id=1), "denied", id="number for an id"),
    pytest.param(lambda w, p: _press(w, p, payment_id=VISA), "denied", id="card number for ours"),
    pytest.param(lambda w, p: _press(w, p, payment_id="x" * 5_000), "denied", id="long text"),
    pytest.param(lambda w, p: _press(w, p, payment_method_id=VISA), "denied", id="card number"),
    pytest.param(lambda w, p: _press(w, p, payment_method_id="pm_<b>"), "denied", id="markup"),
    pytest.param(lambda w, p: _press(w, p, submission_id="1"), "denied", id="no submission"),
    pytest.param(
        lambda w, p: _press(w, p, payment_method_id=f"pm_{VISA}"),
        "payment.attempt.refused",
        id="card number in an id",
    ),
    pytest.param(
        lambda w, p: _press(w, p, payment_method_id=w.saved_card()),
        "payment.attempt.refused",
        id="a customer's saved card",
    ),
]


@pytest.fixture
def browser_sent(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Streamlit's session state, as the running callback finds it."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def press(world: World, payment: PaymentView) -> None:
    """The form's callback runs."""
    card_form_panel._pay(world.desk, AGENT, payment.payment_id, KEY)


def offered(world: World, payment: PaymentView) -> str:
    """The challenge that the screen offers, by its id."""
    find_challenge(world.desk, AGENT, payment.payment_id)
    pending = session_state.challenge(payment.payment_id).pending
    assert pending is not None
    return pending.action_id


def end_challenge(
    world: World, browser_sent: dict[str, Any], payment: PaymentView, action_id: str
) -> None:
    """The browser says that a challenge has ended."""
    sent = {"payment_id": payment.payment_id, "action_id": action_id, "error_code": None}
    browser_sent[KEY] = {"action_result": sent}
    card_form_panel._authenticated(world.desk, AGENT, payment.payment_id, KEY)


def acts(world: World) -> list[AuditEntry]:
    """The audit log's entries of what was refused, in order."""
    with world.desk.store.reading() as reading:
        rows = reading.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all()
    return [row for row in rows if row.act in {"denied", "payment.attempt.refused"}]


@pytest.mark.parametrize(("payload", "act"), FORGED)
def test_a_forged_message_does_nothing_but_an_audit_entry(
    world: World, browser_sent: dict[str, Any], payload: Payload, act: str
) -> None:
    """No traceback, no charge, and the next honest press pays."""
    payment = world.created()
    browser_sent[KEY] = {"submission": payload(world, payment)}
    press(world, payment)
    (entry,) = acts(world)
    assert (entry.act, entry.actor_id, entry.subject_id) == (act, "agent-1", payment.payment_id)
    assert VISA not in str(entry)
    assert world.successful_charges() == []
    assert world.now_is(payment).can_pay
    browser_sent[KEY] = {"submission": _press(world, payment)}
    press(world, payment)
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED
    assert len(world.successful_charges()) == 1
    assert session_state.notice(payment.payment_id) is None


def test_the_same_message_again_is_one_charge(world: World, browser_sent: dict[str, Any]) -> None:
    """The browser, or somebody with its words, says it three times."""
    payment = world.created()
    browser_sent[KEY] = {"submission": _press(world, payment)}
    for _ in range(3):
        press(world, payment)
    paid = world.now_is(payment)
    assert (paid.display, len(paid.attempts)) == (DisplayStatus.SUCCEEDED, 1)
    assert len(world.successful_charges()) == 1
    with world.desk.store.reading() as reading:
        replays = select(AuditEntry).where(AuditEntry.act == "payment.attempt.replayed")
        assert len(reading.exec(replays).all()) == 2


def test_a_refused_press_lets_the_form_go_on(world: World, browser_sent: dict[str, Any]) -> None:
    """The person reads why, and the form waits for that press no longer."""
    payment = world.created()
    message = _press(world, payment, payment_method_id=f"pm_{VISA}")
    browser_sent[KEY] = {"submission": message}
    press(world, payment)
    told = session_state.notice(payment.payment_id)
    assert told is not None
    assert "No money has moved." in told
    assert session_state.answered() == message["submission_id"]


def test_a_decline_after_a_refused_press_is_told(
    world: World, browser_sent: dict[str, Any]
) -> None:
    """The form waits for the last press, not for the one that was refused."""
    payment = world.created()
    browser_sent[KEY] = {"submission": _press(world, payment, payment_method_id=f"pm_{VISA}")}
    press(world, payment)
    message = _press(world, payment, payment_method_id=world.card(DECLINED))
    browser_sent[KEY] = {"submission": message}
    press(world, payment)
    declined = world.now_is(payment)
    assert declined.display is DisplayStatus.DECLINED
    assert card_form_panel._settled(declined) == message["submission_id"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"payment_id": "11111111-1111-4111-8111-111111111111"}, id="another's"),
        pytest.param({"error_code": 402}, id="number for a code"),
        pytest.param({"status": "succeeded"}, id="extra key"),
        pytest.param({"action_id": VISA + " "}, id="odd characters"),
    ],
)
def test_a_forged_end_of_a_challenge_is_audited(
    world: World, browser_sent: dict[str, Any], changes: dict[str, object]
) -> None:
    """Stripe is not even asked, and the challenge still waits."""
    payment = world.created()
    world.pay(payment, CHALLENGE)
    world.sandbox.clear_requests()
    honest = {"payment_id": payment.payment_id, "action_id": "act-1", "error_code": None}
    browser_sent[KEY] = {"action_result": honest | changes}
    card_form_panel._authenticated(world.desk, AGENT, payment.payment_id, KEY)
    assert [entry.act for entry in acts(world)] == ["denied"]
    assert world.calls() == []
    assert world.now_is(payment).display is DisplayStatus.NEEDS_AUTHENTICATION


def test_a_message_that_says_it_is_paid_pays_nothing(
    world: World, browser_sent: dict[str, Any]
) -> None:
    """The browser's word is a hint: Stripe is asked, and says that nobody has confirmed."""
    payment = world.created()
    world.pay(payment, CHALLENGE)
    end_challenge(world, browser_sent, payment, offered(world, payment))
    assert world.now_is(payment).display is DisplayStatus.NEEDS_AUTHENTICATION
    assert world.successful_charges() == []


def test_only_the_challenge_that_is_open_ends_once_and_with_a_pause(
    world: World, browser_sent: dict[str, Any]
) -> None:
    """Two hundred messages, made up or of the challenges that were offered, are two questions."""
    payment = world.created()
    world.pay(payment, CHALLENGE)
    first = offered(world, payment)
    world.sandbox.clear_requests()
    world.clock.advance(seconds=4)
    for number in range(200):
        for action_id in (first, f"act-{number}"):
            end_challenge(world, browser_sent, payment, action_id)
        if (pending := session_state.challenge(payment.payment_id).pending) is not None:
            end_challenge(world, browser_sent, payment, pending.action_id)
    assert len(world.calls()) == 1
    world.clock.advance(seconds=4)
    offered(world, payment)
    assert len(world.calls()) == 2
    assert world.now_is(payment).display is DisplayStatus.NEEDS_AUTHENTICATION


def test_a_full_minute_does_not_hide_the_outcome(
    world: World, browser_sent: dict[str, Any]
) -> None:
    """The screen asks again once it may."""
    payment = world.created()
    taken = world.pay(payment, CHALLENGE)
    action_id = offered(world, payment)
    world.authenticate(taken, "complete")
    world.clock.advance(seconds=4)
    with suppress(AskedTooOften):
        while True:
            world.desk.asks.count(AGENT, world.desk.now())
    end_challenge(world, browser_sent, payment, action_id)
    assert world.now_is(payment).display is DisplayStatus.NEEDS_AUTHENTICATION
    world.clock.advance(seconds=61)
    find_challenge(world.desk, AGENT, payment.payment_id)
    assert world.now_is(payment).display is DisplayStatus.SUCCEEDED


def test_no_message_is_no_forgery(world: World, browser_sent: dict[str, Any]) -> None:
    """A late trigger of a form that has left the page says nothing."""
    payment = world.created()
    press(world, payment)
    browser_sent[KEY] = {"submission": None, "action_result": None}
    press(world, payment)
    card_form_panel._authenticated(world.desk, AGENT, payment.payment_id, KEY)
    assert acts(world) == []


def test_a_limit_reached_with_a_card_entered(world: World, browser_sent: dict[str, Any]) -> None:
    """The person reads that no money has moved, which the limit alone does not say."""
    payment = world.created()
    browser_sent[KEY] = {"submission": _press(world, payment)}
    limited = replace(world.desk, limits=Limits(payments_per_hour=1))
    world.pay(world.created(order_reference="SO-2"))
    card_form_panel._pay(limited, AGENT, payment.payment_id, KEY)
    told = session_state.notice(payment.payment_id)
    assert told is not None
    assert "reached its limit: 1 payment in the last hour. No money has moved." in told
    assert len(world.successful_charges()) == 1
