"""How a page reaches the desk, and on whose behalf."""

from contextlib import suppress
from dataclasses import replace

import streamlit as st

from cardpay import bootstrap
from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor, Permission
from cardpay.domain.access.sign_in import Identity, NotSignedIn, read_identity
from cardpay.domain.account import Mode
from cardpay.domain.errors import CardpayError
from cardpay.services.access import denied_acts, sessions
from cardpay.services.desk import Desk
from cardpay.settings.sign_in_checks import refuse_live_without
from components.frame import session
from components.widgets.plain_text import plain


def current_application() -> Application:
    """What this process runs on."""
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
    """Who is at this screen, now active there.

    Errors: NotSignedIn, SignedOut, Stranger; StartRefused where anybody could move real money.
    With sign-in off it is the desk itself, with the set roles; in the demo, with those of them
    that the person wants to be shown.
    """
    application = bootstrap.application()
    origin = _origin()
    if application.settings.signs_in:
        identity = current_identity()
        if identity is None:
            raise NotSignedIn
        return sessions.enter(application.desk, application.settings.admission, identity, origin)
    # The start has refused this, too, unless a script was started that is not the desk's own.
    refuse_live_without(application.settings)
    actor = Actor("desk", application.settings.everyones_roles, origin)
    if application.desk.account.mode is Mode.DEMO:
        actor = replace(actor, roles=session.shown_roles(actor.roles))
    return replace(actor, guard=denied_acts.WithoutSession(application.desk, actor))


def still_here() -> None:
    """Somebody has just done something here, so their session is not idle; it may have ended.

    For the callbacks of fragments, whose runs do not begin with `authorise`. A fragment that looks
    by itself must not call this: it would keep everybody signed in. It is no use of the session's
    state, at which the next click could end the callback.
    """
    if bootstrap.application().settings.signs_in:
        with suppress(CardpayError):  # the act itself, or the next run, tells of it
            current_actor()


def _origin() -> str:
    """The address a person's browser connects from; behind a trusted proxy, the one it names."""
    return st.context.ip_address or "this computer"


def business_time_zone() -> str:
    """The zone of the business day, in which reports and exports are."""
    return bootstrap.application().settings.time_zone


def viewer_time_zone() -> str:
    """The zone in which this person's screen shows times; the business zone if unknown."""
    return st.context.timezone or business_time_zone()


def authorise(permission: Permission) -> Actor:
    """The actor, if they may; otherwise the page says so and ends. A page's first line."""
    try:
        actor = current_actor()
        actor.require(permission)
    except CardpayError as refused:
        st.error(plain(refused.sentence))
        st.stop()
    return actor
