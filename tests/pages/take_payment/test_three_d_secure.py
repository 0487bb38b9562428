"""A payment needs authentication, and Stripe does not say how to go on: the screen asks again."""

from typing import Any

import pytest
import streamlit as st

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.taking.three_d_secure import PaymentResult
from components.frame import session_state
from components.take_payment import auto_refresh
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, CHALLENGE, World
from tests.support.screens.pressed_form import PressedForm


class Redrawn(BaseException):
    """The page is drawn anew, as Streamlit ends a script for it."""


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the fragment that watches is there."""
    monkeypatch.setattr(st, "session_state", {})

    def redraw() -> None:
        raise Redrawn

    monkeypatch.setattr(st, "rerun", redraw)


def waiting(world: World) -> PaymentResult:
    """A payment that waits for its cardholder; Stripe is not to be reached just now."""
    taken = world.pay(world.created(), CHALLENGE)
    world.sandbox.faults.add("drop_before", method="GET", times=50)
    return taken


def looked(world: World, taken: PaymentResult) -> None:
    """The fragment looks once."""
    watched = session_state.watched()
    watched.payment_id = taken.payment.payment_id
    watched.drawn_at = world.now_is(taken.payment).updated_at
    watched.looked_at = None
    auto_refresh._refresh_taken(world.desk, AGENT)


def asked(world: World) -> bool:
    """Whether Stripe was asked since the last time."""
    calls = world.calls()
    world.sandbox.clear_requests()
    return any(method == "GET" for method, _ in calls)


@pytest.mark.usefixtures("watch")
def test_stripe_is_asked_again_until_the_challenge_is_here(world: World) -> None:
    """With pauses, by the open page alone; then the page is drawn with it."""
    taken = waiting(world)
    world.sandbox.clear_requests()
    looked(world, taken)
    assert asked(world)
    looked(world, taken)
    assert not asked(world)
    world.clock.advance(seconds=4)
    looked(world, taken)
    assert asked(world)
    world.sandbox.faults.clear()
    world.clock.advance(seconds=4)
    with pytest.raises(Redrawn):
        looked(world, taken)
    pending = session_state.challenge(taken.payment.payment_id).pending
    assert taken.authentication is not None
    assert pending is not None
    assert pending.client_secret == taken.authentication.client_secret


@pytest.mark.usefixtures("watch")
def test_what_the_cardholder_did_meanwhile_is_found(world: World) -> None:
    """Nobody has to reload for it."""
    taken = waiting(world)
    looked(world, taken)
    world.authenticate(taken, "complete")
    world.sandbox.faults.clear()
    world.clock.advance(seconds=4)
    with pytest.raises(Redrawn):
        looked(world, taken)
    assert world.now_is(taken.payment).display is DisplayStatus.SUCCEEDED


def test_the_form_says_what_is_going_on(
    world: World, page_of: Drawing, form: PressedForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not claim that no money moved: the cardholder may have confirmed since."""
    taken = waiting(world)
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: AGENT)
    screen = page_of("take_payment.py")
    screen.query_params["payment"] = taken.payment.payment_id

    def told() -> dict[str, Any]:
        screen.run()
        assert not screen.exception
        assert form.told is not None
        return form.told.as_data()

    unasked = told()
    assert unasked["phase"] == "checking"
    assert unasked["outcome"]["label"] == "Needs authentication"
    assert unasked["outcome"]["title"] == "Stripe isn't responding."
    assert "We don't know yet whether money moved" in " ".join(unasked["outcome"]["lines"])
    world.sandbox.faults.clear()
    world.clock.advance(seconds=4)
    there = told()
    assert there["phase"] == "action"
    assert there["outcome"]["title"] == "The bank wants the cardholder to confirm this payment."
    assert there["outcome"]["key"] != unasked["outcome"]["key"]
