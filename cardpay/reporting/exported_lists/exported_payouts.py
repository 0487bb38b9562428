"""Payouts to the bank as a file has them."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from cardpay.reporting.balance.payout_filter import PayoutFilter, conditions
from cardpay.reporting.exported_lists.list_columns import (
    Asked,
    Column,
    Stretch,
    amount,
    by_key,
    day,
    end_of,
    rows_after,
    stretch_of,
    text,
    time,
    utc_time,
    worded,
)
from cardpay.reporting.operations.payout_reports import PAYOUT_WORDS
from cardpay.storage.schema.tables import Payout

COLUMNS: Final[tuple[Column, ...]] = (
    time("Time", "when Stripe made it"),
    utc_time("Time (UTC)", "the same"),
    day("Arrives on", "the day on which the bank has it"),
    text("Status", "Paid may still become Failed, if the bank sends the money back"),
    amount("Amount", "what the bank gets; below zero where Stripe takes money from it"),
    text("Currency", "of the amount"),
    text("Made by", "Stripe's schedule, or a person"),
    text("Method", "Standard or Instant"),
    text("Statement descriptor", "what the bank statement says"),
    text("Trace id", "the bank's own reference, once it is known"),
    text("Problem", "why the bank refused it"),
    text("Payout", "Stripe's id (`po_…`)"),
    text("Transaction", "Stripe's id of its balance transaction (`txn_…`)"),
    text("Failure transaction", "the same, of what brought a failed one's money back"),
)
_MADE_BY: Final = {True: "Schedule", False: "Person"}


def read(session: Session, asked: Asked[PayoutFilter]) -> Stretch:
    """The payouts that the filter lets through, those made last first."""
    query = select(
        *(
            col(column)
            for column in (
                Payout.id,
                Payout.created_at,
                Payout.arrival_at,
                Payout.status,
                Payout.amount_minor,
                Payout.currency,
                Payout.is_automatic,
                Payout.method,
                Payout.statement_descriptor,
                Payout.trace_id,
                Payout.failure_message,
                Payout.failure_code,
                Payout.stripe_payout_id,
                Payout.stripe_balance_transaction_id,
                Payout.stripe_failure_balance_transaction_id,
            )
        )
    ).where(*conditions(asked.chosen, asked.zone))
    rows = rows_after(session, query, col(Payout.created_at), col(Payout.id), asked)
    got = by_key(query, rows)
    problems = zip(got["failure_message"], got["failure_code"], strict=True)
    values = {
        "Time": got["created_at"],
        "Time (UTC)": got["created_at"],
        "Arrives on": [_utc_day(one) for one in got["arrival_at"]],
        "Status": worded(got["status"], lambda one: PAYOUT_WORDS.get(one, one)),
        "Amount": got["amount_minor"],
        "Currency": worded(got["currency"], str.upper),
        "Made by": [_MADE_BY[one] for one in got["is_automatic"]],
        "Method": worded(got["method"], lambda one: (one or "").capitalize()),
        "Statement descriptor": got["statement_descriptor"],
        "Trace id": got["trace_id"],
        "Problem": [message or code for message, code in problems],
        "Payout": got["stripe_payout_id"],
        "Transaction": got["stripe_balance_transaction_id"],
        "Failure transaction": got["stripe_failure_balance_transaction_id"],
    }
    last = end_of(rows, lambda row: (row.created_at, row.id), asked.limit)
    return stretch_of(COLUMNS, values, last)


def _utc_day(at: datetime | None) -> object:
    """The day that Stripe means by midnight in UTC."""
    return at and at.date()
