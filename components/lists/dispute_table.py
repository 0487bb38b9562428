"""Disputes as the rows of a table that open their payments; each has a link to Stripe, too."""

from datetime import datetime
from typing import Any, Final

import pandas as pd

from cardpay.domain.stripe_account import Mode
from cardpay.reporting.disputes.disputes_list import dispute_url
from components.lists.list_table import list_table
from components.widgets.linked_table import Cell, Column, Row, amount_cell, chip_cell
from components.widgets.money_markup import tone_chip
from components.widgets.payment_links import open_payment, payment_link
from components.widgets.times import long, short_time

_COLUMNS: Final = (
    Column("time", "Respond by", 208),
    Column("status", "Status", 176),
    Column("amount-of", "Amount", 148, "right strong"),
    Column("name", "Reason", None, "clip"),
    Column("order", "Order", 116, "clip wide"),
    Column("began", "Began", 132, "clip wide"),
    Column("stripe", "At Stripe", 108, "middle"),
)


def disputes_table(frame: pd.DataFrame, zone: str, now: datetime, mode: Mode) -> None:
    """Draw disputes, a frame as `disputes_page` returns it, and go to the payment of one.

    The simulated Stripe of the demo has no dashboard to go to.
    """
    payments = dict(zip(frame.index, frame["Payment"], strict=True))
    rows = [_row(str(its_id), row, zone, now, mode) for its_id, row in frame.iterrows()]
    list_table(
        "disputes.table",
        "Disputes: those to respond to by deadline, then the newest",
        _COLUMNS,
        rows,
        lambda its_id: open_payment(payments[its_id]),
    )


def _row(its_id: str, row: "pd.Series[Any]", zone: str, now: datetime, mode: Mode) -> Row:
    due = "" if pd.isna(row["Respond by"]) else _due(row["Respond by"].to_pydatetime(), zone, now)
    url = dispute_url(row["Dispute"], livemode=mode is Mode.LIVE)
    at_stripe = Cell("Respond" if due else "Open", href=url)
    cells = (
        Cell(due or "–"),
        chip_cell(tone_chip(row["Status"], row["Tone"])),
        amount_cell(row["Amount"], row["Currency"]),
        Cell(row["Reason"]),
        Cell(row["Order reference"]),
        Cell(short_time(row["Began"].to_pydatetime(), zone)),
        Cell("Simulated") if mode is Mode.DEMO else at_stripe,
    )
    said = (due and f"respond by {due}", row["Reason"], row["Amount"], row["Status"])
    label = ", ".join(part for part in (*said, row["Order reference"]) if part)
    # One of a charge without a payment here has nowhere else to go.
    href = payment_link(row["Payment"]) if row["Payment"] else url
    return Row(its_id, href, label, cells)


def _due(at: datetime, zone: str, now: datetime) -> str:
    """ "4 Dec, 23:59 · 3 days left"."""
    left = f"{long(at - now)} left" if at > now else "passed"
    return f"{short_time(at, zone, now)} · {left}"
