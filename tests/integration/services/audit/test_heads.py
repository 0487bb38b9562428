"""The head is written down outside the database, and a file that does not tell it is found."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from cardpay.services.audit.write_heads import head_writer
from cardpay.storage.audit.heads_file import HeadsFile
from tests.integration.services.audit.conftest import Log, note

pytestmark = pytest.mark.one_database

LATER = timedelta(minutes=2)
CUT_LINE = "Line 2 of the file of heads is damaged"


def written(log: Log) -> str:
    """What is in the file."""
    return log.heads.path.read_text()


def test_a_new_head_is_logged_and_written_down(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """One line a pass, for this machine's user alone."""
    caplog.set_level("INFO", "cardpay.audit")
    log.writer.write()
    assert not log.heads.path.exists()  # there is no head yet
    log.act(3)
    log.act(1, 1)
    log.writer.write()
    assert log.logged() == [3, 5]
    one, two = (line.split(" ", 1)[1] for line in written(log).splitlines())
    assert caplog.messages[:2] == [one, two]
    assert log.heads.path.stat().st_mode & 0o777 == 0o600


def test_a_quiet_pass_writes_nothing(log: Log) -> None:
    """However often, and in whichever process."""
    log.act(2)
    before = written(log)
    for _ in range(3):
        log.writer.write()
        log.another_writer().write()
    assert written(log) == before


def test_it_is_written_by_the_process_itself(log: Log) -> None:
    """Its periodic task makes the first pass at once."""
    with log.desk.store.transaction() as session:
        note(session, log.desk)
    head_writer(log.desk, log.heads)._work(lambda: True)
    assert log.logged() == [1]


def test_each_replica_writes_down_what_any_has_committed(log: Log, tmp_path: Path) -> None:
    """Whether they share a file or each has its own."""
    other = log.restarted()
    other.heads = HeadsFile(tmp_path / "other.log")
    for one, two in ((log, other), (other, log)):
        one.act(1)
        two.write_head()
    assert log.logged() == other.logged() == [1, 2]
    assert log.problems() == other.problems() == []


def test_a_kill_between_commit_and_writing_is_made_up_for(log: Log) -> None:
    """By the next start. Until then the file lags, which is found after a minute."""
    log.act(1)
    with log.desk.store.transaction() as session:
        note(session, log.desk)
    assert log.problems() == []
    (problem,) = log.problems(after=LATER)
    assert problem.startswith("The file of heads ends at entry 1, although the log goes on since")
    assert "start it, which writes the head" in problem
    log.another_writer().write()
    assert log.problems(after=LATER) == []


@pytest.mark.parametrize("left", [None, "", "\n"], ids=["missing", "empty", "a blank line"])
def test_a_file_without_heads_is_found(log: Log, left: str | None) -> None:
    """With the end cut off or not: without heads nobody could tell."""
    assert log.problems(after=LATER) == []  # a fresh install
    log.act(3, 1)
    log.tamper(
        "DELETE FROM audit_entry WHERE id = 4",
        "UPDATE audit_head SET number = 3, mac = (SELECT mac FROM audit_entry WHERE id = 3)",
    )
    log.heads.path.unlink()
    if left is not None:
        log.heads.path.write_text(left)
    found = log.problems(after=LATER)
    assert found[-1].startswith("The file of heads is missing or empty, although the log goes on")
    assert len(found) == 1 + (left == "\n")


def test_a_file_whose_end_was_cut_off_is_found(log: Log) -> None:
    """Unless the log was cut off at the same place: so keep it elsewhere as well."""
    for _ in range(3):
        log.act(1)
    lines = written(log).splitlines(keepends=True)
    log.heads.path.write_text("".join(lines[:2]))
    (problem,) = log.problems(after=LATER)
    assert problem.startswith("The file of heads ends at entry 2")


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line[:60],
        lambda line: line.replace("entry=", "entry=-"),
        lambda line: line.replace("mac=", "mac=zz"),
        lambda _line: "rubbish\n",
    ],
    ids=["cut", "a number", "a MAC", "rubbish"],
)
def test_a_damaged_line_is_found(log: Log, damage: "object") -> None:
    """A full disk leaves one too; the head on the next line is found all the same."""
    assert callable(damage)
    for _ in range(3):
        log.act(1)
    one, two, three = written(log).splitlines(keepends=True)
    log.heads.path.write_text(one + damage(two) + three)
    (problem,) = log.problems(after=LATER)
    assert problem.startswith(CUT_LINE)
    assert "move the file away and start the desk" in problem
    assert log.logged() == [1, 3]


