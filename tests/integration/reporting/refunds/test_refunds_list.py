"""The list of refunds: what a filter finds, page by page, and the sums above it."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from sqlmodel import col, select

from cardpay.domain.business_days import Days, business_day
from cardpay.domain.payment.refund import EXPIRED_HOLD, RefundStatus, is_release
from cardpay.reporting.refunds.refund_filter import EVERY_REFUND, RefundFilter
from cardpay.reporting.refunds.refunds_list import refund_sums, refunds_by_person, refunds_page
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Operation, Payment, Refund
from tests.integration.payment_books import START, Books
from tests.integration.payment_rows import BOOKS_OF
from tests.integration.written_past import ANALYST, ZONE

FILTERS = {
    "every": EVERY_REFUND,
    "days": RefundFilter(days=Days(date(2026, 1, 1), date(2026, 2, 28))),
    "status": RefundFilter(statuses=frozenset({RefundStatus.SUCCEEDED})),
    "statuses": RefundFilter(statuses=frozenset({RefundStatus.SUCCEEDED, RefundStatus.FAILED})),
    "currency": RefundFilter(currency="gbp"),
    "reason": RefundFilter(reason="duplicate"),
    "person": RefundFilter(asked_by="demo-tbyrne"),
    "all of them": RefundFilter(
        Days(date(2025, 10, 1), date(2026, 3, 31)),
        frozenset({RefundStatus.SUCCEEDED}),
        "gbp",
        "requested_by_customer",
        "demo-rcampbell",
    ),
}


def _by_hand(store: Store, chosen: RefundFilter) -> list[Refund]:
    """What the filter lets through, looked at row by row; newest first."""
    with store.reading() as session:
        rows = session.exec(
            select(Refund, Operation.actor_id).outerjoin(
                Operation, col(Operation.id) == col(Refund.operation_id)
            )
        ).all()
    found = [
        row
        for row, actor_id in rows
        if (chosen.days.first is None or chosen.days.first <= business_day(row.created_at, ZONE))
        and (chosen.days.last is None or business_day(row.created_at, ZONE) <= chosen.days.last)
        and (not chosen.statuses or row.status in chosen.statuses)
        and chosen.currency in {None, row.currency}
        and chosen.reason in {None, row.reason}
        and chosen.asked_by in {None, actor_id}
    ]
    return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)


@pytest.mark.parametrize("name", FILTERS)
def test_the_pages_and_the_sums_are_what_the_filter_lets_through(past: Store, name: str) -> None:
    """All of it, once, newest first."""
    chosen = FILTERS[name]
    wanted = _by_hand(past, chosen)
    assert wanted
    page = refunds_page(past, ANALYST, ZONE, chosen, rows=7)
    listed = list(page.frame.index)
    while page.older is not None:
        page = refunds_page(past, ANALYST, ZONE, chosen, page.older, rows=7)
        listed += list(page.frame.index)
    assert listed == [row.id for row in wanted]
    amounts: Counter[str] = Counter()
    for row in wanted:
        amounts[row.currency] += row.amount_minor
    sums = refund_sums(past, ANALYST, ZONE, chosen)
    assert {one.amount.currency: one.amount.amount_minor for one in sums} == amounts
    assert sum(one.rows for one in sums) == len(wanted)
    by_person = refunds_by_person(past, ANALYST, ZONE, chosen)
    assert sum(one.sum.rows for one in by_person) == len(wanted)
    for one in by_person:
        code = one.sum.amount.currency
        of_person = replace(chosen, asked_by=one.actor_id, currency=code)
        assert refund_sums(past, ANALYST, ZONE, of_person) == (one.sum,)


def test_a_row_says_who_asked_why_and_what_became_of_it(past: Store) -> None:
    """Who, by name; of one that was made elsewhere, that it was."""
    frame = refunds_page(past, ANALYST, ZONE, FILTERS["person"]).frame
    assert set(frame["Asked by"]) == {"Tara Byrne"}
    assert set(frame["Reason"]) <= {"Requested by customer", "Duplicate"}
    everything = refunds_page(past, ANALYST, ZONE, rows=200).frame
    assert "Outside this desk" in set(everything["Asked by"])
    assert set(everything["Status"]) <= {"Succeeded", "Failed"}


def test_a_hold_that_was_released_is_no_refund(books: Books) -> None:
    """The condition is the domain's rule, whatever is known of the refund."""
    wanted = 0
    for number, case in enumerate(
        product(
            [1_200, 700, 0],
            [None, *RefundStatus],
            [None, "duplicate", EXPIRED_HOLD],
            [None, "txn"],
        )
    ):
        received, status, reason, transaction = case
        payment_id = books.add(9_000 + number, amount_received_minor=received)
        row = Refund(
            **BOOKS_OF,
            id=f"refund-{number}",
            payment_id=payment_id,
            stripe_balance_transaction_id=transaction and f"{transaction}_{number}",
            status=status,
            amount_minor=500,
            currency="gbp",
            reason=reason,
            created_at=START,
            updated_at=START,
        )
        with books.store.reading() as session:
            amount_minor = session.get_one(Payment, payment_id).amount_minor
        wanted += not is_release(row, amount_minor, received)
        with books.store.transaction() as session:
            session.add(row)
        assert len(refunds_page(books.store, ANALYST, ZONE, rows=200).frame) == wanted, case
    assert 0 < wanted <= number
