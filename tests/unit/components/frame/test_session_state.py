"""What a session keeps between two runs of a page."""

import pytest

from components.frame import session_state


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
