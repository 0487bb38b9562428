"""The month-end file's button, and what changed in the month since it was made."""

from zoneinfo import ZoneInfo

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days
from cardpay.reporting.balance.balance_of_days import Balance
from cardpay.reporting.balance.month_changes import CameIn, MonthChanges, month_changes
from cardpay.services.desk import Desk
from components.balance.balance_links import month_end_link
from components.widgets.amounts import count
from components.widgets.messages import message_box, small_text
from components.widgets.money_markup import signed_text
from components.widgets.times import in_zone, short_time

_MOST = 5  # transactions that are named


def month_end_button(actor: Actor, days: Days) -> None:
    """Draw the button that takes the file of these days, for those who may."""
    if not actor.may(Permission.EXPORT_PAYMENTS):
        return
    is_closed = days.first is not None and days.last is not None
    link = month_end_link(days.first, days.last) if days.first and days.last else "/"
    st.link_button(
        "Month-end file",
        link,
        icon=":material/download:",
        type="primary",
        disabled=not is_closed,
        help=None if is_closed else "Choose the first and the last day.",
    )


def changes_since(desk: Desk, actor: Actor, zone: ZoneInfo, days: Days, balance: Balance) -> None:
    """Draw what is otherwise than in the month's last file; nothing if there was none."""
    changes = month_changes(desk.store, actor, zone, days, balance)
    if changes is None:
        return
    at = in_zone(changes.exported_at, zone.key)
    if changes.is_unchanged:
        small_text(f"This month was exported on {at}. Nothing has changed since.")
    else:
        message_box("warning", f"Since this month was exported on {at}{_words(changes, zone)}")


def _words(changes: MonthChanges, zone: ZoneInfo) -> str:
    parts = []
    if changes.came_in:
        named = [_named(one, zone) for one in changes.came_in[:_MOST]]
        if more := len(changes.came_in) - len(named):
            named.append(f"and {more:,} more")
        number = count(len(changes.came_in), "transaction")
        parts.append(f", {number} came in: {'; '.join(named)}.")
    if changes.gone:
        parts.append(f" {count(changes.gone, 'transaction')} of the file can no longer be found.")
    if changes.opening_before is not None:
        before = signed_text(changes.opening_before)
        parts.append(
            f" The opening balance was {before} then: an earlier month has changed."
            if parts
            else f", an earlier month has changed: the opening balance was {before} then."
        )
    return "".join(parts)


def _named(one: CameIn, zone: ZoneInfo) -> str:
    return f"{short_time(one.at, zone.key)}, {one.category}, {signed_text(one.net)}"
