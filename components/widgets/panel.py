"""A part of Operations: its name, how things stand, and the answer to the last click in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from cardpay.domain.errors import CardpayError
from components.frame import session_state
from components.frame.desk_access import still_here
from components.frame.error_messages import refusal
from components.widgets.plain_text import plain
from components.widgets.status_chips import TONE_COLOURS, TONE_ICONS

_BOXES = {"success": st.success, "error": st.error, "warning": st.warning, "info": st.info}


@contextmanager
def panel(name: str, title: str, state: tuple[str, str]) -> Iterator[None]:
    """Draw a frame; `state` is a word with its tone (success, error, warning, info, neutral)."""
    word, tone = state
    with st.container(border=True, key=f"panel-{name}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(title, anchor=False, width="content")
            st.badge(word, icon=TONE_ICONS[tone], color=TONE_COLOURS[tone])
        yield


def show_answer(name: str) -> None:
    """The answer to the last click, if that was in this panel."""
    answer = session_state.answer(name)
    if answer is not None:
        box(*answer)


def box(tone: str, sentence: str) -> None:
    """A sentence that a screen reader announces."""
    _BOXES[tone](plain(sentence), icon=TONE_ICONS[tone])


def aside(sentence: str) -> None:
    """What explains a panel, smaller. Streamlit's own captions are too pale to be read by all."""
    st.markdown(f":small[:gray[{plain(sentence)}]]")


def answering(name: str, act: Callable[[], tuple[str, str]]) -> None:
    """Carry out a click in a panel, and keep the answer (tone, sentence) to show there.

    The act comes first: the next click may end a callback at its first use of the session.
    """
    still_here()
    try:
        answer = act()
    except CardpayError as error:
        answer = ("error", refusal(error))
    session_state.set_answer(name, answer)
