"""The looks of the Balance page."""

from pathlib import Path
from typing import Final

import streamlit as st

_STYLE: Final = Path(__file__).with_name("balance_style.css")


def balance_style() -> None:
    """Put its style sheet on the page."""
    st.html(_STYLE)
