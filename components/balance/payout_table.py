"""Payouts as the rows of a table that open what is in them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from cardpay.domain.payment.payout import Itemisation
from cardpay.reporting.operations.payout_reports import PAYOUT_WORDS, PayoutReport
from components.balance.balance_links import payout_link
from components.columns.columns_panel import ShownColumns
from components.columns.list_column import ListColumn, unusual
from components.frame.desk_access import keep_session_active
from components.widgets.amounts import count
from components.widgets.linked_table import Cell, Column, Row, chip_cell, linked_table
from components.widgets.money_markup import number_text, signed_text, tone_chip
from components.widgets.status_chips import Chip
from components.widgets.times import plain_day, short_time

_TONES: Final = {
    "Pending": "info",
    "In transit": "info",
    "Paid": "success",
    "Failed": "error",
    "Cancelled": "neutral",
}
assert _TONES.keys() == set(PAYOUT_WORDS.values())


def payout_columns(zone: str) -> tuple[ListColumn, ...]:
    """The columns that the list can have."""
    return (
        ListColumn(
            Column("time", "Arrives", 136), lambda one: Cell(arrival_words(one.arrival_at))
        ),
        ListColumn(Column("status", "Status", 176), lambda one: chip_cell(payout_chip(one))),
        ListColumn(Column("name", "Bank line", None, "clip"), lambda one: Cell(bank_words(one))),
        ListColumn(
            Column("transactions", "Transactions", 128, "right wide"),
            lambda one: Cell("" if one.remainder is None else f"{one.transactions:,}"),
        ),
        ListColumn(
            Column("amount-of", "Amount", 168, "right strong"),
            lambda one: Cell(number_text(one.amount), code=one.amount.currency.upper()),
        ),
        ListColumn(Column("remainder", "Remainder", 168, "right wide"), _remainder_cell),
        unusual(Column("made", "Made", None), lambda one: Cell(short_time(one.created_at, zone))),
        unusual(Column("problem", "Problem", None, "clip"), lambda one: Cell(one.failure)),
        unusual(Column("payout", "Payout", None, "clip"), lambda one: Cell(one.payout_id)),
    )


def payout_table(
    payouts: Sequence[PayoutReport],
    chosen: Callable[[str], None],
    focus: str | None,
    columns: ShownColumns,
) -> None:
    """Draw them; `chosen` is called with Stripe's id of the one that is opened.

    `focus` is the one that was open before.
    """

    def opened(payout_id: str) -> None:
        keep_session_active()
        chosen(payout_id)

    rows = [_row(one, columns) for one in payouts]
    linked_table(
        "balance.payouts",
        "Payouts, newest first",
        columns.columns(),
        rows,
        opened,
        focus=focus,
        opens="payout",
    )


def payout_chip(payout: PayoutReport) -> Chip:
    """Its status, or Stripe's own word for one; red where its transactions don't add up."""
    if payout.itemisation is Itemisation.DIFFERS:
        return tone_chip(f"{payout.status}, doesn't add up", "error")
    return tone_chip(payout.status, _TONES.get(payout.status, "neutral"))


def arrival_words(at: datetime | None) -> str:
    """The day it arrives. Stripe gives a day, as its midnight in UTC."""
    return plain_day(at.date()) if at else "Not known yet"


def bank_words(payout: PayoutReport) -> str:
    """What the bank line says, as far as Stripe tells: statement descriptor and trace id."""
    return " · ".join(part for part in (payout.descriptor, payout.trace_id) if part)


def remainder_words(payout: PayoutReport) -> str:
    """Whether it adds up, with a sign before the amount, or why that is not known."""
    if payout.remainder is None:
        manual = payout.itemisation is Itemisation.IMPOSSIBLE
        return "Can't be itemised" if manual else "Not yet"
    sign = "✕" if payout.remainder.amount_minor else "✓"
    return f"{sign} {number_text(payout.remainder)}"


def _remainder_cell(payout: PayoutReport) -> Cell:
    code = "" if payout.remainder is None else payout.amount.currency.upper()
    return Cell(remainder_words(payout), code=code)


def _row(payout: PayoutReport, columns: ShownColumns) -> Row:
    known = payout.remainder is not None
    remainder = remainder_words(payout)
    said = (
        arrival_words(payout.arrival_at),
        signed_text(payout.amount),
        payout.status,
        count(payout.transactions, "transaction") if known else "",
        f"remainder {remainder}" if known else remainder,
    )
    label = ", ".join(part for part in said if part)
    return Row(payout.payout_id, payout_link(payout.payout_id), label, columns.cells(payout))
