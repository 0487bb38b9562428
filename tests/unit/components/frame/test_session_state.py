"""A press is not lost because a rerun is due."""

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException

from components.frame import session_state
from components.frame.session_state import carried_through


def test_a_callback_that_a_rerun_ends_is_done_to_its_end_first() -> None:
    """Streamlit raises once, at the use of the session after the request; then comes the rerun."""
    due = [RerunException(RerunData())]
    done: list[str] = []

    def press(name: str) -> None:
        done.append(f"begun {name}")
        if due:
            raise due.pop()
        done.append(f"ended {name}")

    with pytest.raises(RerunException):
        carried_through(press)("Keep it")
    assert done == ["begun Keep it", "begun Keep it", "ended Keep it"]


def test_a_callback_that_nothing_ends_is_called_once() -> None:
    """As if it were not wrapped."""
    done: list[int] = []
    carried_through(done.append)(1)
    assert done == [1]


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
