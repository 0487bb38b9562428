"""The oldest entries may go, and the rest still verifies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cardpay.domain.personal_data.retention_rules import Retention, RetentionKind
from cardpay.services.audit import prune_entries
from cardpay.services.audit.prune_entries import AuditLogBroken, prune_batch
from cardpay.services.personal_data.remove_expired import remove_expired
from tests.integration.services.audit.conftest import OTHER_KEY, Log
from tests.integration.services.audit.test_tampering import CHANGED, COLUMNS

pytestmark = pytest.mark.one_database

DAY = timedelta(days=1)


def test_the_oldest_go_and_the_rest_verifies(log: Log) -> None:
    """Again and again; it is itself in the log, and the heads of what is gone harm nothing."""
    log.act(3, 2)
    before = log.desk.now()
    log.act(2)
    assert prune_batch(log.desk, before) == 5
    assert log.numbers() == [6, 7, 8]
    log.write_head()
    found = log.verify()
    assert (found.entries, found.pruned, found.problems) == (3, 5, ())
    assert prune_batch(log.desk, before) == 0
    assert prune_batch(log.desk, log.desk.now() + DAY) == 3
    assert log.numbers() == [9]
    log.act(1)
    assert log.verify().pruned == 8
    assert log.problems() == []


def test_retention_prunes_by_the_setting(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches, beside the other kinds; without the setting for ever."""
    monkeypatch.setattr(prune_entries, "BATCH", 2)
    log.act(3, 2)
    young = log.desk.now()
    log.act(1)
    later = replace(log.desk, now=lambda: young + 30 * DAY)
    assert remove_expired(later, Retention(None, None, None, None)) == {}
    assert remove_expired(later, Retention(None, None, None, None, audit=30 * DAY)) == {
        RetentionKind.AUDIT: 5
    }
    assert log.numbers()[0] == 6
    log.write_head()
    assert log.problems() == []


def test_a_key_that_was_replaced_prunes_on(log: Log) -> None:
    """The old one vouches for its entries and tombstones."""
    log.act(2)
    assert prune_batch(log.desk, log.desk.now()) == 2
    replaced = log.with_keys(OTHER_KEY, *log.keys)
    replaced.act(1)
    assert prune_batch(replaced.desk, replaced.desk.now()) == 2
    replaced.write_head()
    assert replaced.problems() == []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE audit_entry SET origin = 'elsewhere' WHERE id = 2",
            r"Entry 2 was changed, moved or inserted",
        ),
        ("DELETE FROM audit_entry WHERE id = 2", r"Entry 2 was removed\."),
        ("DELETE FROM audit_entry WHERE id <= 2", r"Entries 1 to 2 were removed\."),
        (
            "INSERT INTO audit_tombstone (number, entry_mac, pruned_at, key_mark, mac)"
            " SELECT 1, mac, at, key_mark, mac FROM audit_entry WHERE id = 1",
            r"The tombstone of the pruned entries was changed\.",
        ),
    ],
    ids=["changed", "removed", "the first removed", "a forged tombstone"],
)
def test_evidence_is_not_pruned(log: Log, statement: str, problem: str) -> None:
    """What was tampered with stays, whatever its age."""
    log.act(3, 2, 1)
    log.tamper(statement)
    left = log.numbers()
    with pytest.raises(AuditLogBroken, match=problem):
        prune_batch(log.desk, log.desk.now())
    assert log.numbers() == left


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (["DELETE FROM audit_tombstone"], "Entries 1 to 3 were removed."),
        (
            ["UPDATE audit_tombstone SET number = 4"],
            "The tombstone of the pruned entries was changed.",
        ),
        (
            [
                f"INSERT INTO audit_entry (id, {COLUMNS}, mac)"
                f" SELECT 2, {COLUMNS}, mac FROM audit_entry WHERE id = 4"
            ],
            "Entry 2 was inserted: the log begins behind its number.",
        ),
        (["DELETE FROM audit_entry WHERE id = 4"], "Entry 4 was removed."),
        (["UPDATE audit_entry SET origin = 'elsewhere' WHERE id = 4"], CHANGED.format(4)),
    ],
    ids=["tombstone removed", "tombstone changed", "number used again", "removed", "changed"],
)
def test_a_pruned_part_hides_nothing(log: Log, statements: list[str], problem: str) -> None:
    """Neither behind the tombstone nor without it."""
    log.act(3)
    before = log.desk.now()
    log.act(1, 1)
    assert prune_batch(log.desk, before) == 3
    log.write_head()
    assert log.problems() == []
    log.tamper(*statements)
    assert log.problems()[0] == problem
