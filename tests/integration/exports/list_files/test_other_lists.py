"""Attempts, refunds, disputes, the ledger and payouts as files."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cardpay.domain.business_days import Days
from cardpay.domain.errors import InvalidInput
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.money import Money
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.reporting.exported_lists.exported_filters import filter_of, filter_words
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.storage.schema.tables import Payout, Person
from tests.integration.exports.list_files.written_files import csv_rows, parquet_table, write
from tests.integration.payment_books import START, Books
from tests.integration.payment_rows import (
    BOOKS_OF,
    KEY,
    attempt,
    balance_transaction,
    dispute,
    operation,
    refund,
)

MARCH = Days(date(2024, 3, 1), date(2024, 3, 31))


@pytest.fixture
def told(books: Books) -> Books:
    """One of each, of one payment; a payout arrives on the last day of March, as Stripe has it."""
    with books.store.transaction() as session:
        session.add(Person(actor_id="agent-1", name="A. Okafor", seen_at=START))
        session.add(operation(OperationKind.REFUND, OperationState.DONE))
        session.flush()
        session.add(
            attempt(
                AttemptOutcome.SUCCEEDED,
                2,
                stripe_charge_id="ch_1",
                actor_id="agent-1",
                moto=True,
                card_funding="credit",
                risk_score=7,
            )
        )
        session.add(attempt(AttemptOutcome.DECLINED, 1, decline_code="do_not_honor"))
        session.add(
            refund(
                stripe_refund_id="re_1",
                status="succeeded",
                reason="duplicate",
                operation_id="refund-1",
                stripe_balance_transaction_id="txn_re_1",
            )
        )
        session.add(dispute("needs_response"))
        charged = balance_transaction("ch_1", 1_200, 37, "gbp")
        charged.exchange_rate, charged.reporting_category = "0.78125", "charge"
        charged.available_at = START + timedelta(days=2)
        session.add(charged)
        other = balance_transaction("none", -2_000, 0, "gbp")
        other.type = "stripe_fee"
        session.add(other)
        session.add(
            Payout(
                **BOOKS_OF,
                id="payout-1",
                stripe_payout_id="po_1",
                status="paid",
                amount_minor=98_765,
                currency="gbp",
                is_automatic=True,
                method="standard",
                arrival_at=START.replace(month=3, day=31, hour=0),
                created_at=START.replace(month=3, day=29),
                updated_at=START,
            )
        )
    return books


def rows(books: Books, folder: Path, kind: ExportKind, **chosen: object) -> list[dict[str, str]]:
    """A CSV file of a list, through its filter."""
    wanted = filter_of(kind, chosen.get("days", Days()), chosen.get("statuses", ()))  # type: ignore[arg-type]
    write(books, folder / "one.csv", kind, wanted, zone="America/New_York")
    return csv_rows(folder / "one.csv")


def test_attempts(told: Books, tmp_path: Path) -> None:
    """Newest first, with who pressed the button and what the bank said."""
    paid, declined = rows(told, tmp_path, ExportKind.ATTEMPTS)
    assert (paid["Time"], paid["Time (UTC)"]) == ("2024-02-29 04:02:00", "2024-02-29 09:02:00")
    assert (paid["Outcome"], paid["Amount"], paid["Currency"]) == ("Succeeded", "12.00", "GBP")
    assert (paid["Telephone order"], paid["Tried by"], paid["Funding"]) == (
        "Yes",
        "A. Okafor",
        "Credit",
    )
    assert (paid["Risk score"], paid["Charge"], paid["Order reference"]) == (
        "7",
        "ch_1",
        "SO-00123",
    )
    assert (declined["Outcome"], declined["Decline code"]) == ("Declined", "do_not_honor")
    assert (declined["Telephone order"], declined["Tried by"], declined["Charge"]) == ("", "", "")
    only = rows(told, tmp_path, ExportKind.ATTEMPTS, statuses=("Declined",))
    assert [row["Attempt"] for row in only] == [declined["Attempt"]]


def test_refunds(told: Books, tmp_path: Path) -> None:
    """With who asked for it, and its transaction."""
    (row,) = rows(told, tmp_path, ExportKind.REFUNDS)
    assert (row["Status"], row["Amount"], row["Currency"]) == ("Succeeded", "5.00", "GBP")
    assert (row["Reason"], row["Requested by"]) == ("Duplicate", "A. Okafor")
    assert (row["Payment"], row["Refund"], row["Transaction"]) == (KEY, "re_1", "txn_re_1")
    assert rows(told, tmp_path, ExportKind.REFUNDS, days=MARCH) == []


def test_disputes(told: Books, tmp_path: Path) -> None:
    """With the deadline in business time."""
    (row,) = rows(told, tmp_path, ExportKind.DISPUTES)
    assert (row["Amount"], row["Reason"], row["Dispute"]) == ("12.00", "Fraudulent", "dp_1")
    assert (row["Respond by"], row["Order reference"]) == ("2024-03-09 04:00:00", "SO-00123")


def test_the_ledger(told: Books, tmp_path: Path) -> None:
    """What is of a payment names it; what is of none is there as well, by its type."""
    found = {row["Source"]: row for row in rows(told, tmp_path, ExportKind.BALANCE)}
    charged, fee = found["ch_1"], found["none"]
    amounts = ("Gross", "Fee", "Net", "Currency", "Exchange rate", "Category")
    assert [charged[name] for name in amounts] == [
        "12.00",
        "0.37",
        "11.63",
        "GBP",
        "0.78125",
        "Payment",
    ]
    assert (charged["Payment"], charged["Order reference"]) == (KEY, "SO-00123")
    assert [fee[name] for name in (*amounts, "Payment")] == [
        "-20.00",
        "0.00",
        "-20.00",
        "GBP",
        "",
        "Stripe fee",
        "",
    ]
    only = rows(told, tmp_path, ExportKind.BALANCE, statuses=("stripe_fee",))
    assert [row["Source"] for row in only] == ["none"]
    written = write(told, tmp_path / "one.parquet", ExportKind.BALANCE)
    assert written.totals("Net") == (Money(1_163 - 2_000, "gbp"),)
    rates = parquet_table(tmp_path / "one.parquet")["Exchange rate"].to_pylist()
    assert sorted(str(one) for one in rates) == ["0.781250000000000", "None"]


@pytest.mark.parametrize("rate", ["1.3351350000000002", "0.9123456789012345", "1e-12", "1e12"])
def test_a_rate_of_any_length_is_written(books: Books, tmp_path: Path, rate: str) -> None:
    """As many decimals as a column has: Stripe's rates are floating-point numbers."""
    with books.store.transaction() as session:
        moved = balance_transaction("none", 1_200, 37, "gbp")
        moved.exchange_rate = rate
        session.add(moved)
    write(books, tmp_path / "one.parquet", ExportKind.BALANCE)
    (written,) = parquet_table(tmp_path / "one.parquet")["Exchange rate"].to_pylist()
    assert abs(written - Decimal(rate)) <= Decimal("1e-15")


