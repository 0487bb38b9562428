"""Audit log: who did what, when and from where, and the state of its hash chain."""

from typing import Final

import streamlit as st

from cardpay.domain.errors import CardpayError
from cardpay.reporting.audit.audit_filter import AuditFilter
from cardpay.reporting.audit.audit_list import audit_page
from cardpay.reporting.paging import Page
from cardpay.services.audit.record_reading import note_seen
from cardpay.services.audit.write_heads import head_state
from cardpay.storage.audit.heads_file import HeadsFile
from components.audit.audit_filter import audit_filter
from components.audit.audit_links import audit_file_link
from components.audit.chain_status import show_chain
from components.frame.desk_access import authorise, current_application
from components.frame.page_list import AUDIT
from components.widgets.messages import empty_place, small_text
from components.widgets.pager import page_buttons, place_in
from components.widgets.plain_text import plain
from components.widgets.times import time_column

_SEEN: Final = "audit.seen"  # the filter whose use was last audited
_HEIGHT_PX: Final = 495

actor = authorise(AUDIT)
application = current_application()
desk = application.desk
# The filter takes business days, so times are shown in the business time zone.
zone = application.settings.business_zone


def _table(page: Page) -> None:
    st.dataframe(
        page.frame,
        height="auto" if len(page.frame) < 10 else _HEIGHT_PX,
        alt="Entries of the audit log, newest first",
        column_config={
            "Entry": st.column_config.NumberColumn(width="small"),
            "Time": time_column(zone.key, seconds=True),
            "Changes": st.column_config.TextColumn(width=300),
        },
    )


def _foot(chosen: AuditFilter, page: Page) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons("audit", chosen, page)
        st.link_button("Export as CSV", audit_file_link(chosen), icon=":material/download:")
        small_text(f"Newest first. Days and times in {zone.key}; in the file, in UTC.")


@st.fragment
def _log() -> None:
    chosen = audit_filter(desk, actor)
    try:
        page = audit_page(desk.store, actor, zone, chosen, place_in("audit", chosen))
        if st.session_state.get(_SEEN) != chosen:
            found = not page.frame.empty
            note_seen(desk, actor, chosen.audited(found=found))
            st.session_state[_SEEN] = chosen
    except CardpayError as error:
        st.error(plain(error.sentence))
        return
    if page.frame.empty:
        empty_place("audit", "No entries match. Clear a filter, or choose other days.")
        return
    _table(page)
    _foot(chosen, page)


st.title("Audit log", anchor=False)
show_chain(
    head_state(desk.store, HeadsFile(application.settings.heads_path)), desk.now(), zone.key
)
_log()
