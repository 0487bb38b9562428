"""The report as a process: a table or JSON of what was paid, its sums, and its exit code."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from subprocess import CompletedProcess
from typing import Any

import pytest

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.refund import RefundStatus
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import BalanceTransaction, Payment, PaymentAttempt, Refund
from tests.support.processes.forked_processes import command, unprepared_command

NIGHT = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)  # half past midnight on the 30th in London


def cardpay(
    database_url: str,
    *arguments: str,
    by: Callable[..., CompletedProcess[str]] = command,
    settings: Mapping[str, str] = {},
) -> CompletedProcess[str]:
    """The command on a database."""
    chosen = {
        "CARDPAY_DATABASE_URL": database_url,
        "CARDPAY_TIME_ZONE": "Europe/London",
        "CARDPAY_SIGN_IN": "off",
        **settings,
    }
    return by("report", *arguments, settings=chosen)


def payment(number: int, **facts: Any) -> Payment:
    """One that was paid on the 29th."""
    at = datetime(2026, 3, 29, 12, number, tzinfo=UTC)
    given: dict[str, Any] = {
        "id": f"payment-{number}",
        "stripe_account_id": "acct_1",
        "livemode": False,
        "display_status": DisplayStatus.SUCCEEDED,
        "amount_minor": 1_250,
        "amount_received_minor": 1_250,
        "currency": "gbp",
        "product_name": "Zürich visit",
        "order_reference": f"SO-{number}",
        "search_reference": f"so-{number}",
        "taken_by": "agent-1",
        "created_at": at,
        "updated_at": at,
        "succeeded_at": at,
    }
    return Payment(**{**given, **facts})


_ACCOUNT: dict[str, Any] = {"stripe_account_id": "acct_1", "livemode": False}
_AT = datetime(2026, 3, 29, 12, tzinfo=UTC)


def attempt(number: int) -> PaymentAttempt:
    """The one that was paid with."""
    return PaymentAttempt(
        **_ACCOUNT,
        id=f"attempt-{number}",
        payment_id=f"payment-{number}",
        outcome=AttemptOutcome.SUCCEEDED,
        stripe_charge_id=f"ch_{number}",
        amount_minor=1_250,
        currency="gbp",
        created_at=_AT,
    )


def refund(number: int) -> Refund:
    """Of a payment."""
    return Refund(
        **_ACCOUNT,
        id=f"refund-{number}",
        payment_id=f"payment-{number}",
        stripe_refund_id=f"re_{number}",
        status=RefundStatus.SUCCEEDED,
        amount_minor=20,
        currency="jpy",
        created_at=_AT,
        updated_at=_AT,
    )


def balance_transaction(name: str, currency: str, gross: int) -> BalanceTransaction:
    """Of a charge or refund: `charge-1`."""
    kind, number = name.split("-")
    return BalanceTransaction(
        **_ACCOUNT,
        id=name,
        stripe_balance_transaction_id=f"txn_{name}",
        stripe_source_id=f"{'ch' if kind == 'charge' else 're'}_{number}",
        type=kind,
        gross_minor=gross,
        net_minor=gross,
        currency=currency,
        created_at=_AT,
    )


@pytest.fixture
def books(database_url: str) -> str:
    """Three payments on two days and in two currencies, and one that was not paid."""
    store = Store(connect(database_url))
    with store.transaction() as session:
        session.add(payment(1))
        session.add(payment(2, succeeded_at=NIGHT, amount_refunded_minor=250))
        session.add(payment(3, currency="jpy", amount_received_minor=900))
        session.add(payment(4, display_status=DisplayStatus.DECLINED, succeeded_at=None))
    store.close()
    return database_url


DAYS = ("--from", "2026-03-29", "--to", "2026-03-30")


def test_a_table_with_a_sum_for_each_currency(books: str) -> None:
    """Days are those of the business's time zone, both included."""
    told = cardpay(books, *DAYS, by=unprepared_command)
    assert told.returncode == 0, told.stderr
    lines = [line.split() for line in told.stdout.splitlines() if not line.startswith("-")]
    assert lines == [
        ["Day", "Currency", "Payments", "Volume", "Refunded"],
        ["2026-03-29", "GBP", "1", "£12.50", "£0.00"],
        ["2026-03-29", "JPY", "1", "JP¥900", "JP¥0"],
        ["2026-03-30", "GBP", "1", "£12.50", "£2.50"],
        ["Sum", "GBP", "2", "£25.00", "£2.50"],
        ["Sum", "JPY", "1", "JP¥900", "JP¥0"],
    ]


