"""The list of customers: one row each, with all that is theirs and nobody else's."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from cardpay.domain.business_days import Days, business_day
from cardpay.domain.errors import InvalidInput, NotAllowed, PaymentNotFound
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.personal_data.customer_identity import Customer, customer_key
from cardpay.reporting.customers.customers_list import (
    CustomerFilter,
    customer_of,
    customer_payments,
    customers_page,
)
from cardpay.reporting.exported_lists.exported_filters import filter_of
from cardpay.reporting.exported_lists.list_columns import Asked
from cardpay.reporting.exported_lists.list_registry import LISTS, read_stretch
from cardpay.services.personal_data import erasure
from cardpay.storage.database.engine import Store
from cardpay.storage.personal_data import customer_words
from cardpay.storage.schema.tables import CustomerDetail, Payment
from tests.integration.payment_books import START, Books
from tests.integration.written_past import ANALYST, ZONE
from tests.support.desks.worlds import AGENT

_NAMES = [column.name for column in LISTS[ExportKind.CUSTOMERS].columns]


def _by_key(store: Store) -> dict[str, list[tuple[CustomerDetail, Payment]]]:
    """Every customer's payments, newest first, by what is known of them."""
    found: defaultdict[str, list[tuple[CustomerDetail, Payment]]] = defaultdict(list)
    with store.reading() as session:
        for detail in session.exec(select(CustomerDetail)):
            key = customer_key(detail.name or "", detail.email or "", detail.phone or "")
            assert key is not None
            found[key].append((detail, session.get_one(Payment, detail.payment_id)))
    for rows in found.values():
        rows.sort(key=lambda row: (row[0].created_at, row[0].payment_id), reverse=True)
    return found


def test_each_customer_has_one_row_with_all_their_payments(past: Store) -> None:
    """By the last payment, newest first, over all pages; counts and sums of all payments."""
    wanted = sorted(
        _by_key(past).values(),
        key=lambda rows: (rows[0][0].created_at, rows[0][0].payment_id),
        reverse=True,
    )
    assert any(len(rows) > 3 for rows in wanted)
    page = customers_page(past, ANALYST, ZONE, rows=200)
    listed = list(page.frame.itertuples())
    while page.older is not None:
        page = customers_page(past, ANALYST, ZONE, cursor=page.older, rows=200)
        listed += list(page.frame.itertuples())
    assert [row.Index for row in listed] == [rows[0][0].payment_id for rows in wanted]
    for row, rows in zip(listed, wanted, strict=True):
        assert row.Customer == rows[0][0].name
        assert row.Payments == len(rows)
        kept: defaultdict[str, int] = defaultdict(int)
        for _, payment in rows:
            if payment.amount_received_minor:
                kept[payment.currency] += payment.amount_received_minor
                kept[payment.currency] -= payment.amount_refunded_minor
        sums = {format_money(Money(minor, code)) for code, minor in kept.items()}
        assert set(str(row.Paid).split(" and ")) - {""} == sums


def test_a_file_has_each_customer_once_for_each_currency(past: Store) -> None:
    """In the list's order, over all stretches, with all that they paid; a search narrows it."""
    asked = Asked(ANALYST, filter_of(ExportKind.CUSTOMERS, Days(), ()), ZONE, START, limit=70)
    rows: list[dict[str, Any]] = []
    counted = 0
    while True:
        stretch = read_stretch(past, ExportKind.CUSTOMERS, asked)
        rows += (dict(zip(_NAMES, row, strict=True)) for row in zip(*stretch.columns, strict=True))
        counted += stretch.counted
        if stretch.last is None:
            break
        asked = replace(asked, cursor=stretch.last)
    wanted = {theirs[0][0].payment_id: theirs for theirs in _by_key(past).values()}
    assert counted == len(wanted) > 70
    assert list(dict.fromkeys(row["Payment"] for row in rows)) == sorted(
        wanted, key=lambda one: (wanted[one][0][0].created_at, one), reverse=True
    )
    assert len({(row["Payment"], row["Currency"]) for row in rows}) == len(rows)
    for row in rows:
        paid = [
            payment
            for _, payment in wanted[row["Payment"]]
            if payment.currency.upper() == row["Currency"]
        ]
        assert row["Payments"] == len(paid)
        assert row["Received"] == sum(one.amount_received_minor or 0 for one in paid)
        assert row["Refunded"] == sum(one.amount_refunded_minor or 0 for one in paid)
        assert row["Paid, less refunds"] == row["Received"] - row["Refunded"]
    assert sum(row["Payments"] for row in rows) == sum(map(len, wanted.values()))
    one = replace(asked, cursor=None, chosen=CustomerFilter(search=rows[0]["Customer"]))
    found = read_stretch(past, ExportKind.CUSTOMERS, one)
    assert rows[0]["Payment"] in found.columns[_NAMES.index("Payment")]
    assert found.counted < counted
    with pytest.raises(NotAllowed):
        read_stretch(past, ExportKind.CUSTOMERS, replace(asked, actor=AGENT))
    with pytest.raises(InvalidInput, match="no status"):
        filter_of(ExportKind.CUSTOMERS, Days(), ("paid",))


