"""Refunds as the rows of a table that open their payments."""

from typing import Any

import pandas as pd

from components.columns.columns_panel import ShownColumns
from components.columns.list_column import ListColumn, text, time_cell, unusual_text
from components.lists.list_table import list_table
from components.widgets.linked_table import Column, Row, amount_cell, chip_cell
from components.widgets.money_markup import tone_chip
from components.widgets.payment_links import open_payment, payment_link
from components.widgets.times import short_time


def refund_columns(zone: str) -> tuple[ListColumn, ...]:
    """The columns that the list can have."""
    return (
        ListColumn(Column("time", "Time", 128), lambda row: time_cell(row["Time"], zone)),
        ListColumn(
            Column("status", "Status", 176),
            lambda row: chip_cell(tone_chip(row["Status"], row["Tone"])),
        ),
        ListColumn(
            Column("amount-of", "Amount", 148, "right strong"),
            lambda row: amount_cell(row["Amount"], row["Currency"]),
        ),
        text(Column("name", "Order", 132, "clip"), "Order reference"),
        text(Column("reason", "Reason", 188, "clip middle")),
        text(Column("by", "Asked by", 148, "clip middle")),
        text(Column("card", "Payment method", 176, "clip wide")),
        text(Column("problem", "Problem", None, "clip wide")),
        unusual_text("items", "Items", frame="Product"),
        unusual_text("intent", "PaymentIntent"),
        unusual_text("refund", "Refund"),
    )


def refunds_table(frame: pd.DataFrame, zone: str, columns: ShownColumns) -> None:
    """Draw refunds, a frame as `refunds_page` returns it, and go to the payment of one."""
    payments = dict(zip(frame.index, frame["Payment"], strict=True))
    rows = [_row(str(its_id), row, zone, columns) for its_id, row in frame.iterrows()]
    list_table(
        "refunds.table",
        "Refunds, newest first",
        columns.columns(),
        rows,
        lambda its_id: open_payment(payments[its_id]),
    )


def _row(its_id: str, row: "pd.Series[Any]", zone: str, columns: ShownColumns) -> Row:
    time = short_time(row["Time"].to_pydatetime(), zone)
    said = (time, row["Order reference"], row["Amount"], row["Status"], row["Reason"])
    label = ", ".join(part for part in said if part)
    return Row(its_id, payment_link(row["Payment"]), label, columns.cells(row))
