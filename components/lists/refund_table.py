"""Refunds as the rows of a table that open their payments."""

from typing import Any, Final

import pandas as pd

from components.lists.list_table import list_table
from components.widgets.linked_table import Cell, Column, Row, amount_cell, chip_cell
from components.widgets.money_markup import tone_chip
from components.widgets.payment_links import open_payment, payment_link
from components.widgets.times import short_time

_COLUMNS: Final = (
    Column("time", "Time", 128),
    Column("status", "Status", 176),
    Column("amount-of", "Amount", 148, "right strong"),
    Column("name", "Order", 132, "clip"),
    Column("reason", "Reason", 188, "clip middle"),
    Column("by", "Asked by", 148, "clip middle"),
    Column("card", "Payment method", 176, "clip wide"),
    Column("problem", "Problem", None, "clip wide"),
)


def refunds_table(frame: pd.DataFrame, zone: str) -> None:
    """Draw refunds, a frame as `refunds_page` returns it, and go to the payment of one."""
    payments = dict(zip(frame.index, frame["Payment"], strict=True))
    rows = [_row(str(its_id), row, zone) for its_id, row in frame.iterrows()]
    list_table(
        "refunds.table",
        "Refunds, newest first",
        _COLUMNS,
        rows,
        lambda its_id: open_payment(payments[its_id]),
    )


def _row(its_id: str, row: "pd.Series[Any]", zone: str) -> Row:
    time = short_time(row["Time"].to_pydatetime(), zone)
    cells = (
        Cell(time),
        chip_cell(tone_chip(row["Status"], row["Tone"])),
        amount_cell(row["Amount"], row["Currency"]),
        Cell(row["Order reference"]),
        Cell(row["Reason"]),
        Cell(row["Asked by"]),
        Cell(row["Payment method"]),
        Cell(row["Problem"]),
    )
    said = (time, row["Order reference"], row["Amount"], row["Status"], row["Reason"])
    label = ", ".join(part for part in said if part)
    return Row(its_id, payment_link(row["Payment"]), label, cells)
