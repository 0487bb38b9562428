"""The filters of the Audit log page: user, action, object and days."""

from collections.abc import Collection

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.reporting.audit.audit_filter import SUBJECT_LABEL, AuditFilter
from cardpay.reporting.audit.audit_list import choices
from cardpay.reporting.audit.audit_words import act_words
from cardpay.services.desk import Desk
from components.frame.desk_access import keep_session_active
from components.widgets.text_fields import text_field


def audit_filter(desk: Desk, actor: Actor) -> AuditFilter:
    """Draw the filters; returns what they hold."""
    offered = choices(desk.store, actor)
    who_field, act_field, subject_field, first_field, last_field = st.columns([6, 6, 6, 5, 5])
    with subject_field:
        subject = text_field(
            SUBJECT_LABEL,
            "audit.subject",
            placeholder="Payment, refund or other ID",
            on_change=keep_session_active,
        )
    who = who_field.selectbox(
        "User",
        list(offered.people),
        index=None,
        placeholder="All",
        format_func=lambda actor_id: offered.people.get(actor_id, actor_id),
        key="audit.who",
        on_change=keep_session_active,
    )
    act = act_field.selectbox(
        "Action",
        offered.acts,
        index=None,
        placeholder="All",
        format_func=act_words,
        key="audit.act",
        on_change=keep_session_active,
    )
    return AuditFilter(
        actor_id=_if_offered(who, offered.people),
        act=_if_offered(act, offered.acts),
        subject_id=subject,
        first_day=first_field.date_input(
            "From", value=None, key="audit.from", on_change=keep_session_active
        ),
        last_day=last_field.date_input(
            "To", value=None, key="audit.to", on_change=keep_session_active
        ),
    )


def _if_offered(chosen: str | None, offered: Collection[str]) -> str | None:
    """What was chosen, if it is one of the options: it will be stored in the audit log.

    Streamlit's selectbox also accepts text that is none of its options (1.67).
    """
    return chosen if chosen in offered else None
