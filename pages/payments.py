"""Payments: search and filter payments, and go to one."""

from typing import Final

import streamlit as st

from cardpay.domain.access.permissions import RECENT_HOURS, Permission
from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.paging import Page
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payments_list import payments_page
from components.exports.export_panel import export_panel
from components.frame import session_state
from components.frame.desk_access import (
    authorise,
    current_desk,
    keep_session_active,
    viewer_time_zone,
)
from components.frame.page_list import PAYMENTS
from components.payments.payment_rows import payments_table
from components.payments.running_out_strip import running_out_strip
from components.widgets.messages import empty_place, small_text
from components.widgets.pager import page_buttons, place_in
from components.widgets.payment_links import open_payment
from components.widgets.text_fields import text_field

_DRAWN: Final = "payments.drawn"

actor = authorise(PAYMENTS)
linked = session_state.linked_payment()
if linked is not None and _DRAWN not in st.session_state:
    open_payment(linked)  # a link from before payments had pages of their own
# On the way to a payment's page Streamlit puts the payment into this page's address, too: Back
# comes here, and is not to be sent forward again.
st.session_state[_DRAWN] = True
desk = current_desk()
zone = viewer_time_zone()


def _clear_filters() -> None:
    keep_session_active()
    st.session_state["payments.search"] = ""
    st.session_state["payments.statuses"] = []


def _pager(chosen: PaymentFilter, page: Page) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons("payments", chosen, page)
        small_text(f"Newest first. Times are in {zone}.{_only_own()}")


def _only_own() -> str:
    """What is missing from the list of somebody who may not see everybody's payments."""
    if actor.may(Permission.SEE_ALL_PAYMENTS):
        return ""
    return f" You see the payments you took, and everybody's of the last {RECENT_HOURS} hours."


def _filters() -> PaymentFilter:
    search_field, status_field = st.columns(2)
    with search_field:
        search = text_field(
            "Search",
            "payments.search",
            placeholder="Order reference, customer, email, last four, pi_…",
            on_change=keep_session_active,
            persist_state="session",
        )
    statuses = status_field.multiselect(
        "Status",
        list(DisplayStatus),
        placeholder="All",
        format_func=str,
        key="payments.statuses",
        on_change=keep_session_active,
        persist_state="session",
    )
    return PaymentFilter(frozenset(statuses), search)


def _list() -> None:
    chosen = _filters()
    try:
        page = payments_page(
            desk.store, actor, chosen, place_in("payments", chosen), now=desk.now()
        )
    except CardDataRefused as refused:
        st.error(refused.sentence)
        return
    if not page.frame.empty:
        with st.container(horizontal=True, horizontal_alignment="right"):
            export_panel(actor, ExportKind.PAYMENTS, chosen)
        payments_table("payments.table", "Payments, newest first", page.frame, zone)
        _pager(chosen, page)
    elif chosen.is_empty:
        empty_place("payments", "No payments yet. The first one will appear here.")
    else:
        with empty_place(
            "payments",
            f"No payments match. Search by the start of a name, reference or email.{_only_own()}",
        ):
            st.button("Clear filters", icon=":material/filter_alt_off:", on_click=_clear_filters)


st.title("Payments", anchor=False)
running_out_strip(desk, actor, zone)
st.fragment(_list)()
