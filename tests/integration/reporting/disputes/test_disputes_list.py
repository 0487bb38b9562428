"""The list of disputes: what to respond to by deadline, then the newest; and the sums above."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from cardpay.domain.attention_rules import may_await_response
from cardpay.domain.business_days import Days, business_day
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.reporting.disputes.dispute_filter import EVERY_DISPUTE, DisputeFilter
from cardpay.reporting.disputes.disputes_list import dispute_sums, dispute_url, disputes_page
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Dispute
from tests.integration.payment_books import START, Books
from tests.integration.payment_rows import BOOKS_OF
from tests.integration.written_past import ANALYST, ZONE

_OPEN = frozenset({DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW})
FILTERS = {
    "every": EVERY_DISPUTE,
    "days": DisputeFilter(days=Days(date(2026, 3, 1), date(2026, 3, 31))),
    "open": DisputeFilter(statuses=_OPEN),
    "currency": DisputeFilter(currency="gbp"),
    "reason": DisputeFilter(reason="fraudulent"),
    "all of them": DisputeFilter(
        Days(date(2025, 10, 1), date(2026, 3, 31)), _OPEN, "gbp", "fraudulent"
    ),
}


def _by_hand(store: Store, chosen: DisputeFilter) -> list[Dispute]:
    with store.reading() as session:
        return [
            row
            for row in session.exec(select(Dispute))
            if (
                chosen.days.first is None
                or chosen.days.first <= business_day(row.created_at, ZONE)
            )
            and (
                chosen.days.last is None or business_day(row.created_at, ZONE) <= chosen.days.last
            )
            and (not chosen.statuses or row.status in chosen.statuses)
            and chosen.currency in {None, row.currency}
            and chosen.reason in {None, row.reason}
        ]


@pytest.mark.parametrize("name", FILTERS)
def test_the_list_and_the_sums_are_what_the_filter_lets_through(past: Store, name: str) -> None:
    """Those that await a response by deadline, the others newest first; each once."""
    chosen = FILTERS[name]
    found = _by_hand(past, chosen)
    waiting = [row for row in found if may_await_response(row.status)]
    others = [row for row in found if not may_await_response(row.status)]
    assert waiting
    page = disputes_page(past, ANALYST, ZONE, chosen, rows=3)
    by_deadline = sorted(waiting, key=lambda row: (row.evidence_due_at, row.id))
    assert list(page.waiting.index) == [row.id for row in by_deadline]
    listed = list(page.others.frame.index)
    while page.others.older is not None:
        page = disputes_page(past, ANALYST, ZONE, chosen, page.others.older, rows=3)
        assert page.waiting.empty
        listed += list(page.others.frame.index)
    newest_first = sorted(others, key=lambda row: (row.created_at, row.id), reverse=True)
    assert listed == [row.id for row in newest_first]
    amounts: Counter[str] = Counter()
    for row in found:
        amounts[row.currency] += row.amount_minor
    sums = dispute_sums(past, ANALYST, ZONE, chosen)
    assert {one.amount.currency: one.amount.amount_minor for one in sums} == amounts


def _add(books: Books, number: int, **facts: Any) -> None:
    given: dict[str, Any] = {
        "id": f"dispute-{number}",
        "stripe_dispute_id": f"dp_{number}",
        "stripe_charge_id": f"ch_{number}",
        "status": DisputeStatus.NEEDS_RESPONSE,
        "amount_minor": 1_200,
        "currency": "gbp",
        "created_at": START,
        "updated_at": START,
    }
    with books.store.transaction() as session:
        session.add(Dispute(**BOOKS_OF, **given | facts))


def test_one_that_may_await_a_response_is_among_the_first(books: Books) -> None:
    """A status that this version does not know may; one without a deadline comes last."""
    _add(books, 1, evidence_due_at=START + timedelta(days=3))
    _add(books, 2, evidence_due_at=None)
    _add(books, 3, evidence_due_at=START + timedelta(days=1), status="a_new_status")
    _add(books, 4, evidence_due_at=START, status=DisputeStatus.LOST)
    page = disputes_page(books.store, ANALYST, ZONE)
    assert list(page.waiting["Dispute"]) == ["dp_3", "dp_1", "dp_2"]
    assert list(page.waiting["Status"]) == ["A new status", "Needs response", "Needs response"]
    assert list(page.others.frame["Dispute"]) == ["dp_4"]
    assert page.others.frame["Respond by"].isna().all()


def test_one_of_a_charge_without_a_payment_is_listed(books: Books) -> None:
    """It has to be answered all the same."""
    _add(books, 1, payment_id=None)
    assert list(disputes_page(books.store, ANALYST, ZONE).waiting["Payment"]) == [""]


def test_the_way_to_stripe_is_that_of_the_mode() -> None:
    """Test disputes have addresses of their own."""
    assert dispute_url("dp_1", livemode=True) == "https://dashboard.stripe.com/disputes/dp_1"
    assert dispute_url("dp_1", livemode=False).endswith(".com/test/disputes/dp_1")
