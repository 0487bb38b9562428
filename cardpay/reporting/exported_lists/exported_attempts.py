"""Attempts as a file has them: every card that was tried."""

from typing import Any, Final

from sqlalchemy import Select, select
from sqlmodel import Session, col

from cardpay.domain.payment.attempt import ATTEMPT_LABELS
from cardpay.reporting.attempts.attempt_filter import AttemptFilter, conditions
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
from cardpay.reporting.payments.method_words import brand_name, in_plain_words, method_name
from cardpay.reporting.staff_names import names
from cardpay.storage.schema.tables import Payment, PaymentAttempt

COLUMNS: Final[tuple[Column, ...]] = (
    time("Time", "when the card was tried"),
    utc_time("Time (UTC)", "the same"),
    text("Outcome", "Succeeded, Declined or what else came of it"),
    amount("Amount", "what was to be charged"),
    text("Currency", "of the amount"),
    text("Decline code", "Stripe's, of a declined one"),
    text("Network decline code", "the card network's own"),
    text("Failure code", "Stripe's error code"),
    text("Advice", "what the card network advises (`try_again_later`, …)"),
    text("Payment method", "Card, or Stripe's name of another method"),
    text("Card brand", "of the card"),
    text("Last four", "the last four digits of the card or account"),
    text("Card country", "two letters (ISO 3166)"),
    text("Funding", "Credit, Debit or Prepaid"),
    text("Security code check", "Pass, Fail or Unavailable"),
    text("Postal code check", "the same"),
    text("Address check", "the same"),
    text("Risk", "Stripe's level"),
    number("Risk score", "Stripe's, 0 to 99, where the account has it"),
    text("Telephone order", "Yes or No; empty where it is not known"),
    text("Tried by", "the name of who pressed Pay, or their id; empty outside of this desk"),
    text("Order reference", "of the payment"),
    text("Payment", "the desk's id"),
    text("PaymentIntent", "Stripe's id (`pi_…`)"),
    text("Charge", "Stripe's id (`ch_…`); empty if it came to none"),
    text("Attempt", "the desk's id"),
)
_BY_TIME: Final = (col(PaymentAttempt.created_at), col(PaymentAttempt.id))
_YES: Final = {True: "Yes", False: "No", None: ""}


def read(session: Session, asked: Asked[AttemptFilter]) -> Stretch:
    """The attempts that the filter lets through, newest first."""
    query = _query().where(*conditions(asked.chosen, asked.zone))
    rows = rows_after(session, query, *_BY_TIME, asked)
    got = by_key(query, rows)
    people = names(session, {one for one in got["actor_id"] if one})
    values = {
        "Time": got["created_at"],
        "Time (UTC)": got["created_at"],
        "Outcome": worded(got["outcome"], lambda one: ATTEMPT_LABELS.get(one, one)),
        "Amount": got["amount_minor"],
        "Currency": worded(got["currency"], str.upper),
        "Decline code": got["decline_code"],
        "Network decline code": got["network_decline_code"],
        "Failure code": got["failure_code"],
        "Advice": got["advice_code"],
        "Payment method": worded(
            zip(got["method_type"], got["card_last4"], strict=True),
            lambda both: method_name(*both),
        ),
        "Card brand": worded(got["card_brand"], lambda one: brand_name(one) if one else ""),
        "Last four": got["card_last4"],
        "Card country": got["card_country"],
        "Funding": worded(got["card_funding"], _words),
        "Security code check": worded(got["cvc_check"], _words),
        "Postal code check": worded(got["postal_code_check"], _words),
        "Address check": worded(got["address_check"], _words),
        "Risk": worded(got["risk_level"], _words),
        "Risk score": got["risk_score"],
        "Telephone order": [_YES[one] for one in got["moto"]],
        "Tried by": [one and people[one] for one in got["actor_id"]],
        "Order reference": got["order_reference"],
        "Payment": got["payment_id"],
        "PaymentIntent": got["stripe_payment_intent_id"],
        "Charge": got["stripe_charge_id"],
        "Attempt": got["id"],
    }
    last = end_of(rows, lambda row: (row.created_at, row.id), asked.limit)
    return stretch_of(COLUMNS, values, last)


def _query() -> Select[*tuple[Any, ...]]:
    attempt = PaymentAttempt
    return select(
        *(
            col(column)
            for column in (
                attempt.id,
                attempt.created_at,
                attempt.outcome,
                attempt.amount_minor,
                attempt.currency,
                attempt.decline_code,
                attempt.network_decline_code,
                attempt.failure_code,
                attempt.advice_code,
                attempt.method_type,
                attempt.card_brand,
                attempt.card_last4,
                attempt.card_country,
                attempt.card_funding,
                attempt.cvc_check,
                attempt.postal_code_check,
                attempt.address_check,
                attempt.risk_level,
                attempt.risk_score,
                attempt.moto,
                attempt.actor_id,
                attempt.payment_id,
                attempt.stripe_charge_id,
                Payment.order_reference,
                Payment.stripe_payment_intent_id,
            )
        )
    ).join_from(attempt, Payment, col(Payment.id) == col(attempt.payment_id))


def _words(of_stripe: str | None) -> str:
    return in_plain_words(of_stripe or "")
