"""What the button "Demo" in the header opens. A section is a function that draws it."""

from urllib.parse import urlsplit

import streamlit as st

from cardpay.bootstrap import Application
from cardpay.demo.controls.stripe_behaviour import Answering, Delivering
from cardpay.domain.access.permissions import Role
from components.demo import past_progress, stripe_controls, test_card_pills, tour
from components.demo.kept_role import keep_role
from components.frame import session_state
from components.frame.desk_access import current_application
from components.frame.page_list import TAKE_PAYMENT
from components.frame.session_state import uninterrupted

_WITH_DRAFT = ("", "/", f"/{TAKE_PAYMENT.name}")
_ROLE_KEY = "cardpay.demo.role"
_USUAL = {Answering.NORMAL, Delivering.ON_TIME}
_DUTIES = {
    session_state.ALL_ROLES: "Every page and every step.",
    Role.ADMIN: "Manages products, sessions and settings, and reads the audit log.",
    Role.SUPERVISOR: "Captures holds, refunds, and reviews. Agents take payments and holds.",
    Role.AGENT: "Takes payments and holds. Supervisors capture and refund.",
    Role.ANALYST: "Reads and exports payments and the books.",
}
_ROLES = (session_state.ALL_ROLES, Role.ADMIN, Role.SUPERVISOR, Role.AGENT, Role.ANALYST)


@st.fragment
def demo_menu() -> None:
    """Draw the button, and once it is open its sections. A fragment: the page stays as it is."""
    application = current_application()
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="demo-corner"
    ):
        _unusual(application)
        # What is inside takes its time, so it is drawn when somebody looks.
        menu = st.popover("Demo", icon=":material/science:", key="demo-menu", on_change="rerun")
    with menu:
        if menu.open:
            _sections(application)
    keep_role()
    if session_state.role_is_new():
        if urlsplit(st.context.url or "").path in _WITH_DRAFT:
            st.query_params.clear()  # nobody else has the draft, and no other page shows it
        st.rerun()
    if stripe_controls.something_was_made():
        st.rerun()  # the page beneath shows it
    stripe_controls.say_begun_again()


def _sections(application: Application) -> None:
    st.markdown("**Demo.** Stripe is simulated, no money moves.")
    controls = application.demo_controls
    if controls is not None:
        past_progress.past_progress(controls)
    tour.tour()
    if not application.settings.signs_in:
        _view_as(application)
    test_card_pills.test_cards()
    if controls is not None:
        stripe_controls.stripe_controls(controls)
    with st.container(horizontal=True, horizontal_alignment="right", key="demo-ends"):
        if controls is not None:
            stripe_controls.reset_button(controls)
    stripe_controls.what_was_made()


def _unusual(application: Application) -> None:
    """Say beside the button what Stripe does, where that is unusual; its place is always there."""
    controls = application.demo_controls
    words = (controls.answering, controls.delivering) if controls else ()
    unusual = [word.value for word in words if word not in _USUAL]
    with st.container(key="demo-unusual", width="content"):
        if unusual:
            st.badge(", ".join(unusual), icon=":material/warning:", color="orange")
        else:
            st.empty()


def _view_as(application: Application) -> None:
    """Choose the role to see the desk with."""
    held = application.settings.everyones_roles
    shown = session_state.shown_roles(held)
    options = [role for role in _ROLES if role == session_state.ALL_ROLES or role in held]
    if _ROLE_KEY not in st.session_state:
        one = len(shown) == 1 and shown != held
        st.session_state[_ROLE_KEY] = next(iter(shown)) if one else session_state.ALL_ROLES
    st.segmented_control(
        "View as",
        options,
        format_func=str.capitalize,
        required=True,
        key=_ROLE_KEY,
        on_change=uninterrupted(_choose),
    )
    st.markdown(f":small[{_DUTIES[st.session_state[_ROLE_KEY]]}]")


def _choose() -> None:
    chosen = st.session_state.get(_ROLE_KEY)
    if chosen is None:
        return  # "Reset now" has cleared the session
    session_state.choose_role(chosen)
