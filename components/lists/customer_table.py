"""Customers as the rows of a table that open their payments."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import pandas as pd

from cardpay.domain.money_format import format_money
from cardpay.reporting.customers.customers_list import Customer
from components.columns.columns_panel import ShownColumns
from components.columns.list_column import ListColumn, text, time_cell
from components.frame.page_list import CUSTOMERS
from components.lists.list_table import list_table
from components.widgets.amounts import count
from components.widgets.linked_table import Cell, Column, Row, amount_cell
from components.widgets.messages import small_text
from components.widgets.times import short_time

CUSTOMER_PARAMETER: Final = "customer"
"""Names a customer in the address by the id of one of their payments: it holds nothing of them."""


def customer_columns(zone: str) -> tuple[ListColumn, ...]:
    """The columns that the list can have."""
    return (
        ListColumn(
            Column("time", "Last payment", 152), lambda row: time_cell(row["Last payment"], zone)
        ),
        ListColumn(
            Column("name", "Customer", None, "clip strong"),
            lambda row: Cell(row["Customer"] or row["Email"]),
        ),
        text(Column("email", "Email", 320, "clip middle")),
        text(Column("phone", "Phone", 160, "clip wide")),
        ListColumn(
            Column("payments", "Payments", 108, "right middle"),
            lambda row: Cell(f"{row['Payments']:,}"),
        ),
        ListColumn(
            Column("amount-of", "Paid, less refunds", 212, "right strong"),
            # Where there is no one code, its place is kept for those above and below.
            lambda row: amount_cell(row["Paid"] or "–", row["Currency"] or "\N{NO-BREAK SPACE}"),
        ),
    )


def customers_table(
    frame: pd.DataFrame, zone: str, go: Callable[[str], None], columns: ShownColumns
) -> None:
    """Draw customers, a frame as `customers_page` returns it; `go` shows the payments of one."""
    rows = [_row(str(its_id), row, zone, columns) for its_id, row in frame.iterrows()]
    list_table(
        "customers.table",
        "Customers by last payment, newest first",
        columns.columns(),
        rows,
        go,
        opens="customer",
    )


def customer_line(customer: Customer) -> None:
    """Draw what is known of a customer, in one line under their name."""
    facts = [customer.email, customer.phone, count(customer.payments, "payment")]
    facts += [
        f"{format_money(one)} {one.currency.upper()} paid, less refunds" for one in customer.paid
    ]
    small_text(" · ".join(fact for fact in facts if fact))


def _row(payment_id: str, row: "pd.Series[Any]", zone: str, columns: ShownColumns) -> Row:
    time = short_time(row["Last payment"].to_pydatetime(), zone)
    name = row["Customer"] or row["Email"]
    said = (name, count(row["Payments"], "payment"), row["Paid"], f"last {time}")
    label = ", ".join(part for part in said if part)
    href = f"/{CUSTOMERS.name}?{CUSTOMER_PARAMETER}={quote(payment_id)}"
    return Row(payment_id, href, label, columns.cells(row))
