"""A bordered part of the Operations page, with a title and a status chip."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from components.widgets.status_chips import TONE_COLOURS, TONE_ICONS


@contextmanager
def panel(name: str, title: str, status: tuple[str, str]) -> Iterator[None]:
    """Draw the frame around what the block draws.

    `status` is a word with its tone: success, error, warning, info or neutral.
    """
    word, tone = status
    with st.container(border=True, key=f"panel-{name}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(title, anchor=False, width="content")
            st.badge(word, icon=TONE_ICONS[tone], color=TONE_COLOURS[tone])
        yield
