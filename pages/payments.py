"""Payments: search and filter payments, and go to one."""

from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from cardpay.domain.access.column_rules import ListName
from cardpay.domain.access.permissions import RECENT_HOURS, Permission
from cardpay.domain.business_days import business_day
from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.errors import InvalidInput
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.payment.attempt import ATTEMPT_LABELS, AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.paging import Page
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payment_totals import payment_totals
from cardpay.reporting.payments.payments_list import Paging, SortedBy, payments_page
from components.columns.columns_panel import columns_panel, shown_columns
from components.exports.export_panel import export_panel
from components.frame import session_state
from components.frame.desk_access import (
    authorise,
    business_time_zone,
    current_desk,
    viewer_time_zone,
)
from components.frame.page_list import ATTEMPTS, PAYMENT, PAYMENTS
from components.frame.session_state import uninterrupted
from components.payments.list_controls import LIST, paging_fields
from components.payments.payment_filters import begin_anew, clear_filters, payment_filters
from components.payments.payment_rows import payment_columns, payments_table
from components.payments.running_out_strip import running_out_strip
from components.payments.totals_strip import totals_strip
from components.payments.view_pills import open_first_again, open_view, save_view_form, view_pills
from components.widgets.messages import behind_notice, empty_place, small_text
from components.widgets.pager import page_buttons, place_in
from components.widgets.payment_links import open_payment
from components.widgets.plain_text import plain

_DRAWN: Final = "payments.drawn"

actor = authorise(PAYMENTS)
linked = session_state.linked_payment()
if linked is not None and _DRAWN not in st.session_state:
    open_payment(linked)  # a link from before payments had pages of their own
# On the way to a payment's page Streamlit puts the payment into this page's address, too: Back
# comes here, and is not to be sent forward again.
st.session_state[_DRAWN] = True
if linked is not None:
    session_state.forget_linked_payment()
if session_state.came_from() not in {None, PAYMENT.name}:
    begin_anew()
    open_first_again()
desk = current_desk()
zone = viewer_time_zone()
business_zone = ZoneInfo(business_time_zone())


def _pager(chosen: PaymentFilter, shown: Paging, page: Page) -> None:
    by_time = shown.sorted_by is SortedBy.NEWEST
    with st.container(horizontal=True, vertical_alignment="center"):
        labels = ("Newer", "Older") if by_time else ("Previous", "Next")
        page_buttons(LIST, (chosen, shown), page, labels)
        small_text(f"{shown.sorted_by}. Times are in {zone}.{_only_own()}")


def _only_own() -> str:
    """What is missing from the list of somebody who may not see everybody's payments."""
    if actor.may(Permission.SEE_ALL_PAYMENTS):
        return ""
    return f" You see the payments you took, and everybody's of the last {RECENT_HOURS} hours."


def _list() -> None:
    now = desk.now()
    today = business_day(now, business_zone)
    views_place = st.container()
    open_view(desk, actor, today)
    chosen = payment_filters(desk, actor, today)
    if chosen is None:
        return
    behind_notice(actor)
    totals_place = st.container()
    table_place = st.container()
    shown = paging_fields(chosen, business_zone)
    with views_place:
        view_pills(desk, actor, today)
    place = place_in(LIST, (chosen, shown))
    columns = shown_columns(desk, actor, ListName.PAYMENTS, payment_columns(zone))
    with table_place:
        try:
            page = payments_page(
                desk.store,
                actor,
                chosen,
                place,
                paging=replace(shown, further=columns.further),
                zone=business_zone,
                now=now,
            )
        except (CardDataRefused, InvalidInput) as refused:
            st.error(plain(refused.sentence))
            return
        if page.frame.empty and chosen.is_empty:
            empty_place("payments", "No payments yet. The first one will appear here.")
            return
        with st.container(horizontal=True, horizontal_alignment="right"):
            columns_panel(desk, actor, columns)
            save_view_form(desk, actor)
            if not page.frame.empty:
                export_panel(actor, ExportKind.PAYMENTS, chosen)
        if not page.frame.empty:
            label = f"Payments, {shown.sorted_by.lower()}"
            payments_table("payments.table", label, page.frame, zone, columns)
            _pager(chosen, shown, page)
        else:
            _nothing_found(chosen)
    with totals_place:  # last, since they may take longer than the page
        totals_strip(payment_totals(desk.store, actor, chosen, business_zone, now))


def _nothing_found(chosen: PaymentFilter) -> None:
    is_of_declined = DisplayStatus.DECLINED in chosen.statuses
    why = " A payment is Declined until another card pays or it is cancelled." * is_of_declined
    with empty_place(
        "payments",
        "No payments match. Search by the start of a name, reference or email, or by words of a "
        f"note.{why}{_only_own()}",
    ):
        st.button(
            "Clear filters",
            icon=":material/filter_alt_off:",
            key="payments.clear",
            on_click=uninterrupted(clear_filters),
        )
        if (
            is_of_declined
            and actor.may(ATTEMPTS.permission)
            and st.button("Declined cards are under Attempts", icon=ATTEMPTS.icon)
        ):
            ends = {"from": chosen.days.first, "to": chosen.days.last}
            days = {name: day.isoformat() for name, day in ends.items() if day is not None}
            outcome = ATTEMPT_LABELS[AttemptOutcome.DECLINED]
            st.switch_page(ATTEMPTS.file, query_params={**days, "status": outcome})


st.title("Payments", anchor=False)
running_out_strip(desk, actor, zone)
st.fragment(_list)()
