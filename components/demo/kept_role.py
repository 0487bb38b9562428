"""Keeps the role that the demo is shown with in the browser, for a reload and for other tabs.

Only the demo draws and reads it. It can take roles away but never give one: see `current_actor`.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from components.frame import session_state


def keep_role() -> None:
    """Have the browser keep the role that was chosen in this session, if any was."""
    _component()(key="cardpay.demo.kept_role", data={"role": session_state.chosen_role() or ""})


@cache
def _component() -> Callable[..., Any]:
    # Its script is a file: the content policy lets no script run that came as a text.
    return st.components.v2.component(
        "cardpay-card-form.demo_role", html="<span></span>", js="demo_role-*.js"
    )
