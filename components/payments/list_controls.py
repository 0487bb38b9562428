"""How the list of payments is shown: its order, its rows a page, and the day to go to."""

from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payments_list import Paging, SortedBy, cursor_of_day
from components.frame import address
from components.frame.desk_access import keep_session_active
from components.frame.session_state import uninterrupted
from components.widgets.pager import turn_to

LIST: Final = "payments"

_ROWS: Final = (25, 50, 100, 200)
_DAY: Final = "payments.day"


def paging_fields(chosen: PaymentFilter, zone: ZoneInfo) -> Paging:
    """Draw the fields; returns the order and the rows a page. The day moves the list's place."""
    sort_place, rows_place, day_place, _ = st.columns([3, 1.4, 2, 4])
    sorted_by: SortedBy = _field(sort_place, "Sort", "sort", list(SortedBy))
    rows: int = _field(rows_place, "Rows", "rows", list(_ROWS))
    shown = Paging(sorted_by, rows)
    day_place.date_input(
        "Go to day",
        value=None,
        format="DD/MM/YYYY",
        key=_DAY,
        disabled=sorted_by.by_amount,
        on_change=uninterrupted(_go_to_day),
        args=(chosen, shown, zone),
    )
    return shown


def _field(place: Any, label: str, parameter: str, options: list[Any]) -> Any:
    """In the address unless it holds the first of its options."""
    key = f"payments.{parameter}"
    by_name = {str(option): option for option in options}
    address.take(parameter, key, lambda given: by_name.get(given[-1], options[0]))
    chosen = place.selectbox(
        label,
        options,
        format_func=str,
        key=key,
        on_change=keep_session_active,
        persist_state="session",
    )
    address.put(parameter, [] if chosen == options[0] else [str(chosen)])
    return chosen


def _go_to_day(chosen: PaymentFilter, shown: Paging, zone: ZoneInfo) -> None:
    day: date | None = st.session_state[_DAY]
    cursor = None if day is None else cursor_of_day(day, zone, shown.sorted_by)
    turn_to(LIST, (chosen, shown), cursor)
