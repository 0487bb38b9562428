"""Disputes: those to respond to by their deadline, then the others, newest first."""

import pandas as pd
import streamlit as st

from cardpay.domain.access.column_rules import ListName
from cardpay.domain.business_days import business_day
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.reporting.disputes.dispute_filter import EVERY_DISPUTE, DisputeFilter
from cardpay.reporting.disputes.disputes_list import (
    REASONS,
    dispute_sums,
    disputes_page,
    status_words,
)
from cardpay.reporting.payments.method_words import in_plain_words
from components.columns.columns_panel import columns_panel, shown_columns
from components.exports.export_panel import export_panel
from components.frame.desk_access import authorise, current_application
from components.frame.page_list import DISPUTES
from components.lists.dispute_table import dispute_columns, disputes_table
from components.lists.list_filters import clear_button, one_of_field, status_field
from components.lists.list_totals import totals_line
from components.widgets.messages import behind_notice, empty_place, small_text
from components.widgets.pager import page_buttons, place_in
from components.widgets.period_fields import period_fields

actor = authorise(DISPUTES)
application = current_application()
desk = application.desk
# The filter takes business days, so times are shown in the business time zone.
zone = application.settings.business_zone


def _filters() -> DisputeFilter | None:
    """What the fields hold; None while the days are wrong, which is said there."""
    *days_places, status_place = st.columns([15, 14, 14, 30])
    reason_place, _, clear_place = st.columns([22, 36, 15])
    days = period_fields(days_places, business_day(desk.now(), zone))
    statuses = status_field(
        status_place, "Status", list(DisputeStatus), lambda status: status_words(status)[0]
    )
    reason = one_of_field(reason_place, "Reason", "reason", REASONS, in_plain_words)
    if days is None:
        return None
    chosen = DisputeFilter(days, statuses, reason=reason)
    if chosen != EVERY_DISPUTE:
        with clear_place.container(vertical_alignment="bottom", height="stretch"):
            clear_button(st, ("reason",))
    return chosen


@st.fragment
def _list() -> None:
    chosen = _filters()
    if chosen is None:
        return
    behind_notice(actor)
    page = disputes_page(desk.store, actor, zone, chosen, place_in("disputes", chosen))
    frame = pd.concat([page.waiting, page.others.frame])
    if frame.empty:
        empty_place(
            "disputes",
            "No disputes. A new one will appear here, with its deadline."
            if chosen == EVERY_DISPUTE
            else "No disputes match. Clear a filter, or choose other days.",
        )
        return
    totals_line("dispute", dispute_sums(desk.store, actor, zone, chosen))
    now, mode = desk.now(), desk.account.mode
    columns = shown_columns(desk, actor, ListName.DISPUTES, dispute_columns(zone.key, now, mode))
    with st.container(horizontal=True, horizontal_alignment="right"):
        columns_panel(desk, actor, columns)
        export_panel(actor, ExportKind.DISPUTES, chosen)
    disputes_table(frame, zone.key, now, mode, columns)
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons("disputes", chosen, page.others)
        small_text(
            "Those to respond to come first, by deadline; then the newest. From and To are the "
            f"day a dispute began. Days and times in {zone.key}."
        )


st.title("Disputes", anchor=False)
_list()
