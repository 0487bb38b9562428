"""Disputes as a file has them."""

from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from cardpay.reporting.disputes.dispute_filter import DisputeFilter, conditions
from cardpay.reporting.exported_lists.list_columns import (
    Asked,
    Column,
    Stretch,
    amount,
    by_key,
    end_of,
    rows_after,
    stretch_of,
    text,
    time,
    utc_time,
    worded,
)
from cardpay.reporting.payment_page.refunds_and_disputes import DISPUTE_WORDS
from cardpay.reporting.payments.method_words import in_plain_words
from cardpay.storage.schema.tables import Dispute, Payment

COLUMNS: Final[tuple[Column, ...]] = (
    time("Time", "when the cardholder's bank opened it"),
    utc_time("Time (UTC)", "the same"),
    text("Status", "as the payment's page shows it"),
    amount("Amount", "what is disputed"),
    text("Currency", "of the amount"),
    text("Reason", "the bank's"),
    time("Respond by", "until when Stripe takes evidence"),
    text("Order reference", "of the payment; empty for a charge that is not in these books"),
    text("Product", "of the payment"),
    text("Payment", "the desk's id"),
    text("PaymentIntent", "Stripe's id (`pi_…`)"),
    text("Charge", "Stripe's id of the disputed charge (`ch_…`)"),
    text("Dispute", "Stripe's id (`dp_…`)"),
)


def read(session: Session, asked: Asked[DisputeFilter]) -> Stretch:
    """The disputes that the filter lets through, newest first."""
    query = (
        select(
            *(
                col(column)
                for column in (
                    Dispute.id,
                    Dispute.created_at,
                    Dispute.status,
                    Dispute.amount_minor,
                    Dispute.currency,
                    Dispute.reason,
                    Dispute.evidence_due_at,
                    Dispute.payment_id,
                    Dispute.stripe_charge_id,
                    Dispute.stripe_dispute_id,
                    Payment.order_reference,
                    Payment.product_name,
                    Payment.stripe_payment_intent_id,
                )
            )
        )
        .outerjoin_from(Dispute, Payment, col(Payment.id) == col(Dispute.payment_id))
        .where(*conditions(asked.chosen, asked.zone))
    )
    rows = rows_after(session, query, col(Dispute.created_at), col(Dispute.id), asked)
    got = by_key(query, rows)
    values = {
        "Time": got["created_at"],
        "Time (UTC)": got["created_at"],
        "Status": worded(got["status"], _status_words),
        "Amount": got["amount_minor"],
        "Currency": worded(got["currency"], str.upper),
        "Reason": worded(got["reason"], lambda one: in_plain_words(one or "")),
        "Respond by": got["evidence_due_at"],
        "Order reference": got["order_reference"],
        "Product": got["product_name"],
        "Payment": got["payment_id"],
        "PaymentIntent": got["stripe_payment_intent_id"],
        "Charge": got["stripe_charge_id"],
        "Dispute": got["stripe_dispute_id"],
    }
    last = end_of(rows, lambda row: (row.created_at, row.id), asked.limit)
    return stretch_of(COLUMNS, values, last)


def _status_words(status: str) -> str:
    return DISPUTE_WORDS[status][0] if status in DISPUTE_WORDS else in_plain_words(status)
