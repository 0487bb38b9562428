"""The sign-in page, and the sidebar's account section.

Nothing else is drawn or run for anybody who isn't signed in: no page, no navigation.
"""

from typing import Literal

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.sign_in import AccessDenied, NotSignedIn, SignedOut
from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode
from cardpay.services.access import sessions
from components.frame import session_state
from components.frame.desk_access import (
    current_actor,
    current_application,
    current_desk,
    current_identity,
)
from components.frame.page_list import PAGES
from components.widgets.plain_text import plain

# How often a tab checks whether its session was ended in another tab.
_CHECK_SECONDS = 1.0
_ROLES_KEY = "cardpay.roles"


def signed_in_actor() -> Actor | None:
    """The person at this screen; for anybody else draw the sign-in page and return None."""
    try:
        return current_actor()
    except NotSignedIn:
        _sign_in_page()
    except SignedOut as ended:
        session_state.clear()
        _sign_in_page(ended.what)
    except AccessDenied as stranger:
        _sign_in_page(stranger.sentence, button="sign out")
    except StartRefused as refused:
        _sign_in_page(refused.sentence, button=None)
    return None


def sidebar(actor: Actor) -> None:
    """Draw who is signed in and "Sign out", and check whether the session has ended elsewhere."""
    application = current_application()
    with st.sidebar:
        if application.desk.account.mode is Mode.DEMO and not application.settings.signs_in:
            _shown_roles()
        identity = current_identity() if application.settings.signs_in else None
        if identity is not None:
            st.caption(plain(f"{identity.name}, {', '.join(sorted(actor.roles))}"))
            st.button(
                "Sign out",
                icon=":material/logout:",
                key="cardpay.sign_out",
                on_click=_sign_out,
                args=(actor,),
            )
            st.fragment(_check_session, run_every=_CHECK_SECONDS)(actor)


def _sign_in_page(
    sentence: str = "", *, button: Literal["sign in", "sign out"] | None = "sign in"
) -> None:
    # Registered at every page's address, so that the address is kept until somebody has signed
    # in; and a navigation drawn before goes away.
    st.navigation(
        [
            st.Page(_nothing, title="cardpay", url_path=page.name, default=page is PAGES[0])
            for page in PAGES
        ],
        position="hidden",
    )
    st.title("cardpay", anchor=False)
    if sentence:
        st.warning(plain(sentence), icon=":material/lock:")
    if button == "sign out" and st.button("Sign out", type="primary", icon=":material/logout:"):
        st.logout()
    if button != "sign in":
        return
    st.write("Sign in with your work account to use the payments desk.")
    if st.button("Sign in", type="primary", icon=":material/login:"):
        st.login()


def _nothing() -> None:
    """The sign-in page has drawn everything already."""


def _sign_out(actor: Actor) -> None:
    """End the session in every tab; the browser drops its cookie and tells the provider."""
    sessions.sign_out(current_desk(), actor)
    session_state.clear()
    st.logout()


def _check_session(actor: Actor) -> None:
    """Redraw the whole tab, as the sign-in page, once the session has ended."""
    assert actor.guard is not None
    try:
        actor.guard.check()
    except SignedOut:
        st.rerun()


def _shown_roles() -> None:
    """In the demo, choose the roles to see the desk with."""
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
