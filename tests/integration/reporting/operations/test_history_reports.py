"""Operations shows the last reconciliation, its differences, and the last import."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import NotAllowed
from cardpay.domain.history.list_kinds import DifferenceKind, ListKind
from cardpay.reporting.operations.history_reports import DIFFERENCES, HistoryReport, history_report
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import Backfill, BackfillRange, Discrepancy, Reconciliation
from tests.integration.payment_books import START, Books
from tests.support.desks.worlds import ADMIN, AGENT, ANALYST, AUDIT_KEYS

BOOKS_OF: dict[str, Any] = {"stripe_account_id": "acct_1", "livemode": False}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A desk without imports or reconciliations."""
    made = Store(connect(database_url), AUDIT_KEYS)
    yield made
    made.close()


def shown(store: Store, *rows: Any) -> HistoryReport:
    """What Operations shows, once these rows are there."""
    with store.transaction() as session:
        for row in rows:
            session.add(row)
            session.flush()
    return history_report(store, ADMIN)


def reconciliation(number: int, **facts: Any) -> Reconciliation:
    """A comparison of one day, begun `number` hours after the first."""
    given: dict[str, Any] = {
        "id": f"reconciliation-{number}",
        "since_at": START - timedelta(days=1),
        "until_at": START,
        "actor_id": "system",
        "started_at": START + timedelta(hours=number),
        **BOOKS_OF,
    }
    return Reconciliation(**given | facts)


def difference(run: int, minute: int = 0, **facts: Any) -> Discrepancy:
    """Something that was found to differ."""
    given: dict[str, Any] = {
        "reconciliation_id": f"reconciliation-{run}",
        "kind": DifferenceKind.PAYMENT,
        "done": "Corrected",
        "found_at": START + timedelta(minutes=minute),
    }
    return Discrepancy(**given | facts)


def test_a_new_desk(store: Store) -> None:
    """Nothing is made up."""
    nothing = shown(store)
    assert (nothing.reconciliation, nothing.last_import) == (None, None)
    assert nothing.differences.empty


@pytest.mark.parametrize("actor", [AGENT, ANALYST], ids=["agent", "analyst"])
def test_who_may_not_use_operations_sees_nothing(store: Store, actor: Actor) -> None:
    """The right is checked where the data is read."""
    assert not actor.may(Permission.USE_OPERATIONS)
    with pytest.raises(NotAllowed):
        history_report(store, actor)


def test_the_last_reconciliation_counts_its_own_differences(store: Store) -> None:
    """The run before it had more."""
    report = shown(
        store,
        reconciliation(1),
        reconciliation(2, compared=300, reads=7, finished_at=START + timedelta(hours=3)),
        difference(1),
        difference(1),
        difference(2),
    ).reconciliation
    assert report is not None
    assert (report.compared, report.reads, report.differences) == (300, 7, 1)
    assert report.finished_at == START + timedelta(hours=3)


def test_differences_outlive_the_run_that_found_them(store: Store) -> None:
    """Newest first, and never more than a screen can show."""
    listed = shown(
        store,
        reconciliation(1),
        reconciliation(2),
        *(difference(1, minute, stripe_object_id=f"re_{minute}") for minute in range(120)),
    ).differences
    assert len(listed) == DIFFERENCES
    assert list(listed["Order reference"][:2]) == ["re_119", "re_118"]
    assert listed["Found"].iloc[0] == START + timedelta(minutes=119)


def test_a_difference_names_the_order(books: Books) -> None:
    """Its payment is the way to all the rest."""
    listed = shown(
        books.store,
        reconciliation(1),
        difference(1, payment_id="payment-00123", ours="Processing", theirs="Succeeded"),
    ).differences
    assert listed.index[0] == "payment-00123"
    assert list(listed.iloc[0][["Order reference", "Ours", "Stripe's", "What was done"]]) == [
        "SO-00123",
        "Processing",
        "Succeeded",
        "Corrected",
    ]


def test_the_last_import_says_how_far_it_is(store: Store) -> None:
    """Objects imported, and stretches of time finished."""
    begun = Backfill(
        **BOOKS_OF, id="backfill-1", until_at=START, actor_id="admin-1", started_at=START
    )
    stretches = [
        BackfillRange(
            backfill_id="backfill-1",
            kind=ListKind.CHARGES,
            from_at=START + timedelta(days=number),
            to_at=START + timedelta(days=number + 1),
            imported=100,
            finished_at=START if number else None,
        )
        for number in range(3)
    ]
    report = shown(store, begun, *stretches).last_import
    assert report is not None
    assert (report.imported, report.stretches, report.stretches_done) == (300, 3, 2)
    assert (report.since_at, report.finished_at, report.problem) == (None, None, None)
