"""Where the focus goes when what had it is drawn no more: never to the page's body."""

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.frame import session_state


def keep_focus() -> None:
    """Have the browser move a lost focus to the newest message, or else to the page's title."""
    _component()(key="cardpay.focus")


def focus_place(name: str) -> DeltaGenerator:
    """A container whose first field, message or button takes the focus.

    Once each time that `session_state.give_focus` has named it.
    """
    token = session_state.focus_token(name)
    return st.container(key=f"takes-focus-{token}" if token else f"place-{name}")


@cache
def _component() -> Callable[..., Any]:
    # Its script is a file: the content policy lets no script run that came as a text.
    return st.components.v2.component(
        "cardpay-card-form.focus", html="<span></span>", js="focus-*.js"
    )
