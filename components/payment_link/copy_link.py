"""A link's address with a button that copies it, which has the focus once the link is made."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import streamlit as st

_HTML: Final = """
<p class="address"></p>
<button type="button">Copy link</button> <span role="status"></span>
"""
_CSS: Final = """
:host { font-family: var(--st-font); color: var(--st-text-color); font-size: 14px }
p {
  margin: 0 0 8px; padding: 8px 12px; font-family: var(--st-code-font), monospace;
  overflow-wrap: anywhere; background: var(--st-secondary-background-color);
  border-radius: var(--st-base-radius);
}
button {
  font: inherit; font-size: 16px; color: inherit; cursor: pointer; background: transparent;
  padding: 4px 12px; min-height: 40px; border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius);
}
button:hover { border-color: var(--st-primary-color) }
button:focus-visible { outline: 3px solid var(--st-link-color); outline-offset: 1px }
"""


def copy_link(payment_id: str, url: str, *, is_new: bool) -> None:
    """Draw it; `is_new` if this person has just made the link."""
    focus = payment_id if is_new else None
    _component()(key=f"{payment_id}.copy-link", data={"url": url, "focus": focus})


@cache
def _component() -> Callable[..., Any]:
    # Its script is a file: the content policy lets no script run that came as a text.
    return st.components.v2.component(
        "cardpay-card-form.copy_link", html=_HTML, css=_CSS, js="copy_link-*.js"
    )
