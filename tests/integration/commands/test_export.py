"""`python -m cardpay export` as a process: the file, its last line, its exit code."""

import stat
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlmodel import select

from cardpay.storage.schema.tables import AuditEntry
from tests.integration.exports.list_files.written_files import csv_rows
from tests.support.desks.worlds import DECLINED, World
from tests.support.processes.forked_processes import command, unprepared_command
from tests.support.processes.servers import AUDIT_KEY

pytestmark = pytest.mark.one_database

THAT_DAY = ("--from", "2024-02-29", "--to", "2024-02-29")


def run(
    world: World, *asked: object, by: Callable[..., CompletedProcess[str]] = command
) -> CompletedProcess[str]:
    """The command on the world's database."""
    chosen = {
        "CARDPAY_DATABASE_URL": world.desk.store.engine.url.render_as_string(hide_password=False),
        "CARDPAY_AUDIT_KEY": AUDIT_KEY,
        "CARDPAY_TIME_ZONE": "Europe/London",
    }
    return by("export", *map(str, asked), settings=chosen)


@pytest.fixture
def paid(world: World) -> World:
    """One payment paid, one declined, on the day that the world's clock shows."""
    world.pay(world.created(order_reference="000123"))
    world.pay(world.created(order_reference="SO-2"), DECLINED)
    return world


def test_a_file_a_line_and_an_entry(paid: World, tmp_path: Path) -> None:
    """For its owner alone, whole, with nothing beside it; audited."""
    file = tmp_path / "out" / "payments.csv"
    file.parent.mkdir()
    ended = run(
        paid, "payments", *THAT_DAY, "--status", "succeeded", "--out", file, by=unprepared_command
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == (
        "1 payment. Amount: 120.00 GBP. Received: 120.00 GBP. Refunded: 0.00 GBP.\n"
    )
    assert [row["Order reference"] for row in csv_rows(file)] == ["000123"]
    assert [one.name for one in file.parent.iterdir()] == ["payments.csv"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with paid.desk.store.reading() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.act == "list.export")).one()
    assert (entry.actor_id, entry.subject_id) == ("system", "payments")
    assert entry.after == {
        "rows": 1,
        "format": "csv",
        "filter": "statuses Succeeded · 29 Feb 2024",
    }


def test_days_are_the_business_days(paid: World, tmp_path: Path) -> None:
    """And there is a file with its columns where there was nothing."""
    ended = run(
        paid, "balance", "--from", "2024-03-01", "--to", "2024-03-31", "--format", "xlsx",
        "--out", tmp_path / "march.xlsx",
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (0, "0 transactions.\n")
    assert (tmp_path / "march.xlsx").read_bytes().startswith(b"PK")


def test_what_is_there_is_not_lost(paid: World, tmp_path: Path) -> None:
    """Unless it may be replaced; a word that nobody knows is told with those there are."""
    file = tmp_path / "one.csv"
    file.write_text("of last month")
    refused = run(paid, "refunds", *THAT_DAY, "--out", file)
    assert (refused.returncode, file.read_text()) == (2, "of last month")
    assert "--replace" in refused.stderr
    unknown = run(paid, "refunds", *THAT_DAY, "--out", file, "--replace", "--status", "lost")
    assert (unknown.returncode, file.read_text()) == (2, "of last month")
    assert "succeeded" in unknown.stderr
    assert "Traceback" not in unknown.stderr
    assert run(paid, "refunds", *THAT_DAY, "--out", file, "--replace").returncode == 0
    assert csv_rows(file) == []
