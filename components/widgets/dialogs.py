"""What asks before something is done: a button opens a dialog, whose last step acts and closes it.

A dialog takes the keyboard's focus and gives it back to its button; a popover's content comes last
in the order of Tab. Which one is open is kept in the session, so that it stays while the page is
drawn again.
"""

from collections.abc import Callable

import streamlit as st

from components.frame import session_state


def dialog_button(
    label: str, key: str, content: Callable[[], None], *, icon: str | None = None, title: str = ""
) -> None:
    """Draw a button; what it opens is drawn by `content`, under `title` or else the label."""
    st.button(label, icon=icon, key=f"open.{key}", on_click=session_state.open_dialog, args=(key,))
    if session_state.is_dialog_open(key):
        opened = st.dialog(title or label, on_dismiss=session_state.close_dialog)(_content)
        opened(key, content)


def last_step(label: str, key: str, action: Callable[[], None]) -> None:
    """Draw the button of a dialog that does what it is about."""
    st.button(label, type="primary", key=key, on_click=_act, args=(action,))


def _content(key: str, content: Callable[[], None]) -> None:
    if not session_state.is_dialog_open(key):
        st.rerun()  # its last step was pressed, which draws the dialog alone
    content()


def _act(action: Callable[[], None]) -> None:
    """The callback; closed first, since a rerun may end it after the action."""
    session_state.close_dialog()
    action()
