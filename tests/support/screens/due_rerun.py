"""A screen of which another run is asked for at the very moment of a press."""

from dataclasses import replace

import pytest
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.runtime.state.session_state import WStates


def rerun_due_at_each_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on another run is asked for when a callback begins.

    Streamlit would end the callback at its next use of the session, and not call it again. What
    the callback has written into the address stays there, as it does in a browser.
    """
    call = WStates.call_callback

    def call_with_a_rerun_due(states: WStates, widget_id: str) -> None:
        context = get_script_run_ctx()
        assert context is not None
        requests = context.script_requests
        assert requests is not None
        page = context.page_script_hash
        requests.request_rerun(RerunData(page_script_hash=page, query_string=context.query_string))
        try:
            call(states, widget_id)
        finally:
            asked = requests._rerun_data
            requests._rerun_data = replace(asked, query_string=context.query_string)

    monkeypatch.setattr(WStates, "call_callback", call_with_a_rerun_due)
