"""`python -m cardpay doctor --audit`."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.services.audit.conftest import Log
from tests.integration.services.personal_data.stored_personal_data import rows_of
from tests.support.processes.forked_processes import command
from tests.support.processes.servers import AUDIT_KEY

pytestmark = pytest.mark.one_database

Doctor = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def doctor(log: Log, database_url: str) -> Doctor:
    """The command over the log's database, with the settings it was written with."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        chosen = {
            "CARDPAY_DATABASE_URL": database_url,
            "CARDPAY_AUDIT_KEY": AUDIT_KEY,
            "CARDPAY_AUDIT_HEADS": str(log.heads.path),
        }
        return command("doctor", "--audit", *arguments, settings=chosen | settings)

    return run


def test_a_whole_log(log: Log, doctor: Doctor) -> None:
    """How much was verified, and the exit code 0."""
    log.act(3, 2)
    checked = doctor()
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.splitlines() == [
        "Audit log: 5 entries.",
        "OK The log is what was written.",
    ]


def test_a_fresh_install(log: Log, doctor: Doctor) -> None:
    """Nothing was written yet, and no head can be there."""
    assert not log.heads.path.exists()
    checked = doctor()
    assert checked.returncode == 0, checked.stderr


def test_a_log_that_was_tampered_with(log: Log, doctor: Doctor) -> None:
    """Each problem in a line, and the exit code 1."""
    log.act(3)
    log.tamper("DELETE FROM audit_entry WHERE id = 2")
    checked = doctor()
    assert checked.returncode == 1
    assert "FAIL Entry 2 was removed." in checked.stdout.splitlines()
    assert checked.stderr == "The audit log is not what was written.\n"


def test_the_heads_of_another_place(log: Log, doctor: Doctor, tmp_path: Path) -> None:
    """A collected log finds what a file that was cut as well no longer tells."""
    log.act(3)
    log.act(1)
    collected = tmp_path / "collected.log"
    lines = log.heads.path.read_text().splitlines(keepends=True)
    collected.write_text("started\n" + "".join(lines))
    log.heads.path.write_text(lines[0])
    log.tamper(
        "DELETE FROM audit_entry WHERE id = 4",
        "UPDATE audit_head SET number = 3, mac = (SELECT mac FROM audit_entry WHERE id = 3)",
    )
    assert doctor().returncode == 0
    checked = doctor("--heads", str(collected))
    assert checked.returncode == 1
    assert "FAIL The log was cut off: it ends with entry 3, but entry 4" in checked.stdout
    missing = doctor("--heads", str(tmp_path / "missing.log"))
    assert missing.returncode == 1
    assert "cannot be read (FileNotFoundError)" in missing.stderr


def test_it_writes_nothing(log: Log, doctor: Doctor, tmp_path: Path) -> None:
    """A mistyped address makes no file, and a database that is there stays as it is."""
    folder = tmp_path / "mistyped"
    checked = doctor(CARDPAY_DATABASE_URL=f"sqlite:///{folder / 'desk.db'}")
    assert checked.returncode == 1
    assert "names a database that is not there" in checked.stderr
    assert not folder.exists()
    log.act(2)
    before = rows_of(log.desk.store)
    files = set(tmp_path.iterdir())
    assert doctor().returncode == 0
    assert rows_of(log.desk.store) == before
    assert set(tmp_path.iterdir()) == files


def test_a_file_that_is_no_database(doctor: Doctor, tmp_path: Path) -> None:
    """It is said in a sentence."""
    file = tmp_path / "notes.db"
    file.write_text("not a database, but longer than a header would be" * 20)
    checked = doctor(CARDPAY_DATABASE_URL=f"sqlite:///{file}")
    assert checked.returncode == 1
    assert "The database cannot be read: the file is no database." in checked.stderr
    assert "Traceback" not in checked.stderr


@pytest.mark.parametrize(
    ("settings", "code", "sentence"),
    [
        ({"CARDPAY_AUDIT_HEADS": "nowhere/heads.log"}, 1, "not what was written"),
        ({"CARDPAY_AUDIT_HEADS": "tests"}, 1, "cannot be read (IsADirectoryError)"),
        ({"CARDPAY_AUDIT_KEY": "short"}, 2, "CARDPAY_AUDIT_KEY must be a random text of"),
        ({"CARDPAY_AUDIT_KEY": "f" * 32}, 1, "not what was written"),
    ],
    ids=["no heads", "unreadable heads", "no key", "wrong key"],
)
def test_what_keeps_it_from_verifying(
    log: Log, doctor: Doctor, settings: dict[str, str], code: int, sentence: str
) -> None:
    """A sentence on stderr, and no traceback."""
    log.act(1)
    checked = doctor(**settings)
    assert checked.returncode == code
    assert sentence in checked.stderr
    assert "Traceback" not in checked.stderr
