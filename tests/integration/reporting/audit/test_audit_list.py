"""The audit log as an administrator reads it: page by page, through filters, and as a file."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import TextIOWrapper
from zoneinfo import ZoneInfo

import pytest

from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.errors import InvalidInput
from cardpay.exports.audit_csv import audit_csv
from cardpay.reporting.audit import audit_list
from cardpay.reporting.audit.audit_filter import AuditFilter
from cardpay.reporting.audit.audit_list import audit_page, choices
from cardpay.reporting.paging import PAGE_ROWS, Cursor
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.session_tables import Person
from cardpay.storage.schema.tables import AuditEntry
from tests.support.databases.query_plans import plans
from tests.support.desks.worlds import ADMIN, AUDIT_KEYS

ZONE = ZoneInfo("America/New_York")
START = datetime(2024, 3, 9, 12, tzinfo=UTC)
ALL = AuditFilter()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A log of 150 entries, 20 minutes apart, three at each moment."""
    made = Store(connect(database_url), AUDIT_KEYS)
    with made.transaction() as session:
        session.add(Person(actor_id="person-1", name="Person One", seen_at=START))
        for number in range(150):
            session.add(_entry(number))
    yield made
    made.close()


def _entry(number: int) -> AuditEntry:
    return AuditEntry(
        id=number + 1,
        at=START + timedelta(minutes=60 * (number // 3)),
        actor_id=f"person-{number % 5}",
        roles="agent,supervisor",
        origin="192.0.2.1",
        act=("payment.create", "payment.refund")[number % 2],
        subject_kind="payment",
        subject_id=f"payment-{number % 50}",
        before={"status": None},
        after={"status": "succeeded", "amount_minor": number, "currency": "gbp"},
    )


def listed(store: Store, chosen: AuditFilter, rows: int = PAGE_ROWS) -> list[int]:
    """All pages, in their order."""
    found: list[int] = []
    cursor: Cursor | None = None
    while True:
        page = audit_page(store, ADMIN, ZONE, chosen, cursor, rows=rows)
        found += list(page.frame.index)
        cursor = page.older
        if cursor is None:
            return found


@pytest.mark.parametrize("rows", [7, 50, 200])
def test_every_entry_stands_once(store: Store, rows: int) -> None:
    """Newest first, without gap or repeat, several at one moment or not."""
    assert listed(store, ALL, rows) == list(range(150, 0, -1))


def test_the_way_back(store: Store) -> None:
    """Newer leads where one came from, also once something has been added."""
    first = audit_page(store, ADMIN, ZONE, ALL)
    second = audit_page(store, ADMIN, ZONE, ALL, first.older)
    with store.transaction() as session:
        session.add(_entry(150))
    back = audit_page(store, ADMIN, ZONE, ALL, second.newer)
    assert list(back.frame.index) == list(first.frame.index)
    assert back.newer is not None
    newest = audit_page(store, ADMIN, ZONE, ALL, back.newer)
    assert list(newest.frame.index) == [151]
    assert newest.newer is None


FILTERS = [
    pytest.param(AuditFilter(actor_id="person-2"), lambda n: n % 5 == 2, id="who"),
    pytest.param(AuditFilter(act="payment.refund"), lambda n: n % 2 == 1, id="act"),
    pytest.param(AuditFilter(subject_id=" payment-7 "), lambda n: n % 50 == 7, id="subject"),
    # The clocks of New York go forward in the night to 10 March: 5:00 and 4:00 are midnight.
    pytest.param(
        AuditFilter(first_day=date(2024, 3, 10)), lambda n: n // 3 >= 17, id="from a day on"
    ),
    pytest.param(AuditFilter(last_day=date(2024, 3, 10)), lambda n: n // 3 < 40, id="to a day"),
    pytest.param(
        AuditFilter(first_day=date(2024, 3, 10), last_day=date(2024, 3, 10)),
        lambda n: 17 <= n // 3 < 40,
        id="the shortest day",
    ),
    pytest.param(
        AuditFilter("person-2", "payment.refund", "payment-7", date(2024, 3, 9)),
        lambda n: n % 50 == 7 and n % 5 == 2,
        id="all at once",
    ),
    pytest.param(AuditFilter(actor_id="nobody"), lambda _n: False, id="nothing"),
]


@pytest.mark.parametrize(("chosen", "is_meant"), FILTERS)
def test_filters(store: Store, chosen: AuditFilter, is_meant: object) -> None:
    """Exactly those that are meant, on screen and in the file."""
    assert callable(is_meant)
    expected = [number + 1 for number in range(149, -1, -1) if is_meant(number)]
    assert listed(store, chosen) == expected
    file, rows = audit_csv(store, ADMIN, ZONE, chosen)
    read = csv.DictReader(TextIOWrapper(file, encoding="utf-8-sig", newline=""))
    assert [int(line["entry"]) for line in read] == expected
    assert rows == len(expected)


@pytest.mark.parametrize(
    ("subject_id", "error"),
    [
        ("4242 4242 4242 4242", CardDataRefused),
        ("4242424242424242", CardDataRefused),
        ("Customer One", InvalidInput),
        ("customer.one@example.com", InvalidInput),
    ],
)
def test_what_is_no_id_is_refused(store: Store, subject_id: str, error: type[Exception]) -> None:
    """On screen and in the file; it is not repeated."""
    for read in (audit_page, audit_csv):
        with pytest.raises(error) as refused:
            read(store, ADMIN, ZONE, AuditFilter(subject_id=subject_id))
        assert subject_id not in str(refused.value)


def test_a_row_in_words(store: Store) -> None:
    """The person by name while it is kept, the change readable."""
    page = audit_page(store, ADMIN, ZONE, AuditFilter(subject_id="payment-1"))
    assert list(page.frame.iloc[-1]) == [
        START,
        "Person One",
        "Refund requested",
        "status: none → succeeded · amount: £0.01",
        "payment payment-1",
        "agent, supervisor",
        "192.0.2.1",
    ]


def test_the_choices(store: Store) -> None:
    """Everybody and everything in the log, by name."""
    offered = choices(store, ADMIN)
    assert offered.people == {
        "person-1": "Person One",
        **{f"person-{number}": f"person-{number}" for number in (0, 2, 3, 4)},
    }
    assert offered.acts == ("payment.create", "payment.refund")


def test_a_spreadsheet_runs_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a browser's address or a name says; and several pages make one file."""
    monkeypatch.setattr(audit_list, "_READ_ROWS", 7)
    with store.transaction() as session:
        session.add(Person(actor_id="person-2", name='=HYPERLINK("x")', seen_at=START))
        entry = _entry(150)
        entry.origin = " +1"
        session.add(entry)
    file, rows = audit_csv(store, ADMIN, ZONE, ALL)
    lines = list(csv.DictReader(TextIOWrapper(file, encoding="utf-8-sig", newline="")))
    assert len(lines) == rows == 151
    assert lines[0]["origin"] == "' +1"
    assert {line["name"] for line in lines if line["actor_id"] == "person-2"} == {
        '\'=HYPERLINK("x")'
    }
    assert lines[-1] == {
        "entry": "1",
        "at": "2024-03-09T12:00:00+00:00",
        "actor_id": "person-0",
        "name": "person-0",
        "roles": "agent,supervisor",
        "origin": "192.0.2.1",
        "act": "payment.create",
        "subject_kind": "payment",
        "subject_id": "payment-0",
        "before": '{"status": null}',
        "after": '{"status": "succeeded", "amount_minor": 0, "currency": "gbp"}',
    }


@pytest.mark.parametrize(
    ("chosen", "index"),
    [
        (ALL, "ix_audit_entry_at"),
        (AuditFilter(actor_id="person-2"), "ix_audit_entry_actor_id"),
        (AuditFilter(act="payment.refund"), "ix_audit_entry_act"),
        (AuditFilter(subject_id="payment-7"), "ix_audit_entry_subject_id"),
    ],
    ids=["all", "who", "act", "subject"],
)
def test_each_filter_walks_an_index(store: Store, chosen: AuditFilter, index: str) -> None:
    """A log of millions is never read through for a page, nor sorted."""
    with plans(store) as steps:
        audit_page(store, ADMIN, ZONE, chosen)
    drawn = "\n".join(steps)
    if store.engine.dialect.name == "sqlite":  # PostgreSQL reads a short table through
        assert index in drawn
        assert "TEMP B-TREE" not in drawn
