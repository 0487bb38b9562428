"""Refunds as a file has them."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

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
from cardpay.reporting.payment_page.refunds_and_disputes import refund_reason_words, refund_words
from cardpay.reporting.payments.method_words import in_plain_words
from cardpay.reporting.refunds.refund_filter import RefundFilter, conditions
from cardpay.reporting.staff_names import names
from cardpay.storage.schema.tables import Operation, Payment, Refund

COLUMNS: Final[tuple[Column, ...]] = (
    time("Time", "when it was asked for"),
    utc_time("Time (UTC)", "the same"),
    text("Status", "Succeeded may still become Failed, if the bank sends the money back"),
    amount("Amount", "what is given back"),
    text("Currency", "of the amount"),
    text("Reason", "that was chosen"),
    text("Problem", "Stripe's reason for a failure"),
    text("Requested by", "the name of who asked for it, or their id; empty outside of this desk"),
    text("Order reference", "of the payment"),
    text("Product", "of the payment"),
    text("Payment", "the desk's id"),
    text("PaymentIntent", "Stripe's id (`pi_…`)"),
    text("Charge", "Stripe's id of the charge that it is of (`ch_…`)"),
    text("Refund", "Stripe's id (`re_…`); empty until Stripe has answered"),
    text("Transaction", "Stripe's id of its balance transaction (`txn_…`)"),
    text("Failure transaction", "the same, of what brought a failed one's money back"),
)


def read(session: Session, asked: Asked[RefundFilter]) -> Stretch:
    """The refunds that the filter lets through, newest first."""
    # Under names of their own: the filter's conditions look into both tables by themselves.
    payment, operation = aliased(Payment), aliased(Operation)
    query = (
        select(
            *(
                col(column)
                for column in (
                    Refund.id,
                    Refund.created_at,
                    Refund.status,
                    Refund.amount_minor,
                    Refund.currency,
                    Refund.reason,
                    Refund.failure_reason,
                    Refund.payment_id,
                    Refund.stripe_charge_id,
                    Refund.stripe_refund_id,
                    Refund.stripe_balance_transaction_id,
                    Refund.stripe_failure_balance_transaction_id,
                    operation.actor_id,
                    payment.order_reference,
                    payment.product_name,
                    payment.stripe_payment_intent_id,
                )
            )
        )
        .join_from(Refund, payment, col(payment.id) == col(Refund.payment_id))
        .outerjoin(operation, col(operation.id) == col(Refund.operation_id))
        .where(*conditions(asked.chosen, asked.zone))
    )
    rows = rows_after(session, query, col(Refund.created_at), col(Refund.id), asked)
    got = by_key(query, rows)
    people = names(session, {one for one in got["actor_id"] if one})
    values = {
        "Time": got["created_at"],
        "Time (UTC)": got["created_at"],
        "Status": worded(got["status"], lambda one: refund_words(one)[0]),
        "Amount": got["amount_minor"],
        "Currency": worded(got["currency"], str.upper),
        "Reason": worded(got["reason"], refund_reason_words),
        "Problem": worded(got["failure_reason"], lambda one: in_plain_words(one or "")),
        "Requested by": [one and people[one] for one in got["actor_id"]],
        "Order reference": got["order_reference"],
        "Product": got["product_name"],
        "Payment": got["payment_id"],
        "PaymentIntent": got["stripe_payment_intent_id"],
        "Charge": got["stripe_charge_id"],
        "Refund": got["stripe_refund_id"],
        "Transaction": got["stripe_balance_transaction_id"],
        "Failure transaction": got["stripe_failure_balance_transaction_id"],
    }
    last = end_of(rows, lambda row: (row.created_at, row.id), asked.limit)
    return stretch_of(COLUMNS, values, last)
