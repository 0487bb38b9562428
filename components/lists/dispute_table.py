"""Disputes as the rows of a table that open their payments; each has a link to Stripe, too."""

from datetime import datetime
from typing import Any

import pandas as pd

from cardpay.domain.stripe_account import Mode
from cardpay.reporting.disputes.disputes_list import dispute_url
from components.columns.columns_panel import ShownColumns
from components.columns.list_column import ListColumn, text, time_cell, unusual_text
from components.lists.list_table import list_table
from components.widgets.linked_table import Cell, Column, Row, amount_cell, chip_cell
from components.widgets.money_markup import tone_chip
from components.widgets.payment_links import open_payment, payment_link
from components.widgets.times import long, short_time


def dispute_columns(zone: str, now: datetime, mode: Mode) -> tuple[ListColumn, ...]:
    """The columns that the list can have.

    The simulated Stripe of the demo has no dashboard to go to.
    """
    return (
        ListColumn(
            Column("time", "Respond by", 208),
            lambda row: Cell(_due(row["Respond by"], zone, now) or "–"),
        ),
        ListColumn(
            Column("status", "Status", 176),
            lambda row: chip_cell(tone_chip(row["Status"], row["Tone"])),
        ),
        ListColumn(
            Column("amount-of", "Amount", 148, "right strong"),
            lambda row: amount_cell(row["Amount"], row["Currency"]),
        ),
        text(Column("name", "Reason", None, "clip")),
        text(Column("order", "Order", 116, "clip wide"), "Order reference"),
        ListColumn(
            Column("began", "Began", 132, "clip wide"), lambda row: time_cell(row["Began"], zone)
        ),
        ListColumn(
            Column("stripe", "At Stripe", 108, "middle"), lambda row: _at_stripe(row, mode)
        ),
        unusual_text("items", "Items", frame="Product"),
        unusual_text("intent", "PaymentIntent"),
        unusual_text("charge", "Charge"),
        unusual_text("dispute", "Dispute"),
    )


def disputes_table(
    frame: pd.DataFrame, zone: str, now: datetime, mode: Mode, columns: ShownColumns
) -> None:
    """Draw disputes, a frame as `disputes_page` returns it, and go to the payment of one."""
    payments = dict(zip(frame.index, frame["Payment"], strict=True))
    rows = []
    for its_id, row in frame.iterrows():
        # One of a charge without a payment here has nowhere else to go.
        href = payment_link(row["Payment"]) if row["Payment"] else _url(row, mode)
        rows.append(Row(str(its_id), href, _label(row, zone, now), columns.cells(row)))
    list_table(
        "disputes.table",
        "Disputes: those to respond to by deadline, then the newest",
        columns.columns(),
        rows,
        lambda its_id: open_payment(payments[its_id]),
    )


def _label(row: "pd.Series[Any]", zone: str, now: datetime) -> str:
    due = _due(row["Respond by"], zone, now)
    said = (due and f"respond by {due}", row["Reason"], row["Amount"], row["Status"])
    return ", ".join(part for part in (*said, row["Order reference"]) if part)


def _url(row: "pd.Series[Any]", mode: Mode) -> str:
    return dispute_url(row["Dispute"], livemode=mode is Mode.LIVE)


def _at_stripe(row: "pd.Series[Any]", mode: Mode) -> Cell:
    if mode is Mode.DEMO:
        return Cell("Simulated")
    return Cell("Open" if pd.isna(row["Respond by"]) else "Respond", href=_url(row, mode))


def _due(respond_by: Any, zone: str, now: datetime) -> str:
    """ "4 Dec, 23:59 · 3 days left"; empty where nothing is to be answered."""
    if pd.isna(respond_by):
        return ""
    at: datetime = respond_by.to_pydatetime()
    left = f"{long(at - now)} left" if at > now else "passed"
    return f"{short_time(at, zone, now)} · {left}"
