"""A screen that refreshes itself at the very moment of a press."""

import pytest
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.runtime.state.session_state import WStates


def rerun_due_at_each_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on another rerun is asked for when a callback begins.

    Streamlit then ends the callback at its next use of the session, and does not call it again.
    """
    call = WStates.call_callback

    def call_with_a_rerun_due(states: WStates, widget_id: str) -> None:
        context = get_script_run_ctx()
        assert context is not None
        assert context.script_requests is not None
        context.script_requests.request_rerun(RerunData(page_script_hash=context.page_script_hash))
        call(states, widget_id)

    monkeypatch.setattr(WStates, "call_callback", call_with_a_rerun_due)