def test_a_head_that_was_made_up_is_found(log: Log) -> None:
    """Whoever can write the file alone."""
    log.act(1)
    with log.heads.path.open("a") as file:
        file.write(f"2024-02-29T12:00:00+00:00 entry=1 mac={'0' * 64}\n")
    assert log.problems() == [
        "Entry 1 is not the one that was written down: the log was cut off and continued."
    ]


def test_a_file_that_is_moved_away_is_begun_anew(log: Log) -> None:
    """As after a restore. The present head vouches for all entries before it."""
    log.act(3, 1)  # the backup has the first of them
    log.tamper(
        "DELETE FROM audit_entry WHERE id = 4",
        "UPDATE audit_head SET number = 3, mac = (SELECT mac FROM audit_entry WHERE id = 3)",
    )
    restarted = log.restarted()
    restarted.write_head()
    assert "was cut off" in restarted.problems()[0]
    evidence = log.heads.path.with_name("audit-heads-until-restore.log")
    log.heads.path.rename(evidence)
    restarted.write_head()
    assert log.logged() == [3]
    restarted.act(2)
    assert restarted.problems(after=LATER) == []
    old = Log(restarted.desk, HeadsFile(evidence, is_collected=True))
    assert "is not the one that was written down" in old.problems()[0]


def test_a_cut_is_logged_at_once(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody has to verify for that: the file tells, and so does a process's own memory."""
    log.act(1, 1)
    log.tamper(
        "DELETE FROM audit_entry WHERE id = 2",
        "UPDATE audit_head SET number = 1, mac = (SELECT mac FROM audit_entry WHERE id = 1)",
    )
    writer = log.another_writer()
    writer.write()
    writer.write()
    message = (
        "the audit log ends at entry 1, which is not what was written up to entry 2: run "
        "python -m cardpay doctor --audit"
    )
    assert caplog.messages == [message]
    caplog.clear()
    log.heads.path.unlink()
    log.write_head()
    assert caplog.messages == [message]
    assert log.logged() == [2]  # what the process has committed, whatever the database says


def test_a_file_that_cannot_be_written_stops_no_act(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; once it can be written, the newest head stands there."""
    log.heads.path.mkdir()
    log.act(2, 1)
    assert log.numbers() == [1, 2, 3]
    assert "the head of the audit log was not written: IsADirectoryError" in caplog.messages
    log.heads.path.rmdir()
    log.write_head()
    assert log.logged() == [3]
    assert log.problems(after=LATER) == []


def test_a_full_disk_is_told(
    log: Log, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the line is there."""
    whole = os.write
    monkeypatch.setattr(os, "write", lambda file, line: whole(file, line[:50]))
    log.act(1)
    assert "is the disk full?" in caplog.text
    assert log.logged() == []


def test_a_collected_log_will_do(log: Log, tmp_path: Path) -> None:
    """The heads are found in any text, and other lines are somebody else's."""
    log.act(1)
    log.act(1)
    collected = tmp_path / "collected.json"
    collected.write_text(
        "".join(
            f'{{"event": "{head}", "logger": "cardpay.audit"}}\n{{"event": "other"}}\n'
            for _, head in (line.split(" ", 1) for line in written(log).splitlines())
        )
    )
    copy = Log(log.desk, HeadsFile(collected, is_collected=True))
    assert copy.logged() == log.logged()
    assert copy.problems(after=LATER) == []
