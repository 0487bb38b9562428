"""Refunds: money on its way back, with who asked for it."""

import streamlit as st

from cardpay.domain.access.column_rules import ListName
from cardpay.domain.business_days import business_day
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.payment.refund import REFUND_REASONS, RefundStatus
from cardpay.reporting.payment_page.refunds_and_disputes import (
    OUTSIDE,
    refund_reason_words,
    refund_words,
)
from cardpay.reporting.payments.filter_choices import filter_choices
from cardpay.reporting.refunds.refund_filter import EVERY_REFUND, NOT_HERE, RefundFilter
from cardpay.reporting.refunds.refunds_list import refund_sums, refunds_by_person, refunds_page
from cardpay.reporting.staff_names import staff
from components.columns.columns_panel import columns_panel, shown_columns
from components.exports.export_panel import export_panel
from components.frame.desk_access import authorise, current_application
from components.frame.page_list import REFUNDS
from components.lists.list_filters import (
    clear_button,
    currency_field,
    one_of_field,
    person_field,
    status_field,
)
from components.lists.list_totals import totals_line
from components.lists.refund_table import refund_columns, refunds_table
from components.lists.refunds_by_person import ASKED_BY, refunds_by_person_panel
from components.widgets.messages import behind_notice, empty_place, small_text
from components.widgets.pager import page_buttons, place_in
from components.widgets.period_fields import period_fields

actor = authorise(REFUNDS)
application = current_application()
desk = application.desk
# The filter takes business days, so times are shown in the business time zone.
zone = application.settings.business_zone


def _filters() -> RefundFilter | None:
    """What the fields hold; None while the days are wrong, which is said there."""
    *days_places, status_place = st.columns([15, 14, 14, 30])
    reason_place, by_place, currency_place, clear_place = st.columns([22, 18, 18, 15])
    days = period_fields(days_places, business_day(desk.now(), zone))
    statuses = status_field(
        status_place, "Status", list(RefundStatus), lambda status: refund_words(status)[0]
    )
    reason = one_of_field(reason_place, "Reason", "reason", REFUND_REASONS, refund_reason_words)
    by = person_field(
        by_place, "Asked by", ASKED_BY, {**staff(desk.store, actor), NOT_HERE: OUTSIDE}
    )
    currency = currency_field(
        currency_place, filter_choices(desk.store, actor, desk.now()).currencies
    )
    if days is None:
        return None
    chosen = RefundFilter(days, statuses, currency, reason=reason, asked_by=by)
    if chosen != EVERY_REFUND:
        with clear_place.container(vertical_alignment="bottom", height="stretch"):
            clear_button(st, ("reason", "currency"), (ASKED_BY,))
    return chosen


@st.fragment
def _list() -> None:
    chosen = _filters()
    if chosen is None:
        return
    behind_notice(actor)
    page = refunds_page(desk.store, actor, zone, chosen, place_in("refunds", chosen))
    if page.frame.empty:
        empty_place(
            "refunds",
            "No refunds yet. The first one will appear here."
            if chosen == EVERY_REFUND
            else "No refunds match. Clear a filter, or choose other days.",
        )
        return
    totals_line("refund", refund_sums(desk.store, actor, zone, chosen))
    refunds_by_person_panel(lambda: refunds_by_person(desk.store, actor, zone, chosen))
    columns = shown_columns(desk, actor, ListName.REFUNDS, refund_columns(zone.key))
    with st.container(horizontal=True, horizontal_alignment="right"):
        columns_panel(desk, actor, columns)
        export_panel(actor, ExportKind.REFUNDS, chosen)
    refunds_table(page.frame, zone.key, columns)
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons("refunds", chosen, page)
        small_text(f"Newest first. Days and times in {zone.key}.")


st.title("Refunds", anchor=False)
_list()
