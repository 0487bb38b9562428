"""What asks before something is done: a dialog, or a question in the button's place.

A button opens a dialog, whose last step acts and closes it.

A dialog takes the keyboard's focus and gives it back to its button; a popover's content comes last
in the order of Tab. Which one is open is kept in the session, so that it stays while the page is
drawn again.
"""

from collections.abc import Callable, Collection
from html import escape
from typing import Any

import streamlit as st

from components.frame import session_state
from components.frame.focus import focus_place
from components.frame.session_state import uninterrupted
from components.widgets.messages import show_result


def dialog_button(
    label: str, key: str, content: Callable[[], None], *, icon: str | None = None
) -> None:
    """Draw a button; what it opens is drawn by `content`, under the label.

    In the dialog the focus goes to what `content` draws at the `focus_place` of the same key.
    """
    st.button(label, icon=icon, key=f"open.{key}", on_click=uninterrupted(_ask), args=(key,))
    if session_state.is_dialog_open(key):
        opened = st.dialog(label, on_dismiss=uninterrupted(session_state.close_dialog))(_content)
        opened(key, content)


def last_step(
    label: str, key: str, action: Callable[[], None], *, fields: Collection[str] = ()
) -> None:
    """Draw the button of a dialog that does what it is about.

    `fields` are the keys of those from which the words around the button were made. If one holds
    something else at the press, which came with what was typed last, nothing is done.
    """
    said = {field: st.session_state.get(field) for field in fields}
    show_result(_changed_panel(said))
    st.button(
        label, type="primary", key=key, on_click=uninterrupted(_act), args=(action, label, said)
    )


def ask_in_place(
    label: str, key: str, question: str, last: str, action: Callable[[], None]
) -> None:
    """Draw a button whose place a question takes, with `last`, which acts, and "Keep it".

    For fragments, out of which Streamlit 1.67 opens no dialog. The question stands where the
    button was, so that the second press of a double click decides nothing.
    """
    with focus_place(key):
        if not session_state.is_dialog_open(key):
            st.button(label, key=f"open.{key}", on_click=uninterrupted(_ask), args=(key,))
            st.empty()
            st.empty()
            return
        st.empty()
        st.html(f'<p role="alert" class="question">{escape(question)}</p>')
        with st.container(horizontal=True, gap="small"):
            last_step(last, key, action)
            st.button("Keep it", key=f"keep.{key}", on_click=uninterrupted(_keep), args=(key,))


def _ask(key: str) -> None:
    session_state.give_focus(key)
    session_state.open_dialog(key)


def _keep(key: str) -> None:
    session_state.give_focus(key)
    session_state.close_dialog()


def _content(key: str, content: Callable[[], None]) -> None:
    if not session_state.is_dialog_open(key):
        st.rerun()  # its last step was pressed, which draws the dialog alone
    content()


def _act(action: Callable[[], None], label: str, said: dict[str, Any]) -> None:
    """The callback. Closed first: while it acts, the page may be drawn by another run."""
    now = {field: st.session_state.get(field) for field in said}
    if now != said:
        if None not in now.values():  # else a first press has closed the dialog
            sentence = f"The button still said {label}, so nothing was done. Check it, then "
            session_state.set_result(_changed_panel(now), ("warning", f"{sentence}press again."))
        return
    session_state.close_dialog()
    action()


def _changed_panel(fields: dict[str, Any]) -> str:
    """Where it is said that a press came with other values: until they change again."""
    return f"dialog.{fields}"
