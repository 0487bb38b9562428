"""Payments: search and filter payments, and open one."""

from typing import Any, Final

import streamlit as st

from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.payment.display_status import DISPLAY_TONES, DisplayStatus
from cardpay.reporting.paging import Cursor, Page
from cardpay.reporting.payments.payments_list import PaymentFilter, payments_page
from components.frame import session_state
from components.frame.desk_access import (
    authorise,
    current_desk,
    keep_session_active,
    viewer_time_zone,
)
from components.frame.page_list import PAYMENTS
from components.payment.payment_details import show_payment
from components.payments.export_panel import export_button, export_status
from components.widgets.messages import small_text
from components.widgets.pager import page_buttons, place_in
from components.widgets.status_chips import TONE_COLOURS, status_label
from components.widgets.text_fields import text_field
from components.widgets.times import time_column

_DRAWN: Final = (
    "payments.drawn"  # the open payment when the table was drawn, and how often it changed
)
_WORDS: Final = frozenset(DisplayStatus)
# About eleven rows; fewer above an open payment, so that it is in sight.
_HEIGHT_PX: Final = 425
_HEIGHT_WITH_PAYMENT_PX: Final = 285

# The table's own toolbar would search and download the visible page only, as if it were all.
_STYLE: Final = """<style>
.st-key-payments-table [data-testid="stElementToolbar"] { display: none }
</style>"""

actor = authorise(PAYMENTS)
desk = current_desk()
zone = viewer_time_zone()


def _times_drawn() -> int:
    """A number that grows when the address changes (Back, a link), to drop the old selection."""
    shown = session_state.address_payment_id()
    drawn_for, times = st.session_state.get(_DRAWN, (shown, 0))
    if drawn_for != shown:
        times += 1
    st.session_state[_DRAWN] = (shown, times)
    return int(times)


def _open_selected(key: str, page: Page) -> None:
    """The selection's callback: put the payment into the address, which decides what is shown."""
    keep_session_active()
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
    # A status that has no word here is in the table by Stripe's own.
    words = {status.value: status for status in DisplayStatus} | {
        word: DisplayStatus.UNKNOWN for word in page.frame["Status"] if word not in _WORDS
    }
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
                format_func=lambda word: status_label(words[word], word),
            ),
            "Amount": st.column_config.TextColumn(alignment="right"),
        },
    )


def _pager(chosen: PaymentFilter, page: Page) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons("payments", chosen, page)
        export_button(desk, actor, chosen)
        small_text(f"Newest first. Times in {zone}.")
    export_status(actor, chosen)


@st.fragment
def _payments() -> None:
    search_field, status_field = st.columns(2)
    with search_field:
        search = text_field(
            "Search",
            "payments.search",
            placeholder="Order reference, customer, email, last four, pi_…",
            on_change=keep_session_active,
        )
    statuses = status_field.multiselect(
        "Status",
        list(DisplayStatus),
        placeholder="All",
        format_func=status_label,
        key="payments.statuses",
        on_change=keep_session_active,
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
        st.info("No payments yet. The first one will appear here.")
    else:
        st.info("No payments match. Search by the start of a word, or clear a filter.")
    shown = session_state.address_payment_id()
    if shown is not None:
        show_payment(desk, actor, shown, zone)


st.title("Payments", anchor=False)
st.html(_STYLE)
_payments()
