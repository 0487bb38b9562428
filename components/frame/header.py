"""The right end of the header, on every page: the mode, and who is signed in."""

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.stripe_account import Mode
from components.demo.demo_menu import demo_menu
from components.demo.past_progress import header_line
from components.demo.test_card_pills import test_cards
from components.frame.desk_access import current_application, current_identity
from components.frame.session_state import uninterrupted
from components.frame.sign_in import sign_out, watch_session
from components.widgets.plain_text import plain

_SIGN_OUT = "Sign out"


def header_corner(actor: Actor) -> None:
    """Draw the demo's or test mode's button and the person; the style sheet puts them in place."""
    application = current_application()
    account = application.desk.account
    header_line(application.demo_controls)
    with st.container(key="corner", horizontal=True, vertical_alignment="center", gap="small"):
        if account.mode is Mode.DEMO:
            demo_menu()
        elif account.mode is Mode.TEST:
            with st.popover("Test mode", icon=":material/build:", key="test-mode"):
                st.markdown(
                    f"**Test mode.** Stripe account {plain(account.stripe_account_id)}. Use test "
                    "cards: no real money moves."
                )
                test_cards()
        _person(actor)


def _person(actor: Actor) -> None:
    """Who is signed in, as a menu that signs out; without sign-in only the roles."""
    roles = _role_words(actor.roles)
    identity = current_identity() if current_application().settings.signs_in else None
    if identity is None:
        with st.container(key="person", width="content"):
            st.markdown(f":material/person: {roles}")
        return
    st.menu_button(
        f"**{plain(_initials(identity.name))}** {plain(identity.name)} · {roles}",
        [_SIGN_OUT],
        key="person",
        type="tertiary",
        on_click=uninterrupted(sign_out),
        args=(actor,),
    )
    watch_session(actor)


def _role_words(roles: frozenset[Role]) -> str:
    """The roles in words: "Agent", "Agent, supervisor"; "All roles" for whoever has each."""
    if roles == frozenset(Role):
        return "All roles"
    return ", ".join(role for role in Role if role in roles).capitalize() or "No role"


def _initials(name: str) -> str:
    """The first letters of the first and the last word: "JR"."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
