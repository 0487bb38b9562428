"""How a page reaches the desk, and on whose behalf."""

import streamlit as st

from cardpay import bootstrap
from cardpay.bootstrap import Application
from cardpay.domain.actor import Actor, Permission
from cardpay.domain.errors import NotAllowed
from cardpay.services.desk import Desk
from components.plain_text import plain


def current_application() -> Application:
    """What this process runs on."""
    return bootstrap.application()


def current_desk() -> Desk:
    """The desk of this process."""
    return bootstrap.application().desk


def current_actor() -> Actor:
    """Who is at this screen. With sign-in off it is the desk itself, with the set roles."""
    roles = bootstrap.application().settings.everyones_roles
    return Actor("desk", roles, st.context.ip_address or "this computer")


def viewer_time_zone() -> str:
    """The zone in which this person's screen shows times; the business zone if unknown."""
    return st.context.timezone or bootstrap.application().settings.time_zone


def authorise(permission: Permission) -> Actor:
    """The actor, if they may; otherwise the page says so and ends. A page's first line."""
    actor = current_actor()
    try:
        actor.require(permission)
    except NotAllowed as refused:
        st.error(plain(refused.sentence))
        st.stop()
    return actor
