"""Messages on screen: coloured boxes, small print, and the result of the last click."""

from collections.abc import Callable
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import CardpayError
from cardpay.reporting.figures_behind import figures_behind
from components.frame import session_state
from components.frame.desk_access import current_desk, keep_session_active
from components.frame.error_messages import logged_sentence
from components.widgets.plain_text import plain
from components.widgets.status_chips import TONE_ICONS

_BOXES = {"success": st.success, "error": st.error, "warning": st.warning, "info": st.info}


def message_box(tone: str, sentence: str) -> None:
    """Draw a box that screen readers announce; `tone` is success, error, warning or info."""
    _BOXES[tone](plain(sentence), icon=TONE_ICONS[tone])


def empty_place(of: str, sentence: str) -> DeltaGenerator:
    """Draw a table's place where there is nothing to show; a way on can be drawn into it.

    Screen readers announce the sentence.
    """
    place = st.container(border=True, key=f"card-empty-{of}", horizontal_alignment="center")
    place.html(f'<p role="status" class="empty-place">{escape(sentence)}</p>')
    return place


def small_text(sentence: str) -> None:
    """Draw an explanation in small print. Streamlit's own captions are too pale to read."""
    st.markdown(f":small[:gray[{plain(sentence)}]]")


def behind_notice(actor: Actor) -> None:
    """Say how old the page's figures are, where they are read from a replica that is behind."""
    if sentence := figures_behind(current_desk().store, actor):
        message_box("info", f"{sentence} A payment's own page is up to date.")


def show_result(panel: str) -> None:
    """Draw the result of the last click, if it was in this panel."""
    result = session_state.result(panel)
    if result is not None:
        message_box(*result)


def run_and_show_result(panel: str, action: Callable[[], tuple[str, str]]) -> None:
    """Run a button's action; its result (tone, sentence), or error, is shown in the panel."""
    keep_session_active()
    try:
        result = action()
    except CardpayError as error:
        result = ("error", logged_sentence(error))
    session_state.set_result(panel, result)
