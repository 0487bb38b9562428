"""The list of attempts, newest first, a page at a time, and the totals above it."""

from datetime import tzinfo
from typing import Final

import pandas as pd
from sqlalchemy import select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.attempt import ATTEMPT_LABELS, FAILED_ATTEMPTS
from cardpay.domain.payment.declines import advice_for
from cardpay.reporting.attempts.attempt_filter import EVERY_ATTEMPT, AttemptFilter, conditions
from cardpay.reporting.list_rows import CurrencySum, Walked, ids_beyond, sums_of
from cardpay.reporting.paging import PAGE_ROWS, Cursor, Page, page_of
from cardpay.reporting.payment_page.refunds_and_disputes import OUTSIDE
from cardpay.reporting.payments.method_words import in_plain_words, method_words
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payment, PaymentAttempt

COLUMNS: Final = (
    "Time",
    "Outcome",
    "Reason",
    "Decline code",
    "Amount",
    "Currency",
    "Card",
    "Country",
    "Funding",
    "Checks",
    "Risk",
    "Tried by",
    "Payment",
    "Order reference",
    "Network decline code",
    "Telephone order",
    "Charge",
)
_WALKED: Final = Walked(
    col(PaymentAttempt.created_at), col(PaymentAttempt.id), col(PaymentAttempt.outcome)
)
# Only what a person has to know of them: a check that passed is as it should be.
_ORDINARY: Final = "Normal"
_CHECKS: Final = (
    ("cvc_check", "security code"),
    ("postal_code_check", "postal code"),
    ("address_check", "address"),
)


def attempts_page(
    store: Store,
    actor: Actor,
    zone: tzinfo,
    chosen: AttemptFilter = EVERY_ATTEMPT,
    cursor: Cursor | None = None,
    *,
    rows: int = PAGE_ROWS,
) -> Page:
    """COLUMNS of the newest attempts, or of those on one side of `cursor`. Raises NotAllowed."""
    actor.require(Permission.SEE_ALL_PAYMENTS)
    holds = conditions(chosen, zone)
    with store.reporting(actor.actor_id) as session:
        return page_of(
            lambda place, limit: _rows_of(
                session, ids_beyond(session, _WALKED, chosen.statuses, holds, place, limit)
            ),
            lambda row: (row[0].created_at, row[0].id),
            lambda found: _frame(session, found),
            cursor,
            rows,
        )


def attempt_sums(
    store: Store, actor: Actor, zone: tzinfo, chosen: AttemptFilter = EVERY_ATTEMPT
) -> tuple[CurrencySum, ...]:
    """How many attempts the list has in each currency, and what was to be charged.

    Raises NotAllowed.
    """
    actor.require(Permission.SEE_ALL_PAYMENTS)
    holds = conditions(chosen, zone)
    with store.reporting(actor.actor_id) as session:
        return sums_of(
            session, col(PaymentAttempt.amount_minor), col(PaymentAttempt.currency), holds
        )


_Row = tuple[PaymentAttempt, str]


def _rows_of(session: Session, ids: list[str]) -> list[_Row]:
    """Each with the order reference of its payment."""
    found = session.execute(
        select(PaymentAttempt, col(Payment.order_reference))
        .join(Payment, col(Payment.id) == col(PaymentAttempt.payment_id))
        .where(col(PaymentAttempt.id).in_(ids))
    )
    by_id: dict[str, _Row] = {row.id: (row, reference) for row, reference in found}
    return [by_id[its_id] for its_id in ids]


def _frame(session: Session, found: list[_Row]) -> pd.DataFrame:
    people = names(session, {row.actor_id for row, _ in found if row.actor_id})
    rows = [
        (
            row.created_at,
            ATTEMPT_LABELS[row.outcome],
            _reason(row),
            row.decline_code or row.failure_code or "",
            format_money(Money(row.amount_minor, row.currency)),
            row.currency.upper(),
            method_words(row.method_type, row.card_brand, row.card_last4),
            row.card_country or "",
            in_plain_words(row.card_funding or ""),
            checks_words(row),
            _risk(row),
            people[row.actor_id] if row.actor_id else OUTSIDE,
            row.payment_id,
            reference,
            row.network_decline_code or "",
            "Yes" if row.moto else "",
            row.stripe_charge_id or "",
        )
        for row, reference in found
    ]
    index = pd.Index([row.id for row, _ in found], name="attempt_id", dtype="str")
    frame = pd.DataFrame(rows, columns=list(COLUMNS), index=index)
    return frame.astype({"Time": "datetime64[us, UTC]"})


def _reason(row: PaymentAttempt) -> str:
    """Why it failed, in the words that staff read when it did; empty for one that did not."""
    if row.outcome not in FAILED_ATTEMPTS:
        return ""
    return advice_for(row.failure_code, row.decline_code).title


def checks_words(row: PaymentAttempt) -> str:
    """ "Passed", or what did not: "Postal code failed"; empty where nothing was checked."""
    results = {words: getattr(row, name) for name, words in _CHECKS}
    failed = [words for words, result in results.items() if result == "fail"]
    if failed:
        return f"{', '.join(failed)} failed".capitalize()
    return "Passed" if "pass" in results.values() else ""


def _risk(row: PaymentAttempt) -> str:
    """ "Risk 12", "Elevated risk 70": Stripe's score out of 100, and its level if not normal."""
    level = in_plain_words(row.risk_level or "")
    if row.risk_score is None:
        return level
    return f"Risk {row.risk_score}" if level == _ORDINARY else f"{level} risk {row.risk_score}"
