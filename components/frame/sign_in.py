"""The sign-in page, and how a session ends.

Nothing else is drawn or run for anybody who isn't signed in: no page, no navigation.
"""

from typing import Literal

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.role_check_rules import AccessUnchecked
from cardpay.domain.access.sign_in import AccessDenied, NotSignedIn, SignedOut
from cardpay.domain.errors import StartRefused
from cardpay.services.access import sessions
from components.frame import session_state
from components.frame.company import company_name
from components.frame.desk_access import (
    current_actor,
    current_desk,
)
from components.frame.page_list import PAGES
from components.widgets.plain_text import plain

# How often a tab checks whether its session was ended in another tab.
_CHECK_SECONDS = 1.0


def signed_in_actor() -> Actor | None:
    """The person at this screen; for anybody else draw the sign-in page and return None."""
    try:
        return current_actor()
    except NotSignedIn:
        _sign_in_page()
    except SignedOut as ended:
        session_state.clear()
        _sign_in_page(ended.what)
    except AccessUnchecked as unchecked:
        _sign_in_page(unchecked.sentence, button="try again")
    except AccessDenied as stranger:
        _sign_in_page(stranger.sentence, button="sign out")
    except StartRefused as refused:
        _sign_in_page(refused.sentence, button=None)
    return None


def sign_out(actor: Actor) -> None:
    """End the session in every tab; the browser drops its cookie and tells the provider."""
    sessions.sign_out(current_desk(), actor)
    session_state.clear()
    st.logout()


def watch_session(actor: Actor) -> None:
    """Check again and again whether the session has ended elsewhere."""
    st.fragment(_check_session, run_every=_CHECK_SECONDS)(actor)


def _sign_in_page(
    sentence: str = "", *, button: Literal["sign in", "sign out", "try again"] | None = "sign in"
) -> None:
    # Registered at every page's address, so that the address is kept until somebody has signed
    # in; and a navigation drawn before goes away.
    st.navigation(
        [
            st.Page(_nothing, title=company_name(), url_path=page.name, default=page is PAGES[0])
            for page in PAGES
        ],
        position="hidden",
    )
    st.title(plain(company_name()), anchor=False)
    if sentence:
        st.warning(plain(sentence), icon=":material/lock:")
    if button == "sign out" and st.button("Sign out", type="primary", icon=":material/logout:"):
        st.logout()
    if button == "try again":
        st.button("Try again", type="primary", icon=":material/refresh:")
    if button != "sign in":
        return
    st.write("Sign in with your work account to use the payments desk.")
    if st.button("Sign in", type="primary", icon=":material/login:"):
        st.login()


def _nothing() -> None:
    """The sign-in page has drawn everything already."""


def _check_session(actor: Actor) -> None:
    """Redraw the whole tab, as the sign-in page, once the session has ended."""
    assert actor.guard is not None
    try:
        actor.guard.check()
    except (SignedOut, AccessUnchecked):
        st.rerun()
