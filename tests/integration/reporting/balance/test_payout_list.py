"""Payouts: what is in each adds up to its amount."""

from datetime import UTC, date

import pytest
from sqlmodel import select

from cardpay.domain.business_days import Days, business_day
from cardpay.domain.money import Money
from cardpay.domain.payment.payout import Itemisation
from cardpay.reporting.balance.ledger_filter import LedgerFilter
from cardpay.reporting.balance.ledger_list import ledger_page, ledger_sums
from cardpay.reporting.balance.payout_filter import PayoutDay, PayoutFilter
from cardpay.reporting.balance.payout_list import (
    payout_named,
    payouts_page,
)
from cardpay.reporting.operations.payout_reports import PayoutReport
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payout
from tests.integration.written_past import ANALYST, ZONE

_ARRIVES = date(2026, 5, 8)


def listed(store: Store, chosen: PayoutFilter) -> list[PayoutReport]:
    """All pages of them."""
    page = payouts_page(store, ANALYST, ZONE, chosen)
    found = list(page.frame["Payout"])
    while page.older:
        page = payouts_page(store, ANALYST, ZONE, chosen, page.older)
        found += list(page.frame["Payout"])
    return found


def test_every_payout_of_the_past_leaves_a_remainder_of_nothing(past: Store) -> None:
    """Its transactions, without its own, come to its amount, by page and by sum."""
    found = listed(past, PayoutFilter())
    with past.reading() as session:
        payouts = sorted(
            session.exec(select(Payout)), key=lambda one: (one.created_at, one.id), reverse=True
        )
    assert [one.payout_id for one in found] == [one.stripe_payout_id for one in payouts]
    itemised = [one for one in found if one.itemisation is not Itemisation.WAITING]
    assert len(itemised) > 50
    for one in itemised[:40]:
        assert one.remainder == Money(0, "gbp")
        inside = LedgerFilter(payout_id=one.payout_id)
        assert ledger_sums(past, ANALYST, ZONE, inside)["gbp"].net == one.amount
        page = ledger_page(past, ANALYST, ZONE, inside, rows=1_000)
        assert len(page.frame) == one.transactions
        assert payout_named(past, ANALYST, one.payout_id) == one


@pytest.mark.parametrize("by", PayoutDay)
def test_days_are_those_of_leaving_or_of_arriving(past: Store, by: PayoutDay) -> None:
    """A day of arrival is Stripe's, in UTC; one of leaving is a business day."""
    days = Days(date(2026, 2, 1), date(2026, 2, 28))
    found = listed(past, PayoutFilter(days, currency="gbp", by=by))
    with past.reading() as session:
        wanted = [
            one.stripe_payout_id
            for one in session.exec(select(Payout))
            if date(2026, 2, 1)
            <= (
                business_day(one.created_at, ZONE)
                if by is PayoutDay.LEAVES
                else business_day(one.arrival_at or one.created_at, UTC)
            )
            <= date(2026, 2, 28)
        ]
    assert sorted(one.payout_id for one in found) == sorted(wanted)
    assert listed(past, PayoutFilter(days, currency="eur", by=by)) == []
