"""What a session keeps between two runs of a page."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests

from components.frame import session_state
from components.frame.session_state import uninterrupted


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> ScriptRequests:
    """What is asked of the session of a callback."""
    made = ScriptRequests()
    context = SimpleNamespace(script_requests=made)
    monkeypatch.setattr(session_state, "get_script_run_ctx", lambda: context)
    return made


@pytest.mark.parametrize("is_over", [False, True])
def test_a_press_is_done_to_its_end_first(asks: ScriptRequests, is_over: bool) -> None:
    """Another run that is asked for, or the end of the session, is told of afterwards."""
    told: list[object] = []

    def press() -> None:
        if is_over:
            asks.request_stop()
        else:
            asks.request_rerun(RerunData())
        told.append(asks.on_scriptrunner_yield())

    uninterrupted(uninterrupted(press))()
    assert told == [None]
    assert asks.on_scriptrunner_yield() is not None


def test_a_press_that_fails_hides_nothing_afterwards(asks: ScriptRequests) -> None:
    """The next one can be ended where it may be."""

    def press() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        uninterrupted(press)()
    asks.request_stop()
    assert asks.on_scriptrunner_yield() is not None


def test_two_presses_of_new_payment_begin_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second, for the payment of before, takes nothing of what is typed for the next."""
    monkeypatch.setattr("streamlit.session_state", {})
    monkeypatch.setattr("streamlit.query_params", {})
    session_state.go_to_payment("last")
    session_state.begin_new_draft("last")
    begun = session_state.current_payment_id()
    assert begun not in {None, "last"}
    session_state.typed(str(begun))["customer_name"] = "Customer Two"
    session_state.begin_new_draft("last")
    assert session_state.current_payment_id() == session_state.address_payment_id() == begun
    assert session_state.typed(str(begun)) == {"customer_name": "Customer Two"}
