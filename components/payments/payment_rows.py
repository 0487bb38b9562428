"""Payments as the rows of a table that open them: Payments, and what needs review."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from cardpay.domain.access.column_rules import ListName
from components.columns.columns_panel import ShownColumns, usual_columns
from components.columns.list_column import ListColumn, text, time_cell, unusual, unusual_text
from components.frame.desk_access import keep_session_active
from components.widgets.linked_table import Column, Row, amount_cell, chip_cell, linked_table
from components.widgets.payment_links import open_payment, payment_link
from components.widgets.status_chips import Chip, status_chip
from components.widgets.times import short_time

_RIGHT: Final = "right"


def payment_columns(zone: str) -> tuple[ListColumn, ...]:
    """The columns that a list of payments can have."""

    def amount(name: str, label: str, code: str = "Currency") -> ListColumn:
        also = (code,) if code != "Currency" else ()
        column = Column(name, label, None, _RIGHT)
        return unusual(column, lambda row: amount_cell(row[label], row[code]), label, *also)

    return (
        ListColumn(Column("time", "Time", 128), lambda row: time_cell(row["Time"], zone)),
        ListColumn(Column("status", "Status", 232), lambda row: chip_cell(_chip(row, zone))),
        ListColumn(
            Column("amount-of", "Amount", 148, "right strong"),
            lambda row: amount_cell(row["Amount"], row["Currency"]),
        ),
        text(Column("name", "Customer", 152, "clip")),
        text(Column("order", "Order", 116, "clip middle"), "Order reference"),
        text(Column("items", "Items", None, "clip wide"), "Product"),
        text(Column("card", "Card", 168, "clip wide"), "Payment method"),
        text(Column("taken", "Taken by", 116, "clip wide")),
        unusual(
            Column("paid-at", "Paid at", None),
            lambda row: time_cell(row["Paid at"], zone),
            "Paid at",
        ),
        amount("ordered", "Ordered"),
        amount("received", "Received"),
        amount("refunded", "Refunded"),
        amount("fee", "Fee", "Settlement currency"),
        amount("net", "Net", "Settlement currency"),
        unusual_text("email", "Email"),
        unusual_text("phone", "Phone"),
        unusual_text("method", "Payment method", frame="Method"),
        unusual_text("brand", "Card brand"),
        unusual_text("last-four", "Last four"),
        unusual_text("country", "Card country", frame="Country"),
        unusual_text("decline-code", "Decline code"),
        unusual_text("telephone", "Telephone order"),
        unusual_text("link", "Payment link"),
        unusual_text("elsewhere", "Taken elsewhere"),
        unusual_text("intent", "PaymentIntent"),
        unusual_text("charge", "Charge"),
        unusual_text("payout", "Payout"),
    )


def payments_table(
    key: str,
    label: str,
    frame: pd.DataFrame,
    zone: str,
    columns: ShownColumns | None = None,
) -> None:
    """Draw payments, a frame as `payments_page` returns it, and go to the one that is opened.

    It has the usual columns if no others are given. On coming back its row has the focus. See
    `linked_table`.
    """
    kept = f"{key}.opened"
    chosen = st.session_state.pop(f"{key}.open", None)
    if chosen is not None:
        st.session_state[kept] = chosen
        open_payment(chosen)

    def opened(payment_id: str) -> None:
        keep_session_active()
        st.session_state[f"{key}.open"] = payment_id

    shown = columns or usual_columns(ListName.PAYMENTS, payment_columns(zone))
    rows = [_row(str(payment_id), row, zone, shown) for payment_id, row in frame.iterrows()]
    linked_table(key, label, shown.columns(), rows, opened, focus=st.session_state.get(kept))


def _row(payment_id: str, row: "pd.Series[Any]", zone: str, columns: ShownColumns) -> Row:
    said = (
        short_time(row["Time"].to_pydatetime(), zone),
        row["Customer"],
        row["Amount"],
        _chip(row, zone).words,
        row["Order reference"],
    )
    return Row(
        id=payment_id,
        href=payment_link(payment_id),
        label=", ".join(part for part in said if part),
        cells=columns.cells(row),
    )


def _chip(row: "pd.Series[Any]", zone: str) -> Chip:
    act_by = None if pd.isna(row["Act by"]) else row["Act by"].to_pydatetime()
    return status_chip(row["Status"], act_by, zone)
