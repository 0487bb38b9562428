"""Who else on the machine can read what is kept in files."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from cardpay.doctor.checks import file_checks
from cardpay.doctor.findings import Level
from cardpay.storage.database.engine import connect
from tests.integration.doctor.check_contexts import DEMO, LIVE, TEST, context_for, told

OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL

CASES = [
    pytest.param(TEST, 0o600, 0o755, OK, id="private file"),
    pytest.param(TEST, 0o644, 0o700, OK, id="private folder"),
    pytest.param(TEST, 0o644, 0o755, WARN, id="readable in test mode"),
    pytest.param(LIVE, 0o644, 0o755, FAIL, id="readable in live mode"),
    pytest.param(LIVE, 0o640, 0o750, FAIL, id="readable by the group"),
    pytest.param(LIVE, 0o602, 0o755, FAIL, id="writable"),
    pytest.param(DEMO, 0o644, 0o755, OK, id="demo"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that others may come to, as they may not to those of pytest."""
    with TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.parametrize(("given", "file_mode", "folder_mode", "level"), CASES)
def test_database_file(
    folder: Path, given: dict[str, Any], file_mode: int, folder_mode: int, level: Level
) -> None:
    """The log beside it counts as well, and what to do names both."""
    file, log = folder / "desk.db", folder / "desk.db-wal"
    for one in (file, log):
        one.touch()
        one.chmod(file_mode)
    folder.chmod(folder_mode)
    finding = file_checks.database_file(
        context_for(given, CARDPAY_DATABASE_URL=f"sqlite:///{file}")
    )
    assert told(finding)[0] is level
    if level is not OK:
        assert finding is not None
        assert finding.do == f"chmod 600 {file} {log}"


@pytest.mark.parametrize(("given", "file_mode", "folder_mode", "level"), CASES)
def test_key_files(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, Any],
    file_mode: int,
    folder_mode: int,
    level: Level,
) -> None:
    """The `.env` beside the app."""
    monkeypatch.chdir(folder)
    Path(".env").touch()
    Path(".env").chmod(file_mode)
    folder.chmod(folder_mode)
    assert told(file_checks.key_files(context_for(given)))[0] is level


def test_no_files_no_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys from the environment, and a database on a server."""
    monkeypatch.chdir(tmp_path)
    context = context_for(LIVE, CARDPAY_DATABASE_URL="postgresql://127.0.0.1/desk")
    assert file_checks.key_files(context) is None
    assert file_checks.database_file(context) is None


def test_a_new_databases_folder_is_private(folder: Path) -> None:
    """What the desk makes itself, others cannot read."""
    file = folder / "var" / "desk.db"
    engine = connect(f"sqlite:///{file}")
    engine.connect().close()
    engine.dispose()
    context = context_for(LIVE, CARDPAY_DATABASE_URL=f"sqlite:///{file}")
    assert told(file_checks.database_file(context))[0] is OK
