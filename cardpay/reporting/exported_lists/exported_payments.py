"""Payments as a file has them."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, or_, select
from sqlmodel import Session, col

from cardpay.domain.payment.display_status import status_words
from cardpay.domain.payment.order import ERASED
from cardpay.reporting.exported_lists.list_columns import (
    Asked,
    Column,
    Stretch,
    amount,
    by_key,
    end_of,
    number,
    rows_after,
    stretch_of,
    text,
    time,
    utc_time,
    worded,
)
from cardpay.reporting.exported_lists.payment_money import money_of, with_settlements
from cardpay.reporting.payments.method_words import brand_name, method_name
from cardpay.reporting.payments.payment_filter import PaymentFilter, conditions
from cardpay.reporting.payments.payments_list import visible_to
from cardpay.reporting.staff_names import names
from cardpay.storage.schema.tables import CustomerDetail, Payment

COLUMNS: Final[tuple[Column, ...]] = (
    time("Time", "when the payment was made at the desk, or at Stripe if it was taken elsewhere"),
    utc_time("Time (UTC)", "the same"),
    time("Paid at", "when it succeeded"),
    text("Status", "as Payments shows it"),
    amount("Amount", "what was ordered"),
    text("Currency", "of amount, received and refunded"),
    amount("Received", "what was charged, or captured of a hold"),
    amount("Refunded", "what Stripe has refunded or is refunding"),
    amount(
        "Fee",
        "what Stripe kept of charge, refunds and disputes so far",
        "Settlement currency",
    ),
    amount("Net", "what they left on the Stripe balance", "Settlement currency"),
    text("Settlement currency", "of fee and net; empty until Stripe has stated them"),
    text("Product", "what was sold"),
    number("Quantity", "how many of it"),
    text("Order reference", "as it was typed or numbered"),
    text("Customer", "the customer's name; Erased once it was erased"),
    text("Email", "the customer's"),
    text("Payment method", "Card, or Stripe's name of another method"),
    text("Card brand", "of the card that was charged, or else tried last"),
    text("Last four", "the last four digits of the card or account"),
    text("Decline code", "Stripe's, of the last attempt that has one"),
    text("Taken by", "the name of who took it, or their id once there is no name"),
    text("Payment", "the desk's id"),
    text("PaymentIntent", "Stripe's id (`pi_…`)"),
    text("Charge", "Stripe's id of the last charge (`ch_…`)"),
    text("Transaction", "Stripe's id of the charge's balance transaction (`txn_…`)"),
    text("Payout", "Stripe's id of the payout that this transaction is in (`po_…`)"),
    text("Dispute", "Stripe's id of the newest dispute (`dp_…`)"),
)


def read(session: Session, asked: Asked[PaymentFilter]) -> Stretch:
    """The payments that the filter lets through and the actor may see, newest first."""
    query = _query().where(
        *conditions(session, asked.chosen, asked.zone), or_(*visible_to(asked.actor, asked.now))
    )
    rows = rows_after(session, query, col(Payment.created_at), col(Payment.id), asked)
    got = by_key(query, rows)
    ids, charges = got["id"], got["latest_charge_id"]
    money = money_of(session, ids)
    people = names(session, {*got["taken_by"]})
    values: dict[str, Sequence[Any]] = {
        "Time": got["created_at"],
        "Time (UTC)": got["created_at"],
        "Paid at": got["succeeded_at"],
        "Status": worded(
            zip(got["display_status"], got["status"], strict=True),
            lambda both: status_words(*both),
        ),
        "Amount": got["amount_minor"],
        "Currency": worded(got["currency"], str.upper),
        "Received": got["amount_received_minor"],
        "Refunded": got["amount_refunded_minor"],
        "Product": got["product_name"],
        "Quantity": got["quantity"],
        "Order reference": got["order_reference"],
        "Customer": [
            ERASED if erased else name
            for name, erased in zip(got["name"], got["erased_at"], strict=True)
        ],
        "Email": got["email"],
        "Payment method": worded(
            zip(got["payment_method_type"], got["card_last4"], strict=True),
            lambda both: method_name(*both),
        ),
        "Card brand": worded(got["card_brand"], lambda one: brand_name(one) if one else ""),
        "Last four": got["card_last4"],
        "Decline code": [money.declines.get(one) for one in ids],
        "Taken by": [people[one] for one in got["taken_by"]],
        "Payment": ids,
        "PaymentIntent": got["stripe_payment_intent_id"],
        "Charge": charges,
        "Transaction": [money.transactions.get(one) for one in charges],
        "Payout": [money.payouts.get(one) for one in charges],
        "Dispute": [money.disputes.get(one) for one in ids],
    }
    last = end_of(rows, lambda row: (row.created_at, row.id), asked.limit)
    return stretch_of(COLUMNS, with_settlements(values, ids, money.settled), last, len(rows))


def _query() -> Select[*tuple[Any, ...]]:
    return select(
        *(
            col(column)
            for column in (
                Payment.id,
                Payment.created_at,
                Payment.succeeded_at,
                Payment.status,
                Payment.display_status,
                Payment.amount_minor,
                Payment.currency,
                Payment.amount_received_minor,
                Payment.amount_refunded_minor,
                Payment.product_name,
                Payment.quantity,
                Payment.order_reference,
                Payment.payment_method_type,
                Payment.card_brand,
                Payment.card_last4,
                Payment.taken_by,
                Payment.stripe_payment_intent_id,
                Payment.latest_charge_id,
                CustomerDetail.name,
                CustomerDetail.email,
                CustomerDetail.erased_at,
            )
        )
    ).outerjoin_from(Payment, CustomerDetail, col(CustomerDetail.payment_id) == col(Payment.id))
