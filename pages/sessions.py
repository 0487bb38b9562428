"""Sessions: who is signed in, and an administrator's way to end it."""

import pandas as pd
import streamlit as st

from cardpay.reporting.open_sessions import OpenSession, open_sessions
from cardpay.services.access.end_sessions import end_every_session, end_session
from components.frame.desk_access import (
    authorise,
    current_application,
    current_desk,
    viewer_time_zone,
)
from components.frame.page_list import SESSIONS
from components.frame.session_state import uninterrupted
from components.widgets.amounts import count
from components.widgets.dialogs import ask_in_place
from components.widgets.messages import (
    empty_place,
    run_and_show_result,
    show_result,
    small_text,
)
from components.widgets.times import ago, in_zone

_PANEL = "sessions"
_CHOICE = "sessions.choice"

actor = authorise(SESSIONS)
desk = current_desk()
zone = viewer_time_zone()
now = desk.now()


def _table(rows: list[OpenSession]) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Person": [row.name for row in rows],
                "Roles": [row.roles.capitalize() for row in rows],
                "Signed in": [in_zone(row.started_at, zone) for row in rows],
                "Last seen": [ago(row.seen_at, now) for row in rows],
                "Roles checked": [ago(row.checked_at, now) for row in rows],
                "From": [row.origin for row in rows],
                "Browser": [row.browser for row in rows],
            }
        ),
        hide_index=True,
        alt="Sessions, newest first",
    )


def _end_one() -> None:
    session_id = st.session_state.get(_CHOICE)
    if session_id is not None:
        run_and_show_result(_PANEL, lambda: _told(end_session(desk.store, actor, session_id, now)))
    st.session_state[_CHOICE] = None


def _end_all() -> None:
    run_and_show_result(_PANEL, lambda: _told(end_every_session(desk.store, actor, now)))


def _told(ended: int) -> tuple[str, str]:
    if not ended:
        return "info", "This session had ended already."
    return "success", f"Ended {count(ended, 'session')}. Whoever is signed out may sign in again."


def _label(row: OpenSession) -> str:
    place = f" · {row.browser}, {row.origin}" if row.browser else ""
    return f"{row.name} · {in_zone(row.started_at, zone)}{place}"


st.title("Sessions", anchor=False)
show_result(_PANEL)
found = open_sessions(desk.store, actor, now, now - current_application().settings.idle)
if found:
    _table(found)
    labels = {row.session_id: _label(row) for row in found}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Session to end",
            list(labels),
            index=None,
            format_func=labels.__getitem__,
            placeholder="Choose a session",
            key=_CHOICE,
            width=560,
        )
        st.button("End session", key="sessions.end", on_click=uninterrupted(_end_one))
    ask_in_place(
        "End all sessions",
        "sessions.all",
        "End everybody's session, yours too? Whoever is taking a payment has to sign in again.",
        "End all sessions",
        _end_all,
    )
    small_text(
        f"Times are in {zone}. To keep somebody out, take their access away at the identity "
        "provider, then end their session."
    )
else:
    empty_place("sessions", "Nobody is signed in.")