def test_the_days_are_those_of_the_last_payment(past: Store) -> None:
    """Whoever came back later is not among those who have stayed away since."""
    days = Days(date(2026, 1, 1), date(2026, 1, 31))
    frame = customers_page(past, ANALYST, ZONE, CustomerFilter(days), rows=200).frame
    wanted = {
        rows[0][0].payment_id
        for rows in _by_key(past).values()
        if days.first <= business_day(rows[0][0].created_at, ZONE) <= days.last  # type: ignore[operator]
    }
    assert set(frame.index) == wanted != set()


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_a_customer_is_found_and_their_payments_are_listed(past: Store, number: int) -> None:
    """By the beginning of the name or of the e-mail, or by the phone number as it was spelled."""
    rows = [rows for rows in _by_key(past).values() if rows[0][0].email and rows[0][0].phone]
    detail = rows[number][0][0]
    assert detail.email is not None
    for typed in (detail.name[:-1].upper(), detail.email[:-3], detail.phone):  # type: ignore[index]
        chosen = CustomerFilter(search=f" {typed}")
        assert (
            detail.payment_id in customers_page(past, ANALYST, ZONE, chosen, rows=200).frame.index
        )
    found = customer_payments(past, ANALYST, rows[number][-1][0].payment_id)
    assert list(found.frame.index) == [one.payment_id for one, _ in rows[number]]
    customer = customer_of(past, ANALYST, rows[number][-1][0].payment_id)
    assert (customer.name, customer.email) == (detail.name, detail.email)
    assert customer.payments == len(rows[number])


def test_nobody_is_found_by_what_is_nobodys(past: Store) -> None:
    """Neither a customer nor, by a payment that is not there, anybody's payments."""
    assert customers_page(past, ANALYST, ZONE, CustomerFilter(search="nobody")).frame.empty
    for read in (customer_of, customer_payments):
        with pytest.raises(PaymentNotFound):
            read(past, ANALYST, "none")


def _add(books: Books, number: int, name: str, email: str = "", phone: str = "") -> str:
    payment_id = books.add(number)
    at: datetime = START + timedelta(minutes=number)
    detail: dict[str, Any] = {
        "payment_id": payment_id,
        "name": name,
        "email": email or None,
        "phone": phone or None,
        "search_name": name.casefold(),
        "search_email": email.casefold() or None,
        "customer_key": customer_key(name, email, phone),
        "created_at": at,
    }
    with books.store.transaction() as session:
        row = CustomerDetail(**detail)
        session.add(row)
        session.flush()
        customer_words.store(session, row)
    return payment_id


def test_who_is_one_customer(books: Books) -> None:
    """One e-mail address, however it is written; without one, a name with one phone number."""
    _add(books, 9_001, "Jo Reyes", "jo@example.com")
    _add(books, 9_002, "J. Reyes", "JO@example.com")
    _add(books, 9_003, "Jo Reyes", phone="01632 960001")
    _add(books, 9_004, "jo  reyes", phone="(01632) 960001")
    _add(books, 9_005, "Jo Reyes", phone="01632 960002")
    days = CustomerFilter(Days(first=(START + timedelta(days=6)).date()))
    frame = customers_page(books.store, ANALYST, ZONE, days).frame
    assert list(zip(frame["Customer"], frame["Payments"], strict=True)) == [
        ("Jo Reyes", 1),
        ("jo  reyes", 2),
        ("J. Reyes", 2),
    ]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("few", [5_000, 0], ids=["few matches", "many matches"])
@pytest.mark.parametrize(
    "typed",
    ["Müller", "muller", "zo mul", "MULLER zoë", "zoe@sh", "shop.test", "@shop.te"],
)
def test_a_customer_is_found_as_their_payments_are(
    books: Books, monkeypatch: pytest.MonkeyPatch, typed: str, few: int
) -> None:
    """By any word of the name from its beginning, without accents; by e-mail or its domain."""
    monkeypatch.setattr("cardpay.reporting.customers.customers_list.FEW", few)
    wanted = _add(books, 9_001, "Zoë Müller", "zoe@shop.test")
    _add(books, 9_002, "Jo Reyes", "jo@example.com")
    found = customers_page(books.store, ANALYST, ZONE, CustomerFilter(search=typed)).frame
    assert list(found.index) == [wanted]


@pytest.mark.parametrize("typed", ["üller", "uller", "zoe reyes", "!? !?"])
def test_a_customer_is_not_found_by_less(books: Books, typed: str) -> None:
    """By the middle of a word, or by words of two people."""
    _add(books, 9_001, "Zoë Müller", "zoe@shop.test")
    _add(books, 9_002, "Jo Reyes", "jo@example.com")
    assert customers_page(books.store, ANALYST, ZONE, CustomerFilter(search=typed)).frame.empty


def test_whoever_was_erased_is_no_customer_any_more(books: Books) -> None:
    """Nothing of them is listed, and nothing finds their payments as theirs."""
    first = _add(books, 9_001, "Jo Reyes", "jo@example.com")
    last = _add(books, 9_002, "Jo Reyes", "jo@example.com")
    erasure.erase_customer(books.store, Customer(email="jo@example.com"), lambda: START)
    assert not {first, last} & set(
        customers_page(books.store, ANALYST, ZONE, rows=200).frame.index
    )
    for read in (customer_of, customer_payments):
        with pytest.raises(PaymentNotFound):
            read(books.store, ANALYST, first)


def test_what_begins_many_names_finds_them_too(
    past: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the last payment's own details: among so many matches the newest are found soon."""
    chosen = CustomerFilter(search="a")
    few = customers_page(past, ANALYST, ZONE, chosen, rows=200).frame
    monkeypatch.setattr("cardpay.reporting.customers.customers_list.FEW", 3)
    many = customers_page(past, ANALYST, ZONE, chosen, rows=200).frame
    assert len(few) > 3
    assert list(many.index) == list(few.index)
