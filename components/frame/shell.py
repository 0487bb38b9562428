"""The Streamlit script: the frame of every page, and the page that is chosen."""

from pathlib import Path

import streamlit as st

from components.frame import browser_scripts, sign_in
from components.frame.company import show_company
from components.frame.connection_notice import connection_notice
from components.frame.focus import keep_focus
from components.frame.header import header_corner
from components.frame.navigation import configure_page, navigation

_STYLE = Path(__file__).with_name("desk_style.css")


def _style() -> None:
    """Draw the style sheet. Streamlit names the theme to its app only: popovers lie outside."""
    st.html(_STYLE)
    st.html(f"<style>body {{ color-scheme: {st.context.theme.type or 'light'} }}</style>")


def main() -> None:
    """Draw the frame, then the chosen page."""
    configure_page()
    _style()
    actor = sign_in.signed_in_actor()
    if actor is None:
        return
    show_company()
    page = navigation(actor)
    # First, where nothing comes and goes before it: at another place on the page the frame would
    # load again, report to the server, and rerun the script while somebody types.
    with st.container(key="guard"):
        browser_scripts.warn_before_leaving()
        connection_notice()
        keep_focus()
    header_corner(actor)
    page.run()


main()
