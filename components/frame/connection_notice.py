"""What a person reads while the server does not answer."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import streamlit as st

_WORDS: Final = (
    "Connection lost. Reconnecting… What you typed stays. If you have just pressed Pay, don't "
    "charge again: the result will appear here."
)


def connection_notice() -> None:
    """Have the browser show it whenever the connection is lost. What it draws here is empty."""
    _component()(key="cardpay.connection", data={"words": _WORDS})


@cache
def _component() -> Callable[..., Any]:
    # Its script is a file: the content policy lets no script run that came as a text.
    return st.components.v2.component(
        "cardpay-card-form.connection", html="<span></span>", js="connection-*.js"
    )
