"""A made-up past from the command line: what it says, and what it refuses."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import func, select

from cardpay import bootstrap, settings
from cardpay.commands.command_line import cardpay
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import Payment
from tests.support.processes.servers import AUDIT_KEY

pytestmark = pytest.mark.one_database
_ARGUMENTS = ("demo-data", "--payments", "60", "--seed", "3", "--until", "2026-03-31")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where it is written to: nothing is there yet."""
    url = f"sqlite:///{tmp_path / 'past.db'}"
    monkeypatch.setenv("CARDPAY_DATABASE_URL", url)
    monkeypatch.setenv("CARDPAY_AUDIT_KEY", AUDIT_KEY)
    return url


def _payments(url: str) -> int:
    store = Store(connect(url))
    with store.reading() as session:
        count = session.exec(select(func.count()).select_from(Payment)).one()
    store.close()
    return count


def test_it_ends_with_counts_and_sums(database: str) -> None:
    """In one line on stdout; how far it is goes to stderr."""
    done = CliRunner().invoke(cardpay, _ARGUMENTS)
    assert done.exit_code == 0, done.output
    (line,) = done.stdout.splitlines()
    assert re.match(
        r"From 2026-01-31 to 2026-03-31: 60 payments, .* attempts, .* payouts\. ", line
    )
    assert re.search(r"\d+ paid: £[\d,]+\.\d\d", line)
    assert "0 payments, until 2026-01-31" in done.stderr
    assert _payments(database) == 60


def test_the_demo_starts_with_it(database: str) -> None:
    """It belongs to the simulated account, so the desk opens it and adds no past of its own."""
    assert CliRunner().invoke(cardpay, _ARGUMENTS).exit_code == 0
    application = bootstrap.build(settings.load(_env_file=None))
    application.close()
    assert _payments(database) == 60


def test_a_second_past_is_refused(database: str) -> None:
    """By a sentence that names the setting, and the exit code for what could not start."""
    assert CliRunner().invoke(cardpay, _ARGUMENTS).exit_code == 0
    again = CliRunner().invoke(cardpay, _ARGUMENTS)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "CARDPAY_DATABASE_URL names a database that has payments already" in again.stderr
    assert _payments(database) == 60


def test_live_keys_are_refused(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is opened."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_" + "a1B2" * 8)
    monkeypatch.setenv("STRIPE_PUBLISHABLE_KEY", "pk_live_" + "a1B2" * 8)
    done = CliRunner().invoke(cardpay, _ARGUMENTS)
    assert done.exit_code == 2
    assert "STRIPE_SECRET_KEY" in done.stderr
    assert not (tmp_path / "past.db").exists()
