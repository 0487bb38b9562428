"""How a page reaches the desk, and as whom: authorisation, the actor, time zones."""

from contextlib import suppress
from dataclasses import replace
from zoneinfo import available_timezones

import streamlit as st

from cardpay import bootstrap
from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.domain.access.sign_in import Identity, NotSignedIn, read_identity
from cardpay.domain.errors import CardpayError, NotAllowed
from cardpay.domain.stripe_account import Mode
from cardpay.services.access import denied_acts, sessions
from cardpay.services.desk import Desk
from cardpay.settings.sign_in_checks import refuse_live_without
from components.frame import session_state
from components.frame.page_list import DeskPage
from components.widgets.plain_text import plain


def current_application() -> Application:
    """The application that this process serves."""
    return bootstrap.application()


def current_desk() -> Desk:
    """The desk of this process."""
    return bootstrap.application().desk


def current_identity() -> Identity | None:
    """Who the identity provider says is at this screen; None when nobody has signed in."""
    if not st.user.get("is_logged_in"):
        return None
    return read_identity(st.user.to_dict(), bootstrap.application().settings.oidc_groups_claim)


def current_actor() -> Actor:
    """Who is at this screen; marks their session as active.

    Errors: NotSignedIn, SignedOut, AccessDenied, AccessUnchecked; StartRefused if anybody could
    move real money. With sign-in off it is the actor "desk" with the configured roles; in the
    demo, with those of them that the person chose to see.
    """
    application = bootstrap.application()
    identity = current_identity() if application.settings.signs_in else None
    actor = actor_for(identity, _origin())
    if application.settings.signs_in or application.desk.account.mode is not Mode.DEMO:
        return actor
    actor = replace(actor, roles=session_state.shown_roles(actor.roles))
    return replace(actor, guard=denied_acts.WithoutSession(application.desk, actor))


def actor_for(identity: Identity | None, origin: str) -> Actor:
    """Who that is, by the server's own word on their session; marks it as active.

    `identity` is what the identity provider said; it counts only where people sign in. Errors:
    NotSignedIn, SignedOut, AccessDenied; StartRefused if anybody could move real money.
    """
    application = bootstrap.application()
    if application.settings.signs_in:
        if identity is None:
            raise NotSignedIn
        return sessions.enter(application.desk, application.admission, identity, origin)
    # The start refuses this too, but another script may have been started.
    refuse_live_without(application.settings)
    actor = Actor("desk", application.settings.everyones_roles, origin)
    return replace(actor, guard=denied_acts.WithoutSession(application.desk, actor))


def keep_session_active() -> None:
    """Note that somebody has just done something, so that their session is not idle.

    For callbacks in fragments, whose runs don't begin with `authorise`. A fragment that refreshes
    by itself must not call this: it would keep everybody signed in. It doesn't use Streamlit's
    session state, so that no other run ends it.
    """
    if bootstrap.application().settings.signs_in:
        with suppress(CardpayError):  # the action itself, or the next run, shows it
            current_actor()


def _origin() -> str:
    """The browser's IP address; behind a trusted proxy, the one that the proxy names."""
    return st.context.ip_address or "this computer"


def business_time_zone() -> str:
    """The time zone of the business day, used in reports and exports."""
    return bootstrap.application().settings.time_zone


def viewer_time_zone() -> str:
    """The browser's time zone; the business time zone if there is none of that name."""
    told = st.context.timezone
    return told if told in available_timezones() else business_time_zone()


def authorise(page: DeskPage) -> Actor:
    """The actor, if they may open the page; otherwise show why not and stop the script.

    Every page calls this first.
    """
    try:
        actor = current_actor()
        actor.require_to_look(page.permission)
    except NotAllowed:
        st.error(
            f"You don't have access to the page {page.title}. Ask an administrator if you need it."
        )
        st.stop()
    except CardpayError as error:
        st.error(plain(error.sentence))
        st.stop()
    return actor