def test_payouts_by_the_day_they_arrive(told: Books, tmp_path: Path) -> None:
    """Stripe's day, which is midnight in UTC and still the evening before in New York."""
    (row,) = rows(told, tmp_path, ExportKind.PAYOUTS, days=MARCH)
    assert (row["Arrives on"], row["Status"], row["Amount"]) == ("2024-03-31", "Paid", "987.65")
    assert (row["Made by"], row["Method"], row["Payout"]) == ("Schedule", "Standard", "po_1")
    april = Days(date(2024, 4, 1), None)
    assert rows(told, tmp_path, ExportKind.PAYOUTS, days=april) == []
    written = write(told, tmp_path / "one.xlsx", ExportKind.PAYOUTS)
    assert written.totals("Amount") == (Money(98_765, "gbp"),)


@pytest.mark.one_database
def test_a_status_that_there_is_not() -> None:
    """It is said which there are; any spelling of one that there is will do."""
    with pytest.raises(InvalidInput, match=r"no status lost\. There are: .*succeeded"):
        filter_of(ExportKind.PAYMENTS, Days(), ("Lost",))
    chosen = filter_of(ExportKind.PAYMENTS, Days(), ("partially refunded", "DECLINED"))
    assert chosen.statuses == {"Partially refunded", "Declined"}


@pytest.mark.one_database
def test_a_filter_in_words_names_nobody() -> None:
    """They are kept, and stand in the audit log."""
    chosen = PaymentFilter(
        days=MARCH,
        statuses=frozenset(filter_of(ExportKind.PAYMENTS, Days(), ("declined",)).statuses),
        search="A. Okafor",
        taken_by="a.okafor@example.com",
        amount_from=24_500,
        currency="gbp",
    )
    words = filter_words(chosen)
    assert "Okafor" not in words
    assert "okafor" not in words
    assert words == (
        "statuses Declined · a search · from 1 Mar 2024 to 31 Mar 2024 · currency gbp · "
        "amount from 24500 · one colleague"
    )
    assert filter_words(PaymentFilter()) == ""
