"""Whatever the owner of the database does to the log is found, and named."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from cardpay.services.audit import verify_chain
from tests.integration.services.audit.conftest import (
    OTHER_KEY,
    Log,
)

pytestmark = pytest.mark.one_database

COLUMNS = "at, actor_id, roles, origin, act, subject_kind, subject_id, before, after, key_mark"
CHANGED = "Entry {} was changed, moved or inserted, or what stood right before was."
TOGETHER = "Entries {} to {} were changed, moved or inserted, or what stood right before was."
CUT = (
    "The log was cut off: it ends with entry {}, but entry {} was written down. If a backup was "
    "restored, keep the file of heads and this answer, and move the file away before the desk "
    "starts."
)
NOT_LOGGED = "Entry {} is not the one that was written down: the log was cut off and continued."


def _copy(of: int, to: int, mac: str = "mac") -> str:
    return (
        f"INSERT INTO audit_entry (id, {COLUMNS}, mac)"
        f" SELECT {to}, {COLUMNS}, {mac} FROM audit_entry WHERE id = {of}"
    )


def _head(number: int) -> str:
    """The head is set back, so that the end of the log seems to be there."""
    return (
        f"UPDATE audit_head SET number = {number},"
        f" mac = (SELECT mac FROM audit_entry WHERE id = {number})"
    )


TAMPERED = [
    pytest.param(
        ["UPDATE audit_entry SET actor_id = 'agent-2' WHERE id = 2"],
        [CHANGED.format(2)],
        id="changed: who",
    ),
    pytest.param(
        ["""UPDATE audit_entry SET after = '{"status": "canceled"}' WHERE id = 1"""],
        [CHANGED.format(1)],
        id="changed: what, the first one",
    ),
    pytest.param(
        ["UPDATE audit_entry SET at = '2024-02-29 11:00:00' WHERE id = 6"],
        [CHANGED.format(6)],
        id="changed: when, the last one",
    ),
    pytest.param(
        [f"UPDATE audit_entry SET mac = '{'0' * 64}' WHERE id = 3"],
        [TOGETHER.format(3, 4)],
        id="changed: a MAC",
    ),
    pytest.param(
        ["UPDATE audit_entry SET key_mark = 'unknown' WHERE id = 3"],
        [
            "Entry 3 was written with a key that is not given, so it could not be verified.",
        ],
        id="changed: the key's mark",
    ),
    pytest.param(
        ["DELETE FROM audit_entry WHERE id IN (1, 4)"],
        ["Entry 1 was removed.", "Entry 4 was removed."],
        id="removed",
    ),
    pytest.param(
        ["DELETE FROM audit_entry WHERE id IN (2, 3, 4)"],
        ["Entries 2 to 4 were removed."],
        id="removed: several",
    ),
    pytest.param(
        ["DELETE FROM audit_entry WHERE id = 6"],
        ["Entry 6 was removed.", CUT.format(5, 6)],
        id="removed: the last one",
    ),
    pytest.param(
        ["DELETE FROM audit_entry WHERE id = 6", _head(5)],
        [CUT.format(5, 6)],
        id="cut off: the head set back as well",
    ),
    pytest.param(
        ["DELETE FROM audit_entry WHERE id = 6", "DELETE FROM audit_head"],
        [
            "The log's head was changed: it names entry 0, and the log ends with entry 5.",
            CUT.format(5, 6),
        ],
        id="cut off: the head removed",
    ),
    pytest.param(
        ["DELETE FROM audit_entry", "DELETE FROM audit_head"],
        [CUT.format(0, 6)],
        id="cut off: everything",
    ),
    pytest.param(
        [f"UPDATE audit_head SET mac = '{'0' * 64}'"],
        ["The log's head was changed: it names entry 6, and the log ends with entry 6."],
        id="changed: the head",
    ),
    pytest.param(
        [_copy(2, -1), _copy(2, 0), _copy(2, -(2**63))],
        [
            f"Entry {-(2**63)} was inserted: the log begins behind its number.",
            "Entries -1 to 0 were inserted: the log begins behind their numbers.",
        ],
        id="inserted: before the first",
    ),
    pytest.param(
        [
            "UPDATE audit_entry SET id = 40 WHERE id = 6",
            "UPDATE audit_entry SET id = 6 WHERE id = 5",
            "UPDATE audit_entry SET id = 5 WHERE id = 4",
            _copy(3, 4),
            "UPDATE audit_entry SET id = 7 WHERE id = 40",
            _head(7),
        ],
        [TOGETHER.format(4, 7), NOT_LOGGED.format(6)],
        id="inserted: in the middle",
    ),
    pytest.param(
        [_copy(6, 7), _head(7)],
        [CHANGED.format(7)],
        id="inserted: a copy of the last one at the end",
    ),
    pytest.param(
        [_copy(6, 2**63 - 1)],
        [
            f"Entries 7 to {2**63 - 2} were removed.",
            f"The log's head was changed: it names entry 6, and the log ends with entry "
            f"{2**63 - 1}.",
        ],
        id="inserted: with the highest number",
    ),
    pytest.param(
        [
            "UPDATE audit_entry SET id = 40 WHERE id = 3",
            "UPDATE audit_entry SET id = 3 WHERE id = 4",
            "UPDATE audit_entry SET id = 4 WHERE id = 40",
        ],
        [TOGETHER.format(3, 5)],
        id="swapped",
    ),
    pytest.param(
        [
            "DELETE FROM audit_entry WHERE id = 6",
            _copy(5, 6, "'" + "0" * 64 + "'"),
            _head(6),
        ],
        [CHANGED.format(6), NOT_LOGGED.format(6)],
        id="a number used again",
    ),
    pytest.param(
        [
            "INSERT INTO audit_tombstone (number, entry_mac, pruned_at, key_mark, mac) SELECT id,"
            " mac, at, key_mark, mac FROM audit_entry WHERE id = 3",
            "DELETE FROM audit_entry WHERE id <= 3",
        ],
        ["The tombstone of the pruned entries was changed."],
        id="a forged tombstone",
    ),
]


@pytest.mark.parametrize(("statements", "problems"), TAMPERED)
def test_it_is_found_and_named(log: Log, statements: list[str], problems: list[str]) -> None:
    """Every problem, and nothing else."""
    log.act(3, 2, 1)
    assert log.problems() == []
    log.tamper(*statements)
    assert log.problems() == problems


def test_going_on_after_a_cut_hides_nothing(log: Log) -> None:
    """The desk chains what it writes to whatever it finds; the old heads still tell."""
    log.act(3, 2, 1)
    log.tamper("DELETE FROM audit_entry WHERE id >= 5", _head(4))
    restarted = log.restarted()
    restarted.act(3)
    assert log.numbers() == [1, 2, 3, 4, 5, 6, 7]
    assert log.problems() == [NOT_LOGGED.format(6)]


def test_a_removed_entry_that_is_put_back_for_its_successor_is_found(log: Log) -> None:
    """It was genuine once, and the chain went on without it."""
    log.act(1, 1)
    log.tamper(
        "CREATE TABLE kept AS SELECT * FROM audit_entry WHERE id = 2",
        "DELETE FROM audit_entry WHERE id = 2",
        _head(1),
    )
    log.heads.path.unlink()  # as after a restore
    log.restarted().act(1, 1)
    assert log.problems() == []
    log.tamper(
        "DELETE FROM audit_entry WHERE id = 2",
        f"INSERT INTO audit_entry (id, {COLUMNS}, mac) SELECT id, {COLUMNS}, mac FROM kept",
        "DROP TABLE kept",
    )
    assert log.problems() == [CHANGED.format(3)]


def test_an_emptied_log_is_belied_by_what_else_is_stored(log: Log) -> None:
    """Also where the file of heads was removed: a fresh install has no sign-ins."""
    assert log.problems() == []
    log.act(2)
    with log.desk.store.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO sign_in_session (id, actor_id, roles, started_at, seen_at, ends_at,"
            " checked_at, groups, origin, browser) VALUES ('1', 'agent-1', '', '2024-02-29',"
            " '2024-02-29', '2024-02-29', '2024-02-29', '[]', '', '')"
        )
    log.tamper("DELETE FROM audit_entry", "DELETE FROM audit_head")
    log.heads.path.unlink()
    assert log.problems() == [
        "The log is empty, although the desk was used: all entries were removed."
    ]


def test_a_wrong_key_is_said_to_be_one(log: Log) -> None:
    """Without a list of every entry."""
    log.act(3, 2, 1)
    assert log.verify([OTHER_KEY]).problems == (
        "Entries 1 to 6 were written with a key that is not given, so they could not be verified.",
    )


def test_a_key_can_be_replaced(log: Log) -> None:
    """The new one writes, the old one verifies what it wrote, and writes no more."""
    log.act(2)
    replaced = log.with_keys(OTHER_KEY, *log.keys)
    replaced.act(2)
    assert replaced.problems() == []
    log.act(1)
    assert replaced.problems() == ["Entry 5 was written with a key that had been replaced before."]


@pytest.mark.both_databases
@pytest.mark.parametrize("column", ["after", "at"])
def test_what_cannot_be_read_is_told(log: Log, column: str) -> None:
    """SQLite keeps any text in any column; PostgreSQL does not let it in."""
    if log.desk.store.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError):
            log.tamper(f"UPDATE audit_entry SET {column} = 'nothing' WHERE id = 4")
        return
    log.act(6)
    log.tamper(f"UPDATE audit_entry SET {column} = 'nothing' WHERE id = 4")
    assert log.problems() == [
        "The log could not be read to its end: an entry was changed into what the desk never "
        "writes."
    ]


def test_a_log_taken_apart_ends_its_list(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody would read is counted."""
    monkeypatch.setattr(verify_chain, "MOST_PROBLEMS", 3)
    log.act(9)
    log.tamper("UPDATE audit_entry SET origin = 'elsewhere' WHERE id IN (1, 3, 5, 7, 9)")
    found = log.verify(after=timedelta())
    assert (len(found.problems), found.more_problems) == (3, 2)


def test_a_long_log_is_read_page_by_page(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries and heads alike."""
    monkeypatch.setattr(verify_chain, "_ENTRIES_A_PAGE", 2)
    monkeypatch.setattr(verify_chain, "_HEADS_A_PAGE", 2)
    for _ in range(5):
        log.act(1)
    found = log.verify()
    assert (found.entries, found.problems) == (5, ())
    log.tamper("UPDATE audit_entry SET origin = 'elsewhere' WHERE id = 5")
    assert log.problems() == [CHANGED.format(5)]
