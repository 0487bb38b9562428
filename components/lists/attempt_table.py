"""Attempts as the rows of a table that open their payments."""

from typing import Any, Final

import pandas as pd

from cardpay.domain.payment.attempt import ATTEMPT_LABELS, AttemptOutcome
from components.lists.list_table import list_table
from components.widgets.linked_table import Cell, Column, Row, amount_cell, chip_cell
from components.widgets.money_markup import tone_chip
from components.widgets.payment_links import open_payment, payment_link
from components.widgets.times import short_time

_COLUMNS: Final = (
    Column("time", "Time", 128),
    Column("status", "Outcome", 176),
    Column("amount-of", "Amount", 148, "right strong"),
    Column("name", "Card", 208, "clip"),
    Column("reason", "Reason", None, "clip middle"),
    Column("bank", "Country", 108, "clip wide"),
    Column("checks", "Checks and risk", 152, "clip wide"),
    Column("by", "Tried by", 116, "clip wide"),
)
_TONES: Final = {
    AttemptOutcome.SUCCEEDED: "success",
    AttemptOutcome.AUTHORISED: "info",
    AttemptOutcome.PROCESSING: "info",
    AttemptOutcome.PENDING: "warning",
    AttemptOutcome.REQUIRES_ACTION: "warning",
    AttemptOutcome.DECLINED: "error",
    AttemptOutcome.AUTHENTICATION_FAILED: "error",
    AttemptOutcome.REFUSED: "error",
    AttemptOutcome.NOT_CHARGED: "neutral",
}
_BY_LABEL: Final = {label: _TONES[outcome] for outcome, label in ATTEMPT_LABELS.items()}


def attempts_table(frame: pd.DataFrame, zone: str) -> None:
    """Draw attempts, a frame as `attempts_page` returns it, and go to the payment of one."""
    payments = dict(zip(frame.index, frame["Payment"], strict=True))
    rows = [_row(str(its_id), row, zone) for its_id, row in frame.iterrows()]
    list_table(
        "attempts.table",
        "Attempts, newest first",
        _COLUMNS,
        rows,
        lambda its_id: open_payment(payments[its_id]),
    )


def _row(its_id: str, row: "pd.Series[Any]", zone: str) -> Row:
    time = short_time(row["Time"].to_pydatetime(), zone)
    cells = (
        Cell(time),
        chip_cell(tone_chip(row["Outcome"], _BY_LABEL.get(row["Outcome"], "warning"))),
        amount_cell(row["Amount"], row["Currency"]),
        Cell(row["Card"]),
        Cell(_joined(row["Reason"], row["Decline code"])),
        Cell(_joined(row["Country"], row["Funding"].lower())),
        Cell(_joined(row["Checks"], row["Risk"]).capitalize()),
        Cell(row["Tried by"]),
    )
    said = (time, row["Card"], row["Amount"], row["Outcome"], row["Reason"])
    return Row(its_id, payment_link(row["Payment"]), _joined(*said), cells)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
