"""Payments as CSV: every one that a filter finds, exact, and harmless to a spreadsheet."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission, Role
from cardpay.domain.access.sign_in import EndReason, SignedOut
from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.money import Money
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.typed_amounts import parse_major
from cardpay.exports import payments_csv
from cardpay.exports.payments_csv import headings, write_payments
from cardpay.reporting.payments import export_rows
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.storage.schema.tables import CustomerDetail, Payment
from tests.integration.payment_books import COUNT, START, Books
from tests.integration.payment_rows import (
    KEY,
    attempt,
    balance_transaction,
    dispute,
    refund,
)
from tests.support.desks.worlds import ANALYST

ALL = PaymentFilter()
NOW = START + timedelta(days=30)


def exported(
    books: Books, chosen: PaymentFilter = ALL, *, zone: str = "UTC", actor: Actor = ANALYST
) -> list[dict[str, str]]:
    """What a reader of the file sees, a dict a payment."""
    out = io.BytesIO()
    rows = write_payments(books.store, actor, chosen, out, zone=zone, now=NOW)
    text = out.getvalue()
    assert text.startswith("\ufeff".encode())
    assert text.endswith(b"\r\n")
    read = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert len(read) == rows
    return read


@pytest.mark.parametrize("stretch", [1, 7, COUNT, 1_000])
def test_every_payment_once_newest_first(
    books: Books, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    """However they are cut, and though several share a moment."""
    monkeypatch.setattr(export_rows, "STRETCH", stretch)
    monkeypatch.setattr(payments_csv, "REST", 0)
    assert [row["Payment"] for row in exported(books)] == list(books.newest_first)


def test_the_filter_counts_and_not_the_page(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statuses and search together, over all stretches."""
    monkeypatch.setattr(export_rows, "STRETCH", 5)
    wanted = frozenset({DisplayStatus.SUCCEEDED, DisplayStatus.DECLINED})
    found = exported(books, PaymentFilter(wanted, "SO-000"))
    expected = {
        payment_id
        for payment_id, status in books.statuses.items()
        if status in wanted and payment_id.startswith("payment-000")
    }
    assert {row["Payment"] for row in found} == expected
    assert {row["Status"] for row in found} == set(wanted)
    assert exported(books, PaymentFilter(search="nothing like it")) == []


def test_a_payment_with_all_that_can_be_known(books: Books) -> None:
    """Charge, refund and dispute together make its fee and net, in the balance's currency."""
    with books.store.transaction() as session:
        payment = session.get_one(Payment, KEY)
        payment.amount_received_minor = 1_200
        payment.amount_refunded_minor = 500
        session.add(payment)
        session.add(attempt(AttemptOutcome.SUCCEEDED, stripe_charge_id="ch_1"))
        session.add(refund(stripe_refund_id="re_1", status="succeeded"))
        session.add(dispute("lost"))
        session.add(balance_transaction("ch_1", 1_200, 37, "gbp"))
        session.add(balance_transaction("re_1", -500, 0, "gbp"))
        session.add(balance_transaction("dp_1", -1_200, 2_000, "gbp"))
        session.flush()
    (row,) = [row for row in exported(books, zone="Asia/Tokyo") if row["Payment"] == KEY]
    created_at = books.created_at[KEY]
    local_at = created_at + timedelta(hours=9)
    assert row == {
        "Created, business time (Asia/Tokyo)": f"{local_at:%Y-%m-%d %H:%M:%S}",
        "Created (UTC)": f"{created_at:%Y-%m-%dT%H:%M:%SZ}",
        "Payment": KEY,
        "PaymentIntent": "pi_00123",
        "Status": books.statuses[KEY],
        "Amount": "12.00",
        "Amount in minor unit": "1200",
        "Currency": "GBP",
        "Received": "12.00",
        "Refunded": "5.00",
        "Fee": "20.37",
        "Net": "-25.37",
        "Settlement currency": "GBP",
        "Order reference": "SO-00123",
        "Product": "Consultation",
        "Quantity": "1",
        "Payment method": "Card",
        "Card brand": "visa",
        "Last four": "0023",
        "Taken by": "agent-1",
        "Customer name": "Customer 03",
        "Customer email": "c03@example.com",
    }
    assert tuple(row) == headings("Asia/Tokyo")


