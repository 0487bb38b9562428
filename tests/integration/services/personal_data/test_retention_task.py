"""The daily job: short batches, one process, and nothing that goes wrong stops the rest."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event

from cardpay.bootstrap import _periodic_tasks
from cardpay.domain.personal_data.retention_rules import Retention, RetentionKind
from cardpay.services.personal_data import remove_expired as removal
from cardpay.services.personal_data.remove_expired import remove_expired
from cardpay.settings import load
from cardpay.storage.database.lease import acquire_lease
from cardpay.storage.personal_data import expired_rows as rows
from tests.integration.services.personal_data.customer import paid
from tests.integration.services.personal_data.days_of_data import (
    DAYS,
    RULES,
    a_day,
    entries,
    remaining,
)
from tests.support.desks.worlds import World


def test_batches_are_short_and_none_is_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much there is, no transaction touches more than a batch."""
    monkeypatch.setattr(rows, "BATCH", 3)
    for number in range(8):
        a_day(world, number)
    touched: list[int] = []

    def note(_c: object, cursor: object, statement: str, *_rest: object) -> None:
        if "customer_word" in statement:
            return  # some words go with each payment
        if statement.startswith(("UPDATE customer", "UPDATE stripe_event", "DELETE")):
            touched.append(cursor.rowcount)  # type: ignore[attr-defined]

    event.listen(world.desk.store.engine, "after_cursor_execute", note)
    world.clock.advance(days=41)
    removed = remove_expired(world.desk, RULES)
    assert removed[RetentionKind.CUSTOMERS] == 8
    assert max(touched) == 3
    left = remaining(world)
    assert (left["details"], left["contents"], left["sign-ins"]) == (0, 0, 0)
    assert len(entries(world)) == 1


def test_one_process_at_a_time(world: World) -> None:
    """The others leave it alone, and do not wait."""
    a_day(world, 1)
    world.clock.advance(days=41)
    with acquire_lease(world.desk.store.engine, "retention", world.desk.now):
        assert remove_expired(world.desk, RULES) == {}
    assert remove_expired(world.desk, RULES)


def test_a_stop_comes_between_two_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done is told, and the next run goes on."""
    monkeypatch.setattr(rows, "BATCH", 1)
    for number in range(3):
        paid(world, f"SO-{number}")
    world.clock.advance(days=41)
    goes = iter([True, True])
    assert remove_expired(world.desk, RULES, lambda: next(goes, False)) == {
        RetentionKind.CUSTOMERS: 2
    }
    assert entries(world) == [{"customers": 2}]
    assert remove_expired(world.desk, RULES) == {RetentionKind.CUSTOMERS: 1}


def test_a_kind_that_fails_does_not_keep_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged by its type, without what it was about."""

    def breaks(*_given: object) -> int:
        raise ZeroDivisionError("zq@example.com")

    monkeypatch.setitem(rows._REMOVERS, RetentionKind.CUSTOMERS, breaks)
    a_day(world, 1)
    world.clock.advance(days=41)
    assert RetentionKind.EVENTS in remove_expired(world.desk, RULES)
    assert "retention of CUSTOMERS failed: ZeroDivisionError" in caplog.text
    assert "zq@" not in caplog.text


def test_it_runs_in_every_process(world: World) -> None:
    """Beside recovery and reconciliation, by the settings."""
    chosen = load(_env_file=None, CARDPAY_KEEP_CUSTOMER_DAYS="40")
    seen: list[Retention] = []
    patched: Callable[..., object] = lambda _desk, rule, _go_on: seen.append(rule)  # noqa: E731
    original, removal.remove_expired = removal.remove_expired, patched  # type: ignore[assignment]
    try:
        (job,) = [one for one in _periodic_tasks(chosen, world.desk) if one._name == "retention"]
        job._work(lambda: True)
    finally:
        removal.remove_expired = original
    assert seen == [replace(chosen.retention, customers=40 * DAYS)]
