"""What the button "Demo" in the header opens. A section is a function that draws it."""

import streamlit as st

from components.frame import session_state
from components.frame.desk_access import current_application

_ROLES_KEY = "cardpay.roles"


def demo_menu() -> None:
    """Draw the button, and in it the sections."""
    with st.popover("Demo", icon=":material/science:", key="demo-menu"):
        st.markdown("**Demo.** Stripe is simulated. Use test cards: no real money moves.")
        if not current_application().settings.signs_in:
            _view_as()


def _view_as() -> None:
    """Choose the roles to see the desk with."""
    held = current_application().settings.everyones_roles
    st.pills(
        "View as",
        sorted(held),
        selection_mode="multi",
        default=sorted(session_state.shown_roles(held)),
        format_func=str.capitalize,
        key=_ROLES_KEY,
        on_change=lambda: session_state.set_shown_roles(st.session_state[_ROLES_KEY]),
    )
