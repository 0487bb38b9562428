"""The filter of the Audit log page: who, which act, on what, and when."""

from collections.abc import Collection

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.reporting.audit.audit_filter import SUBJECT_LABEL, AuditFilter
from cardpay.reporting.audit.audit_list import choices
from cardpay.reporting.audit.audit_words import act_words
from cardpay.services.desk import Desk
from components.frame.desk_access import still_here
from components.widgets.text_fields import text_field


def audit_filter(desk: Desk, actor: Actor) -> AuditFilter:
    """The fields, and what they hold now."""
    offered = choices(desk.store, actor)
    who_field, act_field, subject_field, first_field, last_field = st.columns([6, 6, 6, 5, 5])
    with subject_field:
        subject = text_field(
            SUBJECT_LABEL,
            "audit.subject",
            placeholder="A payment's, a refund's, …",
            on_change=still_here,
        )
    who = who_field.selectbox(
        "Who",
        list(offered.people),
        index=None,
        placeholder="Everybody",
        format_func=lambda actor_id: offered.people.get(actor_id, actor_id),
        key="audit.who",
        on_change=still_here,
    )
    act = act_field.selectbox(
        "Act",
        offered.acts,
        index=None,
        placeholder="Everything",
        format_func=act_words,
        key="audit.act",
        on_change=still_here,
    )
    return AuditFilter(
        actor_id=_if_offered(who, offered.people),
        act=_if_offered(act, offered.acts),
        subject_id=subject,
        first_day=first_field.date_input(
            "From", value=None, key="audit.from", on_change=still_here
        ),
        last_day=last_field.date_input("To", value=None, key="audit.to", on_change=still_here),
    )


def _if_offered(chosen: str | None, offered: Collection[str]) -> str | None:
    """What was chosen, unless no browser of ours can have sent it: it will be written down.

    Streamlit's selectbox takes a text that is none of its options for one that reads like it.
    """
    return chosen if chosen in offered else None
