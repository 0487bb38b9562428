"""Whatever the owner of the database does to the sealed log is found, and named."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import DBAPIError

from cardpay.services import audit_check
from cardpay.services.audit_check import check_audit
from tests.integration.services.audit.conftest import (
    BATCHES,
    INSERT,
    NOT_WHAT_WAS_SEALED,
    OTHER_KEY,
    Log,
)

_GAP = (
    # As if the transaction that drew the number 4 had been rolled back.
    "DELETE FROM audit_entry WHERE id = 4"
)

TAMPERED = [
    pytest.param(
        ["UPDATE audit_entry SET actor_id = 'agent-2' WHERE id = 2"],
        [NOT_WHAT_WAS_SEALED.format(2)],
        id="changed: who",
    ),
    pytest.param(
        ["""UPDATE audit_entry SET after = '{"status": "canceled"}' WHERE id = 2"""],
        [NOT_WHAT_WAS_SEALED.format(2)],
        id="changed: what",
    ),
    pytest.param(
        ["UPDATE audit_entry SET at = '2024-02-29 11:00:00' WHERE id = 6"],
        [NOT_WHAT_WAS_SEALED.format(6)],
        id="changed: when, the last one",
    ),
    pytest.param(
        ["DELETE FROM audit_entry WHERE id IN (1, 5)"],
        ["Entry 1 was removed.", "Entry 5 was removed."],
        id="removed",
    ),
    pytest.param(
        ["DELETE FROM audit_entry WHERE id = 6"],
        ["Entry 6 was removed."],
        id="removed: the last one",
    ),
    pytest.param(
        ["DELETE FROM audit_entry WHERE id = 6", "DELETE FROM audit_seal WHERE number = 3"],
        [
            "The chain is cut: it ends at seal 2, but seal 3 was logged. Entries up to 6 were "
            "removed, or their seals were."
        ],
        id="removed: the last one with its seal",
    ),
    pytest.param(
        ["DELETE FROM audit_entry", "DELETE FROM audit_seal"],
        [
            "The chain is cut: it ends at seal 0, but seal 3 was logged. Entries up to 6 were "
            "removed, or their seals were."
        ],
        id="removed: everything",
    ),
    pytest.param(
        [INSERT.format(-1), INSERT.format(0), INSERT.format(-(2**63))],
        [
            f"Entry {-(2**63)} was inserted: it stands in no seal.",
            "Entry -1 was inserted: it stands in no seal.",
            "Entry 0 was inserted: it stands in no seal.",
        ],
        id="inserted: before the first",
    ),
    pytest.param(
        [
            "UPDATE audit_entry SET id = 40 WHERE id = 4",
            "UPDATE audit_entry SET id = 4 WHERE id = 5",
        ],
        [NOT_WHAT_WAS_SEALED.format(4), "Entry 5 was removed."],
        id="moved",
    ),
    pytest.param(
        ["DELETE FROM audit_entry WHERE id = 6", INSERT.format(6)],
        [NOT_WHAT_WAS_SEALED.format(6)],
        id="a number used again",
    ),
    pytest.param(
        ["DELETE FROM audit_seal WHERE number = 2"],
        [
            "Seal 2 is missing: the chain is cut.",
            "Entry 4 stands in no seal: it was inserted, or its seal was removed.",
            "Entry 5 stands in no seal: it was inserted, or its seal was removed.",
            "Seal 2 is not the one that was logged, which went up to entry 5: the chain was cut "
            "and made anew.",
        ],
        id="a seal removed",
    ),
    pytest.param(
        [
            "DELETE FROM audit_seal WHERE number = 2",
            "DELETE FROM audit_entry WHERE id IN (4, 5)",
            "UPDATE audit_seal SET number = 2 WHERE number = 3",
        ],
        [
            "Seal 2 does not follow the one before it: the chain is cut.",
            "Seal 2 was changed.",
            "Seal 2 is not the one that was logged, which went up to entry 5: the chain was cut "
            "and made anew.",
            "The chain is cut: it ends at seal 2, but seal 3 was logged. Entries up to 6 were "
            "removed, or their seals were.",
        ],
        id="a seal removed, and the others moved up",
    ),
    pytest.param(
        ["UPDATE audit_seal SET settled_id = 0 WHERE number = 3"],
        ["Seal 3 was changed."],
        id="a seal changed",
    ),
    pytest.param(
        [
            "INSERT INTO audit_tombstone (number, seal_mac, entry_count, last_entry_id, "
            "settled_id, forgotten_at, key_mark, mac) SELECT number, mac, 3, 3, 3, sealed_at, "
            "key_mark, mac FROM audit_seal WHERE number = 1",
            "DELETE FROM audit_seal WHERE number = 1",
            "DELETE FROM audit_entry WHERE id <= 3",
        ],
        ["The note of what was forgotten was changed."],
        id="a forged tombstone",
    ),
]


@pytest.mark.parametrize(("statements", "problems"), TAMPERED)
def test_it_is_found_and_named(log: Log, statements: list[str], problems: list[str]) -> None:
    """Every problem, and nothing else."""
    log.seal(*BATCHES)
    assert log.is_clean
    log.tamper(*statements)
    assert list(log.check().problems) == problems


@pytest.mark.parametrize(("statements", "problems"), TAMPERED)
def test_the_sealer_hides_nothing(log: Log, statements: list[str], problems: list[str]) -> None:
    """It goes on over a log that was tampered with, in the same process and in a new one."""
    log.seal(*BATCHES)
    log.tamper(*statements)
    log.seal()
    log.act(2)
    log.another_sealer().seal()
    later = log.check().problems
    if any(problem.startswith("The chain is cut") for problem in problems):
        # Other seals with the same numbers stand there now.
        assert any("is not the one that was logged" in problem for problem in later)
    else:  # on SQLite another entry may have taken a removed one's number
        named = {problem.split(" ")[1] for problem in problems if problem.startswith("Entry")}
        assert named == {problem.split(" ")[1] for problem in later if "Entry" in problem}
        assert len(later) == len(problems)


def test_an_entry_in_a_gap_is_found(log: Log) -> None:
    """A number that a rolled-back transaction left free is not free for others."""
    log.act(5)
    log.tamper(_GAP)
    log.seal(1)
    assert log.is_clean
    with log.desk.store.engine.begin() as connection:
        connection.exec_driver_sql(INSERT.format(4))
    log.seal(1)
    assert log.check().problems == ("Entry 4 was inserted: it stands in no seal.",)


def test_a_wrong_key_is_said_to_be_one(log: Log) -> None:
    """Without a list of every entry."""
    log.seal(*BATCHES)
    found = check_audit(log.desk.store, [OTHER_KEY], log.heads.logged())
    assert found.problems == (
        "Seals 1 to 3 are made with another key than the one given: the entries there could "
        "not be checked.",
    )


def test_nothing_is_sealed_with_a_wrong_key(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """A process with other settings than the rest says so, and leaves the chain alone."""
    log.seal(2)
    log.act()
    replace(log, keys=(OTHER_KEY,)).seal()
    assert "CARDPAY_AUDIT_KEY does not name" in caplog.text
    assert len(log.seals()) == 1
    log.seal()
    assert log.is_clean


def test_a_key_can_be_replaced(log: Log) -> None:
    """The new one seals, the old one checks what it sealed, and seals no more."""
    log.seal(2)
    old_keys = log.keys
    log = replace(log, keys=(OTHER_KEY, *old_keys))
    log.seal(2)
    assert log.is_clean
    stolen = replace(log, keys=(*old_keys, OTHER_KEY))
    stolen.seal(1)
    assert log.check().problems == ("Seal 3 was made with a key that was replaced before.",)


@pytest.mark.parametrize("column", ["after", "at"])
def test_what_cannot_be_read_is_told(log: Log, column: str) -> None:
    """SQLite keeps any text in any column; PostgreSQL does not let it in."""
    if log.desk.store.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError):
            log.tamper(f"UPDATE audit_entry SET {column} = 'nothing' WHERE id = 4")
        return
    log.seal(*BATCHES)
    log.tamper(
        "UPDATE audit_entry SET actor_id = 'agent-2' WHERE id = 2",
        f"UPDATE audit_entry SET {column} = 'nothing' WHERE id = 4",
    )
    assert log.check().problems == (
        NOT_WHAT_WAS_SEALED.format(2),
        "The log could not be read to its end: what stands in an entry or a seal after seal 1 "
        "was changed into what the desk never writes.",
    )


def test_a_log_taken_apart_ends_its_list(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody would read is counted."""
    monkeypatch.setattr(audit_check, "MOST_PROBLEMS", 3)
    log.seal(5)
    log.tamper("UPDATE audit_entry SET origin = 'elsewhere'")
    found = log.check()
    assert (len(found.problems), found.more_problems) == (3, 2)
