"""Where in a long list the reader is, and the two buttons that turn its pages."""

from collections.abc import Hashable

import streamlit as st

from cardpay.reporting.paging import Cursor, Page
from components.frame.desk_access import still_here


def place_in(name: str, chosen: Hashable) -> Cursor | None:
    """Where the reader of the list `name` is; another filter begins at the newest row."""
    kept: tuple[Hashable, Cursor | None] = st.session_state.get(_key(name), (chosen, None))
    return kept[1] if kept[0] == chosen else None


def page_buttons(name: str, chosen: Hashable, page: Page) -> None:
    """Newer and Older, for the container they stand in; each is off where the list ends."""
    for label, icon, cursor in (
        ("Newer", ":material/chevron_left:", page.newer),
        ("Older", ":material/chevron_right:", page.older),
    ):
        st.button(
            label,
            icon=icon,
            disabled=cursor is None,
            on_click=_turn_to,
            args=(name, chosen, cursor),
        )


def _turn_to(name: str, chosen: Hashable, cursor: Cursor) -> None:
    still_here()
    st.session_state[_key(name)] = (chosen, cursor)


def _key(name: str) -> str:
    return f"{name}.place"
