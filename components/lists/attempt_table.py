"""Attempts as the rows of a table that open their payments."""

from typing import Any, Final

import pandas as pd

from cardpay.domain.payment.attempt import ATTEMPT_LABELS, AttemptOutcome
from components.columns.columns_panel import ShownColumns
from components.columns.list_column import ListColumn, text, time_cell, unusual_text
from components.lists.list_table import list_table
from components.widgets.linked_table import Cell, Column, Row, amount_cell, chip_cell
from components.widgets.money_markup import tone_chip
from components.widgets.payment_links import open_payment, payment_link
from components.widgets.times import short_time

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


def attempt_columns(zone: str) -> tuple[ListColumn, ...]:
    """The columns that the list can have."""
    return (
        ListColumn(Column("time", "Time", 128), lambda row: time_cell(row["Time"], zone)),
        ListColumn(
            Column("status", "Outcome", 176),
            lambda row: chip_cell(
                tone_chip(row["Outcome"], _BY_LABEL.get(row["Outcome"], "warning"))
            ),
        ),
        ListColumn(
            Column("amount-of", "Amount", 148, "right strong"),
            lambda row: amount_cell(row["Amount"], row["Currency"]),
        ),
        text(Column("name", "Card", 208, "clip")),
        ListColumn(
            Column("reason", "Reason", None, "clip middle"),
            lambda row: Cell(_joined(row["Reason"], row["Decline code"])),
        ),
        ListColumn(
            Column("bank", "Country", 108, "clip wide"),
            lambda row: Cell(_joined(row["Country"], row["Funding"].lower())),
        ),
        ListColumn(
            Column("checks", "Checks and risk", 152, "clip wide"),
            lambda row: Cell(_joined(row["Checks"], row["Risk"]).capitalize()),
        ),
        text(Column("by", "Tried by", 116, "clip wide")),
        unusual_text("order", "Order", frame="Order reference"),
        unusual_text("decline-code", "Decline code"),
        unusual_text("network-code", "Network decline code"),
        unusual_text("telephone", "Telephone order"),
        unusual_text("charge", "Charge"),
    )


def attempts_table(frame: pd.DataFrame, zone: str, columns: ShownColumns) -> None:
    """Draw attempts, a frame as `attempts_page` returns it, and go to the payment of one."""
    payments = dict(zip(frame.index, frame["Payment"], strict=True))
    rows = [_row(str(its_id), row, zone, columns) for its_id, row in frame.iterrows()]
    list_table(
        "attempts.table",
        "Attempts, newest first",
        columns.columns(),
        rows,
        lambda its_id: open_payment(payments[its_id]),
    )


def _row(its_id: str, row: "pd.Series[Any]", zone: str, columns: ShownColumns) -> Row:
    time = short_time(row["Time"].to_pydatetime(), zone)
    said = (time, row["Card"], row["Amount"], row["Outcome"], row["Reason"])
    return Row(its_id, payment_link(row["Payment"]), _joined(*said), columns.cells(row))


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
