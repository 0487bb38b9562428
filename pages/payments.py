"""Payments: find a payment among all, and see what happened to it."""

from typing import Any, Final

import streamlit as st

from cardpay.domain.access.actor import Permission
from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.payment.status import DISPLAY_TONES, DisplayStatus
from cardpay.reporting.paging import Cursor, Page
from cardpay.reporting.payments.payments_list import PaymentFilter, payments_page
from components.frame import session_state
from components.frame.desk_access import authorise, current_desk, still_here, viewer_time_zone
from components.payment.payment_details import show_payment, status_words
from components.payments.export_panel import export_button, export_told
from components.widgets.pager import page_buttons, place_in
from components.widgets.panel import aside
from components.widgets.status_chips import TONE_COLOURS
from components.widgets.text_fields import text_field
from components.widgets.times import time_column

_DRAWN: Final = "payments.drawn"  # the payment that the table was drawn for, and how many times
# About eleven rows; fewer beside an open payment, so that it is in sight below.
_HEIGHT_PX: Final = 425
_HEIGHT_WITH_PAYMENT_PX: Final = 285

# The table's own toolbar searches and downloads the page on screen, which looks like all of it.
_STYLE: Final = """<style>
.st-key-payments-table [data-testid="stElementToolbar"] { display: none }
</style>"""

actor = authorise(Permission.BROWSE_PAYMENTS)
desk = current_desk()
zone = viewer_time_zone()


def _times_drawn() -> int:
    """Grows when the address changes by itself (Back, a link): the old selection is wrong."""
    shown = session_state.address_payment_id()
    drawn_for, times = st.session_state.get(_DRAWN, (shown, 0))
    if drawn_for != shown:
        times += 1
    st.session_state[_DRAWN] = (shown, times)
    return int(times)


def _open_selected(key: str, page: Page) -> None:
    """Put the selected payment into the address, which decides what is shown."""
    still_here()
    state: Any = st.session_state.get(key)
    rows = state["selection"]["rows"] if state else []
    payment_id = str(page.frame.index[rows[0]]) if rows else None
    st.session_state[_DRAWN] = (payment_id, st.session_state.get(_DRAWN, (None, 0))[1])
    if payment_id is None:
        st.query_params.pop(session_state.PAYMENT_PARAMETER, None)
    else:
        st.query_params[session_state.PAYMENT_PARAMETER] = payment_id


def _table(chosen: PaymentFilter, cursor: Cursor | None, page: Page) -> None:
    key = f"payments.table.{hash((chosen, cursor))}.{_times_drawn()}"
    shown = session_state.address_payment_id()
    here = [row for row, payment_id in enumerate(page.frame.index) if payment_id == shown]
    words = {status.value: status for status in DisplayStatus}
    st.dataframe(
        page.frame.assign(Status=page.frame["Status"].map(lambda word: [word])),
        key=key,
        hide_index=True,
        height="auto" if len(page.frame) < 8 else _HEIGHT_WITH_PAYMENT_PX if shown else _HEIGHT_PX,
        on_select=lambda: _open_selected(key, page),
        selection_mode="single-row",
        selection_default={"selection": {"rows": here}},
        alt="Payments, newest first",
        column_config={
            "Time": time_column(zone),
            "Status": st.column_config.MultiselectColumn(
                options=list(words),
                color=[TONE_COLOURS[DISPLAY_TONES[status]] for status in words.values()],
                format_func=lambda word: status_words(words[word]),
            ),
            "Amount": st.column_config.TextColumn(alignment="right"),
        },
    )


def _pager(chosen: PaymentFilter, page: Page) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons("payments", chosen, page)
        export_button(desk, actor, chosen)
        aside(f"Newest first. Times are in {zone}.")
    export_told(actor, chosen)


@st.fragment
def _payments() -> None:
    search_field, status_field = st.columns(2)
    with search_field:
        search = text_field(
            "Search",
            "payments.search",
            placeholder="Order reference, customer, email, last four, pi_…",
            on_change=still_here,
        )
    statuses = status_field.multiselect(
        "Status",
        list(DisplayStatus),
        placeholder="All",
        format_func=status_words,
        key="payments.statuses",
        on_change=still_here,
    )
    chosen = PaymentFilter(frozenset(statuses), search)
    cursor = place_in("payments", chosen)
    try:
        page = payments_page(desk.store, actor, chosen, cursor, now=desk.now())
    except CardDataRefused as refused:
        st.error(refused.sentence)
        return
    if not page.frame.empty:
        with st.container(key="payments-table"):
            _table(chosen, cursor, page)
        _pager(chosen, page)
    elif chosen.is_empty:
        st.info("No payments yet. They appear here once the first one is taken.")
    else:
        st.info("Nothing matches. Search for the beginning of a word, or clear a filter.")
    shown = session_state.address_payment_id()
    if shown is not None:
        show_payment(desk, actor, shown, zone)


st.title("Payments", anchor=False)
st.html(_STYLE)
_payments()
