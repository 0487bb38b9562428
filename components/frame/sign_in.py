"""The door: who is let in, who is asked to sign in, and who is told whom to ask.

Nothing of the desk is drawn or run for anybody who is not let in: no page, no navigation.
"""

from typing import Literal

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.sign_in import NotSignedIn, SignedOut, Stranger
from cardpay.domain.account import Mode
from cardpay.domain.errors import StartRefused
from cardpay.services.access import sessions
from components.frame import session
from components.frame.desk_access import (
    current_actor,
    current_application,
    current_desk,
    current_identity,
)
from components.frame.page_list import PAGES
from components.widgets.plain_text import plain

# A tab shows what it shows until it looks again: a second after a sign-out elsewhere.
SECONDS = 1.0
_ROLES_KEY = "cardpay.roles"


def admitted() -> Actor | None:
    """The person at this screen; for anybody else the way in is drawn, and there is nobody."""
    try:
        return current_actor()
    except NotSignedIn:
        _door()
    except SignedOut as ended:
        session.forget_everything()
        _door(ended.what)
    except Stranger as stranger:
        _door(stranger.sentence, way_on="sign out")
    except StartRefused as refused:
        _door(refused.sentence, way_on=None)
    return None


def stay(actor: Actor) -> None:
    """The sidebar's part: who one is, the way out, and the watch for a session's end."""
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
            st.fragment(_watch, run_every=SECONDS)(actor)


def _door(
    sentence: str = "", *, way_on: Literal["sign in", "sign out"] | None = "sign in"
) -> None:
    # The door stands at every page's address, so that the address is kept until somebody has
    # signed in; and a navigation drawn before goes away.
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
    if way_on == "sign out" and st.button("Sign out", type="primary", icon=":material/logout:"):
        st.logout()
    if way_on != "sign in":
        return
    st.write("Sign in with your work account to use the payments desk.")
    if st.button("Sign in", type="primary", icon=":material/login:"):
        st.login()


def _nothing() -> None:
    """What there is to see is drawn by the door itself."""


def _sign_out(actor: Actor) -> None:
    """The session ends for every tab; the browser drops its cookie and tells the provider."""
    sessions.sign_out(current_desk(), actor)
    session.forget_everything()
    st.logout()


def _watch(actor: Actor) -> None:
    """Redraw the whole tab, as the door, once the session has ended anywhere."""
    assert actor.guard is not None
    try:
        actor.guard.check()
    except SignedOut:
        st.rerun()


def _shown_roles() -> None:
    """In the demo: what each role sees."""
    held = current_application().settings.everyones_roles
    st.pills(
        "Show the desk as",
        sorted(held),
        selection_mode="multi",
        default=sorted(session.shown_roles(held)),
        format_func=str.capitalize,
        key=_ROLES_KEY,
        on_change=lambda: session.set_shown_roles(st.session_state[_ROLES_KEY]),
    )
