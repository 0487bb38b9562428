"""A list's table, whose rows open a payment, and the way back to the row that one opened."""

from collections.abc import Callable, Sequence

import streamlit as st

from components.frame.desk_access import keep_session_active
from components.widgets.linked_table import Column, Row, linked_table


def list_table(
    key: str,
    label: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    go: Callable[[str], None],
    *,
    opens: str = "payment",
) -> None:
    """Draw the table; `go` leaves the page for what the row with an id stands for.

    On coming back its row has the focus. See `linked_table`.
    """
    kept = f"{key}.opened"
    chosen = st.session_state.pop(f"{key}.open", None)
    if chosen is not None:
        st.session_state[kept] = chosen
        go(chosen)

    def opened(row_id: str) -> None:
        keep_session_active()
        st.session_state[f"{key}.open"] = row_id

    linked_table(key, label, columns, rows, opened, focus=st.session_state.get(kept), opens=opens)
