"""The list shows every payment once, newest first, and each way to search uses an index."""

import re
from collections.abc import Callable

import pandas as pd
import pytest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.errors import NotAllowed
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.status import PaymentStatus
from cardpay.reporting.paging import Cursor, Page
from cardpay.reporting.payments import payments_list
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payments_list import COLUMNS, Paging, payments_page
from cardpay.storage.personal_data.erase_details import erase
from cardpay.storage.schema.tables import Payment
from tests.integration.payment_books import START, Books
from tests.support.databases.query_plans import plans

ANALYST = Actor("analyst-1", frozenset({Role.ANALYST}), "test")
ALL = PaymentFilter()
# Each database names the index of a unique key in its own way.
INTENT_INDEX = "sqlite_autoindex_payment|uq_payment_stripe_account_id_livemode_stripe_payment"


def ids(page: Page) -> list[str]:
    """The payments of a page, in its order."""
    return list(page.frame.index)


def walked(
    books: Books,
    chosen: PaymentFilter,
    onward: Callable[[Page], Cursor | None],
    cursor: Cursor | None = None,
    rows: int = 7,
) -> list[Page]:
    """All pages in one direction."""
    pages = [payments_page(books.store, ANALYST, chosen, cursor, paging=Paging(rows=rows))]
    while (following := onward(pages[-1])) is not None:
        pages.append(
            payments_page(books.store, ANALYST, chosen, following, paging=Paging(rows=rows))
        )
    return pages


def found(books: Books, search: str, *statuses: DisplayStatus) -> set[str]:
    """Whatever the list gives for a search."""
    chosen = PaymentFilter(frozenset(statuses), search)
    page = payments_page(books.store, ANALYST, chosen, paging=Paging(rows=1_000))
    return set(ids(page))


STATUS_CHOICES = [
    pytest.param(frozenset[DisplayStatus](), id="all"),
    pytest.param(frozenset({DisplayStatus.SUCCEEDED}), id="one status"),
    pytest.param(frozenset({DisplayStatus.DECLINED, DisplayStatus.CHECKING}), id="two statuses"),
]


@pytest.mark.parametrize("statuses", STATUS_CHOICES)
def test_pages_have_no_gaps_and_no_repeats(
    unchanged_books: Books, statuses: frozenset[DisplayStatus]
) -> None:
    """From newest to oldest and back, each payment stands on one page, in order."""
    chosen = PaymentFilter(statuses)
    expected = [
        key
        for key in unchanged_books.newest_first
        if not statuses or unchanged_books.statuses[key] in statuses
    ]
    down = walked(unchanged_books, chosen, lambda page: page.older)
    assert [key for page in down for key in ids(page)] == expected
    up = walked(unchanged_books, chosen, lambda page: page.newer, cursor=down[-1].newer)
    assert [key for page in reversed(up) for key in ids(page)] == expected[: -len(down[-1].frame)]


def test_a_page_says_where_it_ends(unchanged_books: Books) -> None:
    """The first page has nothing newer, the last nothing older, a page between has both."""
    pages = walked(unchanged_books, ALL, lambda page: page.older)
    assert [page.newer is None for page in pages] == [True] + [False] * (len(pages) - 1)
    assert [page.older is None for page in pages] == [False] * (len(pages) - 1) + [True]


def test_a_payment_that_arrives_meanwhile_moves_nothing(books: Books) -> None:
    """The next page follows the last row that was seen, whatever is new at the top."""
    first = payments_page(books.store, ANALYST, paging=Paging(rows=10))
    books.add(999)
    second = payments_page(books.store, ANALYST, ALL, first.older, paging=Paging(rows=10))
    assert ids(second) == list(books.newest_first[10:20])
    assert second.newer is not None


def test_a_page_has_the_columns_of_the_table(books: Books) -> None:
    """Times are aware, amounts readable, the card named by its last four."""
    key = books.add(
        1_000,
        amount_minor=45_500,
        currency="kwd",
        quantity=2,
        card_brand="amex",
        card_last4="0005",
    )
    page = payments_page(books.store, ANALYST)
    assert tuple(page.frame.columns) == COLUMNS
    assert str(page.frame["Time"].dtype) == "datetime64[us, UTC]"
    row = page.frame.loc[key].drop("Time").to_dict()
    assert row == {
        "Status": "Succeeded",
        "Act by": pd.NaT,
        "Amount": "KWD\u00a045.500",
        "Currency": "KWD",
        "Product": "Consultation × 2",
        "Customer": "",
        "Order reference": "SO-01000",
        "Payment method": "American Express •••• 0005",
        "Taken by": "agent-1",
        "PaymentIntent": "pi_01000",
    }


def test_other_methods_and_statuses_in_the_table(books: Books) -> None:
    """A method is named, and found by its last four; a status of tomorrow is Stripe's word."""
    key = books.add(
        1_000,
        payment_method_type="sepa_debit",
        card_last4="3000",
        status="requires_funding",
        display_status=DisplayStatus.UNKNOWN,
    )
    row = payments_page(books.store, ANALYST, PaymentFilter(search="3000")).frame.loc[key]
    assert row["Payment method"] == "SEPA Direct Debit •••• 3000"
    assert row["Status"] == "requires_funding"


