"""The oldest entries may go, seal by seal, and the rest still checks."""

from datetime import timedelta

import pytest
from sqlmodel import select

from cardpay.services.audit_forgetting import AuditLogBroken, forget_sealed_before
from cardpay.storage.schema.tables import AuditEntry
from tests.integration.services.audit.conftest import Log


def entry_ids(log: Log) -> list[int]:
    """What is left."""
    with log.desk.store.reading() as session:
        return sorted(entry.id or 0 for entry in session.exec(select(AuditEntry)))


def test_whole_seals_go_and_the_rest_checks(log: Log) -> None:
    """Again and again; it is itself in the log, and the heads of what is gone harm nothing."""
    log.seal(3, 2)
    before = log.desk.now()
    log.seal(2, 1)
    assert forget_sealed_before(log.desk, log.keys, before) == 5
    assert entry_ids(log) == [6, 7, 8, 9]
    log.seal()
    found = log.check()
    assert (found.entries, found.forgotten, found.problems) == (4, 5, ())
    assert forget_sealed_before(log.desk, log.keys, before) == 0
    assert forget_sealed_before(log.desk, log.keys, log.desk.now() + timedelta(1)) == 3
    log.seal(1)
    assert log.check().forgotten == 8
    assert log.is_clean


def test_the_newest_seal_stays(log: Log) -> None:
    """The chain never begins anew, and no number is used again."""
    log.seal(3)
    assert forget_sealed_before(log.desk, log.keys, log.desk.now()) == 0
    assert entry_ids(log) == [1, 2, 3]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit_entry SET origin = 'elsewhere' WHERE id = 2", "Entry 2 is not what"),
        ("DELETE FROM audit_entry WHERE id = 2", "Entry 2 was removed."),
        ("DELETE FROM audit_seal WHERE number = 1", "Seal 1 is missing."),
    ],
)
def test_evidence_is_not_forgotten(log: Log, statement: str, problem: str) -> None:
    """What was tampered with stays, whatever its age."""
    log.seal(3, 2, 1)
    log.tamper(statement)
    left = entry_ids(log)
    with pytest.raises(AuditLogBroken, match=problem):
        forget_sealed_before(log.desk, log.keys, log.desk.now())
    assert entry_ids(log) == left


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (["DELETE FROM audit_tombstone"], "Seal 1 is missing: the chain is cut."),
        (
            ["UPDATE audit_tombstone SET entry_count = 1"],
            "The note of what was forgotten was changed.",
        ),
        (
            [
                "INSERT INTO audit_entry SELECT 2, at, actor_id, roles, origin, act,"
                " subject_kind, subject_id, before, after, mac FROM audit_entry WHERE id = 4"
            ],
            "Entry 2 was inserted: it stands in no seal.",
        ),
        (
            ["DELETE FROM audit_seal WHERE number = 2", "DELETE FROM audit_entry WHERE id = 4"],
            "Seal 2 is missing: the chain is cut.",
        ),
    ],
    ids=["tombstone removed", "tombstone changed", "number used again", "more removed"],
)
def test_a_forgotten_part_hides_nothing(log: Log, statements: list[str], problem: str) -> None:
    """Neither behind the tombstone nor without it."""
    log.seal(3)
    before = log.desk.now()
    log.seal(1, 1)
    assert forget_sealed_before(log.desk, log.keys, before) == 3
    log.seal()
    assert log.is_clean
    log.tamper(*statements)
    assert problem in log.check().problems
