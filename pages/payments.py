"""Payments: search and filter payments, and go to one."""

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
from components.payments.export_panel import export_button, export_status
from components.payments.running_out_strip import running_out_strip
from components.widgets.messages import small_text
from components.widgets.pager import page_buttons, place_in
from components.widgets.payment_links import open_payment
from components.widgets.status_chips import TONE_COLOURS, status_label
from components.widgets.text_fields import text_field
from components.widgets.times import time_column

_OPEN: Final = "payments.open"
_WORDS: Final = frozenset(DisplayStatus)
_HEIGHT_PX: Final = 425  # about eleven rows

# The table's own toolbar would search and download the visible page only, as if it were all.
_STYLE: Final = """<style>
.st-key-payments-table [data-testid="stElementToolbar"] { display: none }
</style>"""

actor = authorise(PAYMENTS)
if (linked := session_state.linked_payment()) is not None:
    open_payment(linked)  # a link from before payments had pages of their own
desk = current_desk()
zone = viewer_time_zone()


def _open_selected(key: str, page: Page) -> None:
    """The selection's callback: remember which payment is to be opened when the page is drawn."""
    keep_session_active()
    state: Any = st.session_state.get(key)
    rows = state["selection"]["rows"] if state else []
    st.session_state[_OPEN] = str(page.frame.index[rows[0]]) if rows else None


def _table(chosen: PaymentFilter, cursor: Cursor | None, page: Page) -> None:
    key = f"payments.table.{hash((chosen, cursor))}"
    # A status that has no word here is in the table by Stripe's own.
    words = {status.value: status for status in DisplayStatus} | {
        word: DisplayStatus.UNKNOWN for word in page.frame["Status"] if word not in _WORDS
    }
    st.dataframe(
        page.frame.assign(Status=page.frame["Status"].map(lambda word: [word])),
        key=key,
        hide_index=True,
        height="auto" if len(page.frame) < 8 else _HEIGHT_PX,
        on_select=lambda: _open_selected(key, page),
        selection_mode="single-row",
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
    chosen_id = st.session_state.pop(_OPEN, None)
    if chosen_id is not None:
        open_payment(chosen_id)


st.title("Payments", anchor=False)
running_out_strip(desk, actor, zone)
st.html(_STYLE)
_payments()
