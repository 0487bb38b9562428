"""The company's name and logo, in the header of every page."""

from functools import cache
from io import BytesIO
from typing import Final

import streamlit as st
from PIL import Image

from components.frame.desk_access import current_application

# Drawn here, since a symbol by name would be fetched from another site.
DEFAULT_LOGO: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 28 28" width="28" height="28">'
    '<rect width="28" height="28" rx="6" fill="#0b5f7e"/>'
    '<path d="M6 10.5h16M6 17.5h8M18 17.5h4" stroke="#fff" stroke-width="2.6" '
    'stroke-linecap="round"/></svg>'
)
# A wider picture holds the name itself.
_MARK_RATIO: Final = 1.6


def company_name() -> str:
    """The company's name."""
    return current_application().settings.company.name


def show_company() -> None:
    """Draw the logo, and beside it the name unless the logo is as wide as a name."""
    logo = current_application().settings.company.logo
    st.logo(Image.open(BytesIO(logo)) if logo else DEFAULT_LOGO, size="large")
    name = "" if logo and holds_name(logo) else company_name()
    st.html(f"<style>:root {{ --desk-company: {css_text(name)} }}</style>")


@cache
def holds_name(logo: bytes) -> bool:
    """Whether the picture is so wide that the company's name is taken to be in it."""
    width, height = Image.open(BytesIO(logo)).size
    return width > _MARK_RATIO * height


def css_text(text: str) -> str:
    """A text of a style sheet, with all but letters and digits escaped (CSS Syntax: escaping)."""
    return '"' + "".join(c if c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'
