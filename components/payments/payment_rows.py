"""Payments as the rows of a table that open them: Payments, and what needs review."""

from datetime import datetime
from typing import Any, Final

import pandas as pd
import streamlit as st

from components.frame.desk_access import keep_session_active
from components.widgets.linked_table import Cell, Column, Row, amount_cell, chip_cell, linked_table
from components.widgets.payment_links import open_payment, payment_link
from components.widgets.status_chips import status_chip
from components.widgets.times import short_time

_COLUMNS: Final = (
    Column("time", "Time", 128),
    Column("status", "Status", 232),
    Column("amount-of", "Amount", 148, "right strong"),
    Column("name", "Customer", 152, "clip"),
    Column("order", "Order", 116, "clip middle"),
    Column("items", "Items", None, "clip wide"),
    Column("card", "Card", 168, "clip wide"),
    Column("taken", "Taken by", 116, "clip wide"),
)


def payments_table(key: str, label: str, frame: pd.DataFrame, zone: str) -> None:
    """Draw payments, a frame as `payments_page` returns it, and go to the one that is opened.

    On coming back its row has the focus. See `linked_table`.
    """
    kept = f"{key}.opened"
    chosen = st.session_state.pop(f"{key}.open", None)
    if chosen is not None:
        st.session_state[kept] = chosen
        open_payment(chosen)

    def opened(payment_id: str) -> None:
        keep_session_active()
        st.session_state[f"{key}.open"] = payment_id

    rows = [_row(str(payment_id), row, zone) for payment_id, row in frame.iterrows()]
    linked_table(key, label, _COLUMNS, rows, opened, focus=st.session_state.get(kept))


def _row(payment_id: str, row: "pd.Series[Any]", zone: str) -> Row:
    at: datetime = row["Time"].to_pydatetime()
    act_by = None if pd.isna(row["Act by"]) else row["Act by"].to_pydatetime()
    chip = status_chip(row["Status"], act_by, zone)
    cells = (
        Cell(short_time(at, zone)),
        chip_cell(chip),
        amount_cell(row["Amount"], row["Currency"]),
        Cell(row["Customer"]),
        Cell(row["Order reference"]),
        Cell(row["Product"]),
        Cell(row["Payment method"]),
        Cell(row["Taken by"]),
    )
    said = (cells[0].text, row["Customer"], row["Amount"], chip.words, row["Order reference"])
    return Row(
        id=payment_id,
        href=payment_link(payment_id),
        label=", ".join(part for part in said if part),
        cells=cells,
    )
