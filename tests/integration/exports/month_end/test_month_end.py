"""The month-end file, as a spreadsheet opens it; and what is told of a month that changed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete
from sqlmodel import col, select

from cardpay.domain.business_days import Days, business_day
from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import Money
from cardpay.exports.month_end.hand_out_month_end import hand_out_month_end
from cardpay.reporting.balance.balance_of_days import Balance, balance_of_days
from cardpay.reporting.balance.month_changes import MonthChanges, month_changes
from cardpay.storage.schema.tables import AuditEntry, BalanceTransaction, MonthEnd, Payout
from tests.integration.payment_rows import BOOKS_OF
from tests.integration.written_past import ANALYST, ZONE
from tests.support.databases.databases import Databases
from tests.support.desks import worlds
from tests.support.desks.worlds import World

FEBRUARY: Final = Days(date(2024, 2, 1), date(2024, 2, 29))
ROWS: Final = (
    # id, when, type, gross, fee, currency
    ("a", datetime(2024, 1, 31, 23, 59, 59, tzinfo=UTC), "charge", 5_000, 100, "gbp"),
    ("b", datetime(2024, 2, 1, tzinfo=UTC), "charge", 12_000, 200, "gbp"),
    ("c", datetime(2024, 2, 10, tzinfo=UTC), "refund", -3_000, 0, "gbp"),
    ("d", datetime(2024, 2, 20, 9, 30, tzinfo=UTC), "payout", -4_900, 0, "gbp"),
    ("e", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC), "charge", 1_500, 54, "jpy"),
    ("f", datetime(2024, 3, 1, tzinfo=UTC), "charge", 700, 10, "gbp"),
)


@pytest.fixture
def world(tmp_path: Path, databases: Databases, migrated: str) -> Iterator[World]:
    """A desk in April whose balance moved in January, February and March."""
    with (
        databases.copy(migrated) as url,
        worlds.world(tmp_path / "world", database_url=url) as made,
    ):
        made.clock.advance(days=40)
        with made.desk.store.transaction() as session:
            session.add_all(row(*one) for one in ROWS)
            session.add(
                Payout(
                    **BOOKS_OF,
                    id="payout-po_1",
                    stripe_payout_id="po_1",
                    status="paid",
                    amount_minor=4_900,
                    currency="gbp",
                    is_automatic=True,
                    is_itemised=True,
                    statement_descriptor="=FERNHILL",
                    trace_id="000123",
                    arrival_at=datetime(2024, 2, 21, tzinfo=UTC),
                    created_at=datetime(2024, 2, 20, 9, 30, tzinfo=UTC),
                    updated_at=datetime(2024, 2, 20, tzinfo=UTC),
                )
            )
        yield made


def row(
    name: str, at: datetime, kind: str, gross: int, fee: int, currency: str
) -> BalanceTransaction:
    """One movement of the balance; the first is in the payout."""
    return BalanceTransaction(
        **BOOKS_OF,
        id=f"balance-{name}",
        stripe_balance_transaction_id=f"txn_{name}",
        stripe_source_id=f"1E{ord(name)}",
        stripe_payout_id="po_1" if name in "ad" else None,
        type=kind,
        gross_minor=gross,
        fee_minor=fee,
        net_minor=gross - fee,
        currency=currency,
        created_at=at,
        available_at=at + timedelta(days=1),
    )


def opened(world: World, days: Days, folder: Path) -> Any:
    """The file, made and opened."""
    file = folder / "month-end.xlsx"
    hand_out_month_end(world.desk, ANALYST, ZONE, days, file)
    return load_workbook(file)


def _table(book: Any, name: str) -> list[dict[str, Any]]:
    heads, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(heads, one, strict=True)) for one in rows if any(one)]


def _minor(value: float) -> Decimal:
    return Decimal(str(value))


def test_the_workbook_adds_up(world: World, tmp_path: Path) -> None:
    """Opening + the transactions that it has = closing, for each currency, in real numbers."""
    book = opened(world, FEBRUARY, tmp_path)
    assert book.sheetnames == ["Summary", "Transactions", "Payouts"]
    summary, rows = _table(book, "Summary"), _table(book, "Transactions")
    for code, opening, closing in (("GBP", "49", "88"), ("JPY", "0", "1446")):
        lines = [one for one in summary if one["Currency"] == code]
        first, *categories, last, check = lines
        assert first["Line"] == "Opening balance, 2024-02-01"
        assert last["Line"] == "Closing balance, 2024-02-29"
        assert check["Net"] == 0
        mine = [one for one in rows if one["Currency"] == code]
        for amount in ("Gross", "Fee", "Net"):
            assert sum(_minor(one[amount]) for one in categories) == sum(
                _minor(one[amount]) for one in mine
            )
        assert sum(one["Transactions"] for one in categories) == len(mine)
        assert (_minor(first["Net"]), _minor(last["Net"])) == (Decimal(opening), Decimal(closing))
        moved = sum(_minor(one["Net"]) for one in mine)
        assert _minor(first["Net"]) + moved == _minor(last["Net"])


def test_dates_are_dates_and_texts_are_texts(world: World, tmp_path: Path) -> None:
    """In the business time zone; what looks like a number or a formula stays what it is."""
    book = opened(world, FEBRUARY, tmp_path)
    rows = _table(book, "Transactions")
    assert [one["Transaction"] for one in rows] == ["txn_e", "txn_d", "txn_c", "txn_b"]
    assert str(rows[1]["Time"]) == "2024-02-20 09:30:00"
    assert rows[1]["Category"] == "Payout"
    assert rows[3]["Source"] == "1E98"
    (payout,) = _table(book, "Payouts")
    assert str(payout["Arrives on"]) == "2024-02-21 00:00:00"
    assert payout["Amount"] == 49
    assert payout["Remainder"] == 0
    assert (payout["Trace ID"], payout["Statement descriptor"]) == ("000123", "=FERNHILL")
    assert book["Payouts"]["I2"].data_type == "s"


def test_it_is_written_down_and_an_open_range_is_refused(world: World, tmp_path: Path) -> None:
    """Who took which days, and how many transactions."""
    opened(world, FEBRUARY, tmp_path)
    with world.desk.store.reading() as session:
        (entry,) = session.exec(
            select(AuditEntry).where(AuditEntry.act == "balance.month_end")
        ).all()
    assert entry.after == {"from": "2024-02-01", "to": "2024-02-29", "rows": 4}
    with pytest.raises(InvalidInput):
        opened(world, Days(date(2024, 2, 1), None), tmp_path)


def now_of(world: World, days: Days, currency: str = "gbp") -> Balance:
    """The balance of these days."""
    found = balance_of_days(world.desk.store, ANALYST, days, ZONE)
    return next(one for one in found if one.currency == currency)


def changes(world: World, days: Days = FEBRUARY, currency: str = "gbp") -> MonthChanges | None:
    """What is told of them."""
    balance = now_of(world, days, currency)
    return month_changes(world.desk.store, ANALYST, ZONE, days, balance)


def test_what_came_in_since_is_named(world: World, tmp_path: Path) -> None:
    """Nothing before the first file, nothing while nothing changed; then each transaction."""
    assert changes(world) is None
    opened(world, FEBRUARY, tmp_path)
    at = world.desk.now()
    unchanged = changes(world)
    assert unchanged is not None
    assert unchanged.is_unchanged
    assert unchanged.exported_at.date() == at.date()
    late = datetime(2024, 2, 14, tzinfo=UTC)
    with world.desk.store.transaction() as session:
        session.add(row("x", late, "refund", -250, 0, "gbp"))
        session.add(row("y", late, "charge", 900, 0, "eur"))
        session.execute(
            delete(BalanceTransaction).where(col(BalanceTransaction.id) == "balance-c")
        )
    found = changes(world)
    assert found is not None
    assert [(one.transaction_id, one.net) for one in found.came_in] == [
        ("txn_x", Money(-250, "gbp"))
    ]
    assert (found.gone, found.opening_before) == (1, None)
    of_new_currency = changes(world, currency="eur")
    assert of_new_currency is not None
    assert [one.transaction_id for one in of_new_currency.came_in] == ["txn_y"]
    world.clock.advance(days=1)
    opened(world, FEBRUARY, tmp_path)
    again = changes(world)
    assert again is not None
    assert again.is_unchanged
    assert again.exported_at.date() == world.desk.now().date()


def test_an_earlier_month_that_changed_is_told(world: World, tmp_path: Path) -> None:
    """By the opening balance that the file had."""
    opened(world, FEBRUARY, tmp_path)
    with world.desk.store.transaction() as session:
        session.add(row("w", datetime(2024, 1, 5, tzinfo=UTC), "charge", 100, 0, "gbp"))
    found = changes(world)
    assert found is not None
    assert (found.came_in, found.gone) == ((), 0)
    assert found.opening_before == Money(4_900, "gbp")


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(Days(date(2024, 2, 1), date(2024, 2, 28)), id="not a whole month"),
        pytest.param(Days(date(2024, 4, 1), date(2024, 4, 30)), id="not over"),
    ],
)
def test_only_a_month_that_is_over_is_kept(world: World, tmp_path: Path, days: Days) -> None:
    """The file is made all the same."""
    assert business_day(world.desk.now(), ZONE) < date(2024, 4, 30)
    opened(world, days, tmp_path)
    with world.desk.store.reading() as session:
        assert session.exec(select(MonthEnd)).all() == []
