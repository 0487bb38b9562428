"""The ledger as a file has it: a row for each balance transaction."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session, col

from cardpay.reporting.balance.categories import category_words
from cardpay.reporting.balance.ledger_filter import LedgerFilter, conditions
from cardpay.reporting.exported_lists.list_columns import (
    Asked,
    Column,
    Stretch,
    amount,
    by_key,
    end_of,
    rate,
    rows_after,
    stretch_of,
    text,
    time,
    utc_time,
    worded,
)
from cardpay.reporting.payments.method_words import in_plain_words
from cardpay.storage.database.many_keys import among
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Refund,
)

COLUMNS: Final[tuple[Column, ...]] = (
    time("Time", "when the balance moved: this day's month has it"),
    utc_time("Time (UTC)", "the same"),
    text("Category", "Stripe's reporting category, or its type where there is none"),
    text("Type", "Stripe's type"),
    amount("Gross", "before the fee"),
    amount("Fee", "what Stripe kept"),
    amount("Net", "what was added to the balance: gross less fee"),
    text("Currency", "of the balance, and of all three"),
    rate("Exchange rate", "Stripe's, where the payment had another currency"),
    time("Available on", "when it can be paid out"),
    text("Order reference", "of the payment that it is of; empty if it is of none"),
    text("Payment", "the desk's id"),
    text("PaymentIntent", "Stripe's id (`pi_…`)"),
    text("Source", "Stripe's id of what it is of (`ch_…`, `re_…`, `dp_…`, `po_…`)"),
    text("Transaction", "Stripe's id (`txn_…`)"),
    text("Payout", "Stripe's id of the payout that it is in (`po_…`); empty until there is one"),
)


def read(session: Session, asked: Asked[LedgerFilter]) -> Stretch:
    """The balance transactions that the filter lets through, newest first."""
    transaction = BalanceTransaction
    query = select(
        *(
            col(column)
            for column in (
                transaction.id,
                transaction.stripe_account_id,
                transaction.livemode,
                transaction.created_at,
                transaction.reporting_category,
                transaction.type,
                transaction.gross_minor,
                transaction.fee_minor,
                transaction.net_minor,
                transaction.currency,
                transaction.exchange_rate,
                transaction.available_at,
                transaction.stripe_source_id,
                transaction.stripe_balance_transaction_id,
                transaction.stripe_payout_id,
            )
        )
    ).where(*conditions(asked.chosen, asked.zone))
    rows = rows_after(session, query, col(transaction.created_at), col(transaction.id), asked)
    got = by_key(query, rows)
    payments = _payments_of(session, rows)
    of = [payments.get(one, _NO_PAYMENT) for one in got["stripe_source_id"]]
    categories = zip(got["reporting_category"], got["type"], strict=True)
    values: dict[str, Sequence[object]] = {
        "Time": got["created_at"],
        "Time (UTC)": got["created_at"],
        "Category": worded(categories, lambda both: category_words(both[0] or both[1])),
        "Type": worded(got["type"], in_plain_words),
        "Gross": got["gross_minor"],
        "Fee": got["fee_minor"],
        "Net": got["net_minor"],
        "Currency": worded(got["currency"], str.upper),
        "Exchange rate": got["exchange_rate"],
        "Available on": got["available_at"],
        "Order reference": [one[1] for one in of],
        "Payment": [one[0] for one in of],
        "PaymentIntent": [one[2] for one in of],
        "Source": got["stripe_source_id"],
        "Transaction": got["stripe_balance_transaction_id"],
        "Payout": got["stripe_payout_id"],
    }
    last = end_of(rows, lambda row: (row.created_at, row.id), asked.limit)
    return stretch_of(COLUMNS, values, last)


_Payment = tuple[str | None, str | None, str | None]
_NO_PAYMENT: Final[_Payment] = (None, None, None)


def _payments_of(session: Session, rows: Sequence[Row[Any]]) -> dict[str, _Payment]:
    """For each charge, transfer, refund and dispute: its payment's id, reference and intent."""
    sources = {row.stripe_source_id for row in rows} - {None}
    found: dict[str, _Payment] = {}
    for table, source in (
        (PaymentAttempt, col(PaymentAttempt.stripe_charge_id)),
        (PaymentAttempt, col(PaymentAttempt.stripe_transfer_id)),
        (Refund, col(Refund.stripe_refund_id)),
        (Dispute, col(Dispute.stripe_dispute_id)),
    ):
        if sources := sources - found.keys():
            query = (
                select(
                    source,
                    col(Payment.id),
                    col(Payment.order_reference),
                    col(Payment.stripe_payment_intent_id),
                )
                .join(Payment, col(Payment.id) == col(table.payment_id))
                .where(
                    # A database has the books of one account; its indexes begin with it.
                    col(table.stripe_account_id) == rows[0].stripe_account_id,
                    col(table.livemode) == rows[0].livemode,
                    among(session, source, sources),
                )
            )
            for one, *of_payment in session.execute(query):
                found[one] = (of_payment[0], of_payment[1], of_payment[2])
    return found
