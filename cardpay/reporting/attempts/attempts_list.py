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
from cardpay.storage.schema.tables import PaymentAttempt

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
            lambda row: (row.created_at, row.id),
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


def _rows_of(session: Session, ids: list[str]) -> list[PaymentAttempt]:
    found = session.scalars(select(PaymentAttempt).where(col(PaymentAttempt.id).in_(ids)))
    by_id = {row.id: row for row in found}
    return [by_id[its_id] for its_id in ids]


def _frame(session: Session, found: list[PaymentAttempt]) -> pd.DataFrame:
    people = names(session, {row.actor_id for row in found if row.actor_id})
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
        )
        for row in found
    ]
    index = pd.Index([row.id for row in found], name="attempt_id", dtype="str")
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
