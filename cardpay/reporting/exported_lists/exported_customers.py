"""Customers as a file has them: a row for each currency that they paid in."""

from collections.abc import Sequence
from typing import Final

from sqlmodel import Session

from cardpay.reporting.customers.customers_list import (
    CustomerFilter,
    conditions,
    customer_sums,
    last_of_each,
)
from cardpay.reporting.exported_lists.list_columns import (
    Asked,
    Column,
    Stretch,
    amount,
    end_of,
    number,
    stretch_of,
    text,
    time,
    utc_time,
)

COLUMNS: Final[tuple[Column, ...]] = (
    time("Last payment", "when the customer's last payment was created"),
    utc_time("Last payment (UTC)", "the same"),
    text("Customer", "the name, as the last payment has it"),
    text("Email", "the same of the address"),
    text("Phone", "the same of the number"),
    number("Payments", "how many there are in this currency, unpaid ones too"),
    amount("Received", "what came in"),
    amount("Refunded", "what was given back of it"),
    amount("Paid, less refunds", "received less refunded"),
    text("Currency", "of the amounts; a customer has a row for each"),
    text("Payment", "the desk's id of the last payment"),
)


def read(session: Session, asked: Asked[CustomerFilter]) -> Stretch:
    """The customers that the filter lets through, by last payment, newest first."""
    holds = conditions(session, asked.chosen, asked.zone)
    last = session.execute(last_of_each(holds, asked.cursor, asked.limit)).all()
    sums = customer_sums(session, [one.customer_key for one in last])
    rows = [
        (
            *(one.created_at, one.created_at, one.name, one.email, one.phone),
            *(of.payments, of.received_minor, of.refunded_minor, of.paid_minor),
            *(of.currency.upper(), one.payment_id),
        )
        for one in last
        for of in sums[one.customer_key]
    ]
    columns: Sequence[Sequence[object]] = [*zip(*rows, strict=True)] or [()] * len(COLUMNS)
    values = {column.name: got for column, got in zip(COLUMNS, columns, strict=True)}
    end = end_of(last, lambda row: (row.created_at, row.payment_id), asked.limit)
    return stretch_of(COLUMNS, values, end, counted=len(last))
