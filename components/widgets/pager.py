"""Newer and Older: the buttons that page through a long list, and the current place."""

from collections.abc import Hashable

import streamlit as st

from cardpay.reporting.paging import Cursor, Page
from components.frame.desk_access import keep_session_active
from components.frame.session_state import uninterrupted


def place_in(name: str, chosen: Hashable) -> Cursor | None:
    """The current place in the list `name`; None is the newest row, where a new filter starts."""
    kept: tuple[Hashable, Cursor | None] = st.session_state.get(_key(name), (chosen, None))
    return kept[1] if kept[0] == chosen else None


def page_buttons(
    name: str, chosen: Hashable, page: Page, labels: tuple[str, str] = ("Newer", "Older")
) -> None:
    """Draw the buttons; each is disabled where the list ends."""
    for label, icon, cursor in (
        (labels[0], ":material/chevron_left:", page.newer),
        (labels[1], ":material/chevron_right:", page.older),
    ):
        st.button(
            label,
            icon=icon,
            disabled=cursor is None,
            on_click=uninterrupted(turn_to),
            args=(name, chosen, cursor),
        )


def turn_to(name: str, chosen: Hashable, cursor: Cursor | None) -> None:
    """Show the page of the list `name` that begins there; for a field's or button's callback."""
    keep_session_active()
    st.session_state[_key(name)] = (chosen, cursor)


def _key(name: str) -> str:
    return f"{name}.place"
