"""The balance of any days: opening + transactions − payouts = closing, counted row by row."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import select

from cardpay.domain.business_days import Days, business_day
from cardpay.domain.money import Money
from cardpay.reporting.balance.balance_of_days import Balance, balance_of_days, days_of_ledger
from cardpay.reporting.balance.categories import Part, part_of
from cardpay.reporting.balance.ledger_filter import LedgerFilter
from cardpay.reporting.balance.ledger_list import ledger_page, ledger_sums
from cardpay.reporting.balance.not_paid_out import NotPaidOut, not_paid_out
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import BalanceTransaction
from tests.integration.payment_rows import BOOKS_OF
from tests.integration.written_past import ANALYST, ZONE
from tests.support.databases.databases import Databases
from tests.support.examples import examples

# A day on which the clock changes: an hour forward or back, half an hour, and at midnight itself.
CHANGES: Final = (
    ("Europe/London", date(2026, 3, 29)),
    ("America/New_York", date(2025, 11, 2)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Africa/Cairo", date(2026, 4, 24)),
)
_CATEGORIES: Final = ("charge", "refund", "dispute", "fee", "payout", "payout_reversal", "topup")
_numbers = count(1)


@pytest.fixture(scope="module")
def ledger(databases: Databases, migrated: str) -> Iterator[Store]:
    """Books with nothing in them, for transactions that tests make up."""
    with databases.copy(migrated) as url:
        store = Store(connect(url))
        yield store
        store.close()


def transaction(at: datetime, gross: int, fee: int = 0, **facts: Any) -> BalanceTransaction:
    """One movement of the balance."""
    number = next(_numbers)
    given = {"type": "charge", "currency": "gbp", "reporting_category": None}
    return BalanceTransaction(
        **BOOKS_OF,
        id=f"balance-txn_{number}",
        stripe_balance_transaction_id=f"txn_{number}",
        gross_minor=gross,
        fee_minor=fee,
        net_minor=gross - fee,
        created_at=at,
        **given | facts,
    )


def filled(store: Store, rows: list[BalanceTransaction]) -> None:
    """The books with these transactions and no others."""
    with store.transaction() as session:
        session.execute(delete(BalanceTransaction))
        session.add_all(rows)


def _net(rows: list[BalanceTransaction]) -> int:
    return sum(one.net_minor for one in rows)


def adds_up(
    store: Store, days: Days, zone: ZoneInfo, rows: list[BalanceTransaction]
) -> tuple[Balance, ...]:
    """The balance of these days, which is what `rows` come to, one by one."""
    found = balance_of_days(store, ANALYST, days, zone)
    assert days.first is not None
    assert days.last is not None
    for balance in found:
        mine = [one for one in rows if one.currency == balance.currency]
        day_of = {one.id: business_day(one.created_at, zone) for one in mine}
        before = [one for one in mine if day_of[one.id] < days.first]
        inside = [one for one in mine if days.first <= day_of[one.id] <= days.last]
        assert balance.opening.amount_minor == _net(before)
        assert balance.closing.amount_minor == _net(before) + _net(inside)
        assert balance.transactions == len(inside)
        assert balance.difference == Money(0, balance.currency)
        moved = sum(amount.amount_minor for amount in balance.parts.values())
        assert balance.opening.amount_minor + moved == balance.closing.amount_minor
        for part, amount in balance.parts.items():
            of_part = [
                one.gross_minor
                for one in inside
                if part_of(one.reporting_category or one.type) is part
            ]
            fees = sum(one.fee_minor for one in inside) if part is Part.FEES else 0
            assert amount.amount_minor == sum(of_part) - fees
    return found


@st.composite
def _made_up(draw: st.DrawFn) -> tuple[ZoneInfo, Days, list[BalanceTransaction]]:
    """Transactions within two days of a clock change, and a range of days there."""
    name, change = draw(st.sampled_from(CHANGES))
    zone = ZoneInfo(name)
    noon = datetime(change.year, change.month, change.day, 12, tzinfo=zone).astimezone(UTC)
    minutes = st.integers(-2 * 1440, 2 * 1440)
    rows = draw(
        st.lists(
            st.builds(
                lambda minute, gross, fee, category, currency: transaction(
                    noon + timedelta(minutes=minute),
                    gross,
                    fee,
                    type=category,
                    currency=currency,
                ),
                minutes,
                st.integers(-10_000_000_000, 10_000_000_000),
                st.integers(-500, 500),
                st.sampled_from(_CATEGORIES),
                st.sampled_from(("gbp", "eur", "jpy")),
            ),
            max_size=12,
        )
    )
    first = change + timedelta(days=draw(st.integers(-2, 2)))
    return zone, Days(first, first + timedelta(days=draw(st.integers(0, 2)))), rows


@settings(max_examples=examples(15), deadline=None)
@given(made_up=_made_up())
def test_any_days_add_up(
    ledger: Store, made_up: tuple[ZoneInfo, Days, list[BalanceTransaction]]
) -> None:
    """At a clock change, too; and what closes one range opens the next."""
    zone, days, rows = made_up
    filled(ledger, rows)
    found = adds_up(ledger, days, zone, rows)
    assert days.last is not None
    following = Days(days.last + timedelta(days=1), days.last + timedelta(days=1))
    opened = {one.currency: one for one in balance_of_days(ledger, ANALYST, following, zone)}
    for balance in found:
        assert opened[balance.currency].opening == balance.closing


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=[name for name, _ in CHANGES])
def test_a_day_is_from_midnight_to_midnight(ledger: Store, name: str, change: date) -> None:
    """The second before it belongs to the day before, the second after it to the next."""
    zone = ZoneInfo(name)
    begins, ended = Days(change, change).bounds(zone)
    assert begins is not None
    assert ended is not None
    second = timedelta(seconds=1)
    moments = (begins - second, begins, ended - second, ended)
    rows = [transaction(at, 10**number) for number, at in enumerate(moments)]
    filled(ledger, rows)
    (balance,) = adds_up(ledger, Days(change, change), zone, rows)
    amounts = (balance.opening, balance.parts[Part.PAYMENTS], balance.closing)
    assert [amount.amount_minor for amount in amounts] == [1, 110, 111]


def test_every_month_of_the_past_adds_up(past: Store) -> None:
    """In which there are refunds, disputes, failed payouts, and holds captured in part."""
    with past.reading() as session:
        rows = list(session.exec(select(BalanceTransaction)))
    known = days_of_ledger(past, ANALYST, ZONE, datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert known.first == min(business_day(one.created_at, ZONE) for one in rows)
    assert known.last is not None
    month, seen = known.last.replace(day=1), 0
    while month >= known.first.replace(day=1):
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        (balance,) = adds_up(past, Days(month, last), ZONE, rows)
        seen += balance.transactions
        month = (month - timedelta(days=1)).replace(day=1)
    assert seen == len(rows)


def test_a_net_that_is_not_gross_less_fee_is_told(ledger: Store) -> None:
    """Whatever is added up from such a row comes to something else."""
    row = transaction(datetime(2026, 5, 5, tzinfo=UTC), 1_000, 30)
    row.net_minor -= 1
    filled(ledger, [row])
    day = date(2026, 5, 5)
    (balance,) = balance_of_days(ledger, ANALYST, Days(day, day), ZONE)
    assert balance.difference == Money(-1, "gbp")


def test_fees_are_told_by_what_they_were_kept_of(ledger: Store) -> None:
    """And those that Stripe charges by themselves."""
    at = datetime(2026, 5, 5, tzinfo=UTC)
    filled(
        ledger,
        [
            transaction(at, 10_000, 170, reporting_category="charge"),
            transaction(at, -5_000, 2_000, type="adjustment", reporting_category="dispute"),
            transaction(at, -300, 0, type="stripe_fee", reporting_category="fee"),
            transaction(at, -1_000, 0, type="refund", reporting_category="refund"),
        ],
    )
    (balance,) = balance_of_days(ledger, ANALYST, Days(at.date(), at.date()), ZONE)
    fees = [(name, fee.amount_minor) for name, fee in balance.fees]
    assert fees == [("dispute", 2_000), ("fee", 300), ("charge", 170)]
    assert balance.parts[Part.FEES] == Money(-2_470, "gbp")


def test_what_is_not_paid_out_is_available_or_pending(ledger: Store) -> None:
    """By the moment at which Stripe makes it available."""
    at = datetime(2026, 5, 5, tzinfo=UTC)
    now = at + timedelta(days=3)
    filled(
        ledger,
        [
            transaction(at, 10_000, 170, available_at=at + timedelta(days=7)),
            transaction(at, 5_000, 100, available_at=now),
            transaction(now, -1_000, 0, type="payout", available_at=now),
            transaction(at, 700, 0, currency="eur", available_at=now + timedelta(seconds=1)),
        ],
    )
    for last in (at.date(), now.date()):
        days = Days(at.date(), last)
        assert {
            one.currency: not_paid_out(ledger, ANALYST, one, days, ZONE, now)
            for one in balance_of_days(ledger, ANALYST, days, ZONE)
        } == {
            "gbp": NotPaidOut(available=Money(3_900, "gbp"), pending=Money(9_830, "gbp")),
            "eur": NotPaidOut(available=Money(0, "eur"), pending=Money(700, "eur")),
        }


@pytest.mark.parametrize("category", [None, "refund", "charge"])
def test_the_ledger_is_all_of_it_page_by_page(past: Store, category: str | None) -> None:
    """Newest first, each once, with its sums and the payment that it is of."""
    chosen = LedgerFilter(
        Days(date(2026, 2, 1), date(2026, 3, 15)),
        categories=frozenset({category} if category else ()),
        currency="gbp",
    )
    page = ledger_page(past, ANALYST, ZONE, chosen, rows=20)
    frames = [page.frame]
    while page.older:
        page = ledger_page(past, ANALYST, ZONE, chosen, page.older, rows=20)
        frames.append(page.frame)
    with past.reading() as session:
        rows = [
            one
            for one in session.exec(select(BalanceTransaction))
            if date(2026, 2, 1) <= business_day(one.created_at, ZONE) <= date(2026, 3, 15)
            and category in {None, one.reporting_category or one.type}
        ]
    rows.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    assert [its_id for frame in frames for its_id in frame.index] == [one.id for one in rows]
    (total,) = ledger_sums(past, ANALYST, ZONE, chosen).values()
    assert (total.transactions, total.net.amount_minor) == (len(rows), _net(rows))
    named = [bool(payment) for frame in frames for payment in frame["Payment"]]
    assert named == [not (one.stripe_source_id or "").startswith("po_") for one in rows]
