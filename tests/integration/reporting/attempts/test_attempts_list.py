"""The list of attempts: what a filter finds, page by page, and the sums above it."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from cardpay.domain.business_days import Days, business_day
from cardpay.domain.payment.attempt import ATTEMPT_LABELS, AttemptOutcome
from cardpay.reporting.attempts.attempt_filter import EVERY_ATTEMPT, AttemptFilter
from cardpay.reporting.attempts.attempts_list import attempt_sums, attempts_page, checks_words
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import PaymentAttempt
from tests.integration.written_past import ANALYST, ZONE

_DECLINED = frozenset({AttemptOutcome.DECLINED})
FILTERS = {
    "every": EVERY_ATTEMPT,
    "days": AttemptFilter(days=Days(date(2026, 1, 5), date(2026, 1, 18))),
    "outcome": AttemptFilter(statuses=_DECLINED),
    "outcomes": AttemptFilter(statuses=_DECLINED | {AttemptOutcome.AUTHORISED}),
    "currency": AttemptFilter(currency="eur"),
    "code": AttemptFilter(decline_codes=frozenset({"insufficient_funds"})),
    "codes": AttemptFilter(decline_codes=frozenset({"insufficient_funds", "expired_card"})),
    "brand": AttemptFilter(brand="mastercard"),
    "person": AttemptFilter(tried_by="demo-jreyes"),
    "all of them": AttemptFilter(
        Days(date(2025, 10, 1), date(2026, 3, 31)),
        _DECLINED,
        "gbp",
        frozenset({"insufficient_funds"}),
        "visa",
        "demo-jreyes",
    ),
}


def _by_hand(store: Store, chosen: AttemptFilter) -> list[PaymentAttempt]:
    """What the filter lets through, looked at row by row; newest first."""

    def holds(row: PaymentAttempt) -> bool:
        day = business_day(row.created_at, ZONE)
        return (
            (chosen.days.first is None or chosen.days.first <= day)
            and (chosen.days.last is None or day <= chosen.days.last)
            and (not chosen.statuses or row.outcome in chosen.statuses)
            and chosen.currency in {None, row.currency}
            and (not chosen.decline_codes or row.decline_code in chosen.decline_codes)
            and chosen.brand in {None, row.card_brand}
            and chosen.tried_by in {None, row.actor_id}
        )

    with store.reading() as session:
        found = [row for row in session.exec(select(PaymentAttempt)) if holds(row)]
    return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)


@pytest.mark.parametrize("name", FILTERS)
def test_the_pages_are_what_the_filter_lets_through(past: Store, name: str) -> None:
    """All of it, once, newest first; and going back shows the same."""
    chosen = FILTERS[name]
    wanted = [row.id for row in _by_hand(past, chosen)]
    assert wanted
    page = attempts_page(past, ANALYST, ZONE, chosen, rows=150)
    listed = list(page.frame.index)
    while page.older is not None:
        page = attempts_page(past, ANALYST, ZONE, chosen, page.older, rows=150)
        listed += list(page.frame.index)
    assert listed == wanted
    if page.newer is not None:
        before = attempts_page(past, ANALYST, ZONE, chosen, page.newer, rows=150)
        end = len(wanted) - len(page.frame)
        assert list(before.frame.index) == wanted[end - 150 : end]


@pytest.mark.parametrize("name", FILTERS)
def test_the_sums_are_those_of_the_rows(past: Store, name: str) -> None:
    """In each currency by itself."""
    counts: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for row in _by_hand(past, FILTERS[name]):
        counts[row.currency] += 1
        amounts[row.currency] += row.amount_minor
    sums = attempt_sums(past, ANALYST, ZONE, FILTERS[name])
    assert {one.amount.currency: one.rows for one in sums} == counts
    assert {one.amount.currency: one.amount.amount_minor for one in sums} == amounts
    assert [one.rows for one in sums] == sorted(counts.values(), reverse=True)


def test_a_row_says_what_came_of_the_card(past: Store) -> None:
    """Outcome and reason in words, the code, the card, the checks, the risk, and by whom."""
    chosen = replace(FILTERS["code"], statuses=_DECLINED)
    frame = attempts_page(past, ANALYST, ZONE, chosen).frame
    row = frame.iloc[0]
    (stored,) = (one for one in _by_hand(past, chosen) if one.id == frame.index[0])
    assert row["Outcome"] == ATTEMPT_LABELS[AttemptOutcome.DECLINED] == "Declined"
    assert (row["Reason"], row["Decline code"]) == ("Not enough funds", "insufficient_funds")
    assert row["Card"] == f"Visa •••• {stored.card_last4}"
    assert (row["Country"], row["Funding"]) == ("US", "Credit")
    assert row["Risk"] == f"Risk {stored.risk_score}"
    assert row["Payment"] == stored.payment_id
    assert row["Tried by"] in {"Jo Reyes", "Ade Okonjo", "Maja Lindgren", "Harish Patel",
                               "Sylwia Kowalska"}  # fmt: skip


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ({}, ""),
        ({"cvc_check": "pass", "postal_code_check": "unavailable"}, "Passed"),
        ({"cvc_check": "fail", "address_check": "pass"}, "Security code failed"),
        ({"cvc_check": "fail", "address_check": "fail"}, "Security code, address failed"),
    ],
)
def test_checks_in_words(past: Store, checks: dict[str, str], words: str) -> None:
    """What failed is named; that all passed is enough to know."""
    with past.reading() as session:
        row = session.exec(select(PaymentAttempt)).first()
    assert row is not None
    for name in ("cvc_check", "postal_code_check", "address_check"):
        setattr(row, name, checks.get(name))

    assert checks_words(row) == words