def test_another_method_than_a_card(books: Books) -> None:
    """It is named, and a status of tomorrow is Stripe's word."""
    key = books.add(
        1_000,
        payment_method_type="sepa_debit",
        card_last4="3000",
        status="requires_funding",
        display_status=DisplayStatus.UNKNOWN,
    )
    (row,) = [row for row in exported(books) if row["Payment"] == key]
    assert (row["Payment method"], row["Card brand"], row["Last four"], row["Status"]) == (
        "SEPA Direct Debit",
        "",
        "3000",
        "requires_funding",
    )


def test_two_settlement_currencies(books: Books) -> None:
    """Each has its part, in the same order."""
    with books.store.transaction() as session:
        session.add(attempt(AttemptOutcome.SUCCEEDED, stripe_charge_id="ch_1"))
        session.add(refund(stripe_refund_id="re_1", status="succeeded"))
        session.add(balance_transaction("ch_1", 1_200, 37, "gbp"))
        session.add(balance_transaction("re_1", -80_000, 0, "jpy"))
    (row,) = [row for row in exported(books) if row["Payment"] == KEY]
    assert (row["Fee"], row["Net"], row["Settlement currency"]) == (
        "0.37;0",
        "11.63;-80000",
        "GBP;JPY",
    )


@pytest.mark.parametrize(
    ("currency", "amount_minor", "shown"),
    [("jpy", 18_000, "18000"), ("kwd", 45_500, "45.500"), ("isk", 500, "5"), ("usd", 1, "0.01")],
)
def test_amounts_are_exact(books: Books, currency: str, amount_minor: int, shown: str) -> None:
    """In the decimals that Stripe has for the currency, and they read back as they were."""
    books.add(900, currency=currency, amount_minor=amount_minor)
    row = exported(books)[0]
    assert (row["Amount"], row["Amount in minor unit"]) == (shown, str(amount_minor))
    assert parse_major(row["Amount"], row["Currency"]) == Money(amount_minor, currency)


@pytest.mark.parametrize(
    ("at", "local"),
    [
        (datetime(2024, 3, 31, 0, 59, 59, tzinfo=UTC), "2024-03-31 00:59:59"),
        (datetime(2024, 3, 31, 1, tzinfo=UTC), "2024-03-31 02:00:00"),
        (datetime(2024, 2, 29, 23, 30, tzinfo=UTC), "2024-02-29 23:30:00"),
    ],
)
def test_the_business_zone_has_its_summer(books: Books, at: datetime, local: str) -> None:
    """The offset is that of the payment's own day."""
    added = books.add(900, created_at=at)
    rows = {row["Payment"]: row for row in exported(books, zone="Europe/London")}
    assert rows[added]["Created, business time (Europe/London)"] == local


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+441", "'+441"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("Part;=1", "Part;'=1"),
        ('say "=1", twice', 'say "=1", twice'),
        ("a,b\nc", "a,b\nc"),
        ("Ann-Marie", "Ann-Marie"),
        ("Zoë 山田 🙂", "Zoë 山田 🙂"),
    ],
)
def test_no_text_is_a_formula(books: Books, text: str, shown: str) -> None:
    """Wherever somebody typed it; what is harmless comes through as it is."""
    added = books.add(900, order_reference=text, product_name=text, taken_by=text)
    with books.store.transaction() as session:
        session.add(CustomerDetail(payment_id=added, name=text, email=text, created_at=START))
    row = exported(books)[0]
    fields = ("Order reference", "Product", "Taken by", "Customer name", "Customer email")
    assert [row[field] for field in fields] == [shown] * 5


def test_a_card_number_is_no_search() -> None:
    """Refused before the database is asked."""
    with pytest.raises(CardDataRefused):
        write_payments(
            None,  # type: ignore[arg-type]  # it is not reached
            ANALYST,
            PaymentFilter(search="4242 4242 4242 4242"),
            io.BytesIO(),
            zone="UTC",
        )


class _EndsSoon:
    """A session that somebody signs out of in another tab."""

    def __init__(self, acts: int) -> None:
        self._left = acts

    def check(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise SignedOut(EndReason.SIGNED_OUT)

    def refused(self, permission: Permission) -> None:
        raise AssertionError(permission)


def test_it_ends_with_the_session(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at the end of a long export, but at the next stretch."""
    monkeypatch.setattr(export_rows, "STRETCH", 10)
    actor = Actor("analyst-1", frozenset({Role.ANALYST}), "test", _EndsSoon(3))
    out = io.BytesIO()
    with pytest.raises(SignedOut):
        write_payments(books.store, actor, ALL, out, zone="UTC", now=NOW)
    assert out.getvalue().count(b"\r\n") == 1 + 3 * 10
