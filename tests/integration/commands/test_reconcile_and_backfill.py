"""Looking back from the command line, with the sandbox as a process of its own."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from cardpay.commands.reconcile import duration
from cardpay.domain.version import VERSION
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.history import stored_objects_set_aside
from cardpay.storage.schema.tables import Desk
from tests.support.processes.forked_processes import command, unprepared_command
from tests.support.processes.servers import (
    AUDIT_KEY,
    PUBLISHABLE_KEY,
    SECRET_KEY,
    StripeServer,
)

pytestmark = pytest.mark.one_database


def _settings(database_url: str, stripe: StripeServer) -> dict[str, str]:
    return {
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "CARDPAY_STRIPE_API_BASE": stripe.url,
        "CARDPAY_DATABASE_URL": database_url,
        "CARDPAY_AUDIT_KEY": AUDIT_KEY,
    }


def _cardpay(
    database_url: str, stripe: StripeServer, *arguments: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    return command(*arguments, settings=_settings(database_url, stripe) | settings)


def test_backfill_then_reconcile(database_url: str, stripe: StripeServer) -> None:
    """Both end with a sentence on stdout and the exit code 0; how far they are is elsewhere."""
    settings = _settings(database_url, stripe)
    imported = unprepared_command("backfill", "--since", "2024-01-31", settings=settings)
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.startswith("Imported 0 objects.")
    assert re.search(r"^\d+% [\d,]+ objects, [\d,]+/s", imported.stderr, re.MULTILINE)
    assert re.search(r"[^\n -~]", imported.stderr) is None  # no control characters
    compared = unprepared_command("reconcile", "--since", "24h", settings=settings)
    assert compared.returncode == 0, compared.stderr
    assert compared.stdout == "Compared 0 objects with 6 reads: 0 differences.\n"


def test_what_could_not_be_read_is_told(database_url: str, stripe: StripeServer) -> None:
    """With its id and the reason, after either command; it stops nothing."""
    assert _cardpay(database_url, stripe, "backfill").returncode == 0
    engine = connect(database_url)
    store = Store(engine)
    with store.transaction() as session:
        desk = session.exec(select(Desk)).one()
        account = (desk.stripe_account_id, desk.livemode)
        for number in (1, 2):
            which = ("payment_intent", f"pi_strange{number}")
            now = datetime.now(UTC)
            stored_objects_set_aside.note(
                session, account, which, "It has no field 'a'.", VERSION, now
            )
    store.close()
    for name in ("backfill", "reconcile"):
        done = _cardpay(database_url, stripe, name)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[1:] == [
            "Set aside: 2. This version can't read them.",
            "payment_intent pi_strange2: It has no field 'a'.",
            "payment_intent pi_strange1: It has no field 'a'.",
        ]


def test_what_stops_it_is_a_sentence(database_url: str, stripe: StripeServer) -> None:
    """On stderr, with the exit code 1."""
    stopped = _cardpay(database_url, stripe, "reconcile", CARDPAY_READ_BUDGET="1")
    assert stopped.returncode == 1
    assert "This month's 1 Stripe API reads are used up" in stopped.stderr
    assert "Traceback" not in stopped.stderr


@pytest.mark.parametrize(("text", "minutes"), [("90m", 90), ("24h", 1_440), ("7d", 10_080)])
def test_a_duration(text: str, minutes: int) -> None:
    """Minutes, hours or days."""
    assert duration(text).total_seconds() == 60 * minutes


def test_not_a_duration(tmp_path: Path, stripe: StripeServer) -> None:
    """It says what to give."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    refused = _cardpay(url, stripe, "reconcile", "--since", "yesterday")
    assert refused.returncode == 2
    assert "90m, 24h, 7d" in refused.stderr


@pytest.mark.parametrize("url", ["postgresql://desk@127.0.0.1:1/desk", "mysql://desk@db/desk"])
def test_a_database_that_does_not_answer_is_told(stripe: StripeServer, url: str) -> None:
    """In a sentence, to whoever brings it up to date."""
    done = _cardpay(url, stripe, "migrate")
    assert done.returncode == 2
    assert done.stderr.startswith("CARDPAY_DATABASE_URL names a database that cannot be opened")
    assert "Traceback" not in done.stderr
