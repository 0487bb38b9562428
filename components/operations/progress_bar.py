"""Starting long work with a click, and showing its progress and how it ended."""

from typing import Final

import streamlit as st

from components.frame import session_state
from components.frame.desk_access import keep_session_active
from components.operations import background_threads
from components.operations.background_threads import Run, Work
from components.widgets.messages import message_box, show_result

_ALREADY_RUNNING: Final = ("info", "Already running. You can leave this page.")


def start(name: str, work: Work) -> None:
    """A button's callback. However many people click, there is one run of each name."""
    keep_session_active()
    started = background_threads.WORK.start(name, work)
    run = background_threads.WORK.last(name)
    if run is not None:
        session_state.follow(name, run.started_at)
    session_state.set_result(name, None if started else _ALREADY_RUNNING)


def show_progress(name: str, run: Run | None) -> None:
    """Draw the progress bar; after the end the result, for whoever saw the run."""
    if run is None:
        return
    if run.is_running:
        session_state.follow(name, run.started_at)
        st.progress(run.progress.share or 0.0, text=run.progress.words)
        show_result(name)
    elif session_state.follows(name, run.started_at):
        if run.problem is not None:
            message_box("error", run.problem)
        elif run.outcome is not None:
            message_box("success", run.outcome)


def unfinished(run: Run | None) -> str:
    """What to say of a run without an end: runs of other processes are not seen here."""
    if run is not None and run.is_running:
        return "Not yet"
    return "Not yet. It's running elsewhere, or was interrupted and can be started again"