def test_json_for_programs(books: str) -> None:
    """The same lines, with amounts as exact texts and in the minor unit."""
    told = cardpay(books, *DAYS, "--by", "month,product", "--json")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert (found["from"], found["to"], found["time_zone"]) == (
        "2026-03-29",
        "2026-03-30",
        "Europe/London",
    )
    assert found["lines"][0] == {
        "month": "2026-03-01",
        "product": "Zürich visit",
        "currency": "GBP",
        "payments": 2,
        "volume": "25.00",
        "volume_minor": 2_500,
        "refunded": "2.50",
        "refunded_minor": 250,
    }
    assert [one["currency"] for one in found["sums"]] == ["GBP", "JPY"]


@pytest.mark.one_database
def test_all_in_one_currency_is_what_settled_in_it(books: str) -> None:
    """By the balance transactions; what has none, or one in another currency, is told apart."""
    store = Store(connect(books))
    moved = ((1, "gbp", "charge", 1_250), (3, "gbp", "charge", 512), (2, "eur", "charge", 1_400))
    with store.transaction() as session:
        for number, currency, kind, gross in (*moved, (3, "gbp", "refund", -12)):
            if kind == "charge":
                session.get_one(Payment, f"payment-{number}").latest_charge_id = f"ch_{number}"
                session.add(attempt(number))
            else:
                session.add(refund(number))
            session.add(balance_transaction(f"{kind}-{number}", currency, gross))
    store.close()
    told = cardpay(books, *DAYS, "--one-currency", by=unprepared_command)
    assert told.returncode == 1
    assert "set CARDPAY_REPORTING_CURRENCY" in told.stderr
    told = cardpay(
        books, *DAYS, "--one-currency", "--json", settings={"CARDPAY_REPORTING_CURRENCY": "GBP"}
    )
    found = json.loads(told.stdout)
    assert [(one["currency"], one["payments"], one["volume"]) for one in found["sums"]] == [
        ("GBP", 2, "17.62")
    ]
    assert found["sums"][0]["refunded"] == "0.12"
    assert [(one["currency"], one["payments"], one["volume"]) for one in found["left_out"]] == [
        ("GBP", 1, "12.50")
    ]
    table = cardpay(books, *DAYS, "--one-currency", settings={"CARDPAY_REPORTING_CURRENCY": "GBP"})
    assert table.stdout.splitlines()[-1] == (
        "Not added: 1 payment of £12.50 in GBP, settled in another currency or not yet."
    )


@pytest.mark.one_database
def test_days_without_payments_are_an_empty_table(books: str) -> None:
    """And no error."""
    told = cardpay(books, "--from", "2025-01-01", "--to", "2025-01-31")
    assert told.returncode == 0, told.stderr
    assert told.stdout.split() == [
        "Day",
        "Currency",
        "Payments",
        "Volume",
        "Refunded",
        "-" * 46,
    ] or ("Day" in told.stdout)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "2026-03-30", "--to", "2026-03-29"), "To must be"),
        ((*DAYS, "--by", "day,colour"), "choose from day"),
        (("--from", "yesterday", "--to", "2026-03-29"), "yesterday"),
    ],
)
def test_what_is_asked_wrongly_is_said(books: str, arguments: tuple[str, ...], words: str) -> None:
    """With the exit code of wrong usage."""
    told = cardpay(books, *arguments)
    assert told.returncode == 2
    assert words in told.stderr


@pytest.mark.one_database
def test_a_database_that_is_not_there_is_said() -> None:
    """Nothing is made in its place."""
    told = cardpay("sqlite:////nowhere/books.db", *DAYS)
    assert (told.returncode, told.stdout) == (1, "")
    assert "not there" in told.stderr