def test_no_payments_is_an_empty_page(unchanged_books: Books) -> None:
    """The columns are there, nothing else."""
    page = payments_page(unchanged_books.store, ANALYST, PaymentFilter(search="nothing like it"))
    assert page.frame.empty
    assert tuple(page.frame.columns) == COLUMNS
    assert page.newer is page.older is None


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("search", "numbers"),
    [
        pytest.param("SO-00123", {123}, id="order reference"),
        pytest.param(" so-0012 ", set(range(120, 130)), id="beginning of an order reference"),
        pytest.param("SO - 00123", {123}, id="order reference spelt otherwise"),
        pytest.param("customer 07", set(range(7, 240, 40)), id="name"),
        pytest.param("37", {37, 77, 117, 157, 197, 237}, id="last name"),
        pytest.param("CUSTOMER  0", {n for n in range(240) if n % 40 < 10}, id="part of a name"),
        pytest.param("C07@Example.com", set(range(7, 240, 40)), id="email"),
        pytest.param("c07@", set(range(7, 240, 40)), id="beginning of an email"),
        pytest.param("0007", set(range(7, 240, 50)), id="last four"),
        pytest.param("pi_00123", {123}, id="PaymentIntent"),
        pytest.param("pi_0012", set(), id="part of a PaymentIntent"),
        pytest.param("payment-00123", {123}, id="payment"),
        pytest.param("ustomer", set(), id="middle of a name"),
        pytest.param("%", set(), id="wildcard"),
        pytest.param("so_00123", set(), id="wildcard character"),
    ],
)
@pytest.mark.parametrize("few", [20_000, 0], ids=["few matches", "many matches"])
def test_each_way_to_search(
    unchanged_books: Books,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    search: str,
    numbers: set[int],
) -> None:
    """Both ways to read, by id and newest first, find the same payments."""
    monkeypatch.setattr(payments_list, "FEW", few)
    assert found(unchanged_books, search) == {f"payment-{number:05}" for number in numbers}


@pytest.mark.parametrize("few", [20_000, 0], ids=["few matches", "many matches"])
def test_search_and_status_go_together(
    unchanged_books: Books, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Only payments that fit both are listed."""
    monkeypatch.setattr(payments_list, "FEW", few)
    statuses = (DisplayStatus.SUCCEEDED, DisplayStatus.DECLINED)
    of_customer = found(unchanged_books, "customer 0")
    expected = {key for key in of_customer if unchanged_books.statuses[key] in statuses}
    assert found(unchanged_books, "customer 0", *statuses) == expected


def test_an_erased_customer_leaves_the_payment(books: Books) -> None:
    """Without personal data the payment is listed still, by what is left."""
    key = "payment-00123"
    assert key in found(books, "customer 03")
    with books.store.transaction() as session:
        session.get_one(Payment, key).status = PaymentStatus.SUCCEEDED
        session.flush()
        assert erase(session, [key], START) == [key]
    assert found(books, "SO-00123") == {key}
    assert key not in found(books, "customer 03")


@pytest.mark.parametrize(
    ("chosen", "indexes"),
    [
        pytest.param(ALL, {"ix_payment_created_at_id"}, id="all"),
        pytest.param(
            PaymentFilter(frozenset({DisplayStatus.DECLINED, DisplayStatus.SUCCEEDED})),
            {"ix_payment_display_status"},
            id="statuses",
        ),
        pytest.param(
            PaymentFilter(search="SO-00123"),
            {
                "ix_payment_search_reference",
                "ix_customer_word_word",
                "ix_customer_detail_search_email",
            },
            id="words",
        ),
        pytest.param(PaymentFilter(last4="4242"), {"ix_payment_card_last4"}, id="last four"),
        pytest.param(PaymentFilter(search="pi_00123"), {INTENT_INDEX}, id="PaymentIntent"),
    ],
)
@pytest.mark.parametrize("newer", [None, False, True], ids=["first page", "older", "newer"])
def test_every_read_uses_an_index(
    unchanged_books: Books, chosen: PaymentFilter, indexes: set[str], newer: bool | None
) -> None:
    """No table is read from end to end."""
    row = unchanged_books.newest_first[100]
    cursor = None if newer is None else Cursor(unchanged_books.created_at[row], row, newer)
    with plans(unchanged_books.store) as steps:
        payments_page(unchanged_books.store, ANALYST, chosen, cursor)
    for index in indexes:
        assert re.search(index, "\n".join(steps)), (index, steps)
    whole = re.compile(r"^SCAN (?!.*INDEX).*(payment|customer)|Seq Scan on (payment|customer)")
    assert not [step for step in steps if whole.search(step)], steps


def test_a_card_number_in_the_search_is_refused(unchanged_books: Books) -> None:
    """What is typed there might be logged or kept by the browser."""
    with pytest.raises(CardDataRefused):
        payments_page(unchanged_books.store, ANALYST, PaymentFilter(search="4242 4242 4242 4242"))


def test_who_may_not_browse_sees_nothing(unchanged_books: Books) -> None:
    """The right is checked where the data is read, not on the page alone."""
    with pytest.raises(NotAllowed):
        payments_page(unchanged_books.store, Actor("nobody", frozenset(), "test"))
