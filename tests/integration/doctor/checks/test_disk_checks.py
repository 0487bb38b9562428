"""Room on the disk, from little to plenty."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from cardpay.doctor.checks import disk_checks
from cardpay.doctor.findings import Level
from tests.integration.doctor.check_contexts import TEST, context_for, told


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("free", "level"),
    [(100_000_000, Level.FAIL), (1_000_000_000, Level.WARN), (50_000_000_000, Level.OK)],
)
def test_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    """Beside an SQLite file; a server's disk is its own matter."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: _Usage(0, 0, free))
    context = context_for(TEST, CARDPAY_DATABASE_URL=f"sqlite:///{tmp_path / 'desk.db'}")
    assert told(disk_checks.space(context))[0] is level
    server = context_for(TEST, CARDPAY_DATABASE_URL="postgresql://127.0.0.1/desk")
    assert disk_checks.space(server) is None
