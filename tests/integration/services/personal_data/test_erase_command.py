"""`python -m cardpay erase`, as a process of its own."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from cardpay.services.audit.verify_chain import verify
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import AuditEntry
from tests.integration.services.access.test_sessions import identity, sign_in
from tests.integration.services.personal_data.customer import (
    EMAIL,
    NAME,
    PERSONAL,
    PHONE,
    WHO,
    paid,
)
from tests.integration.services.personal_data.stored_personal_data import in_files, in_rows
from tests.support.desks.worlds import AUDIT_KEYS, World
from tests.support.processes.forked_processes import command
from tests.support.processes.servers import AUDIT_KEY

pytestmark = pytest.mark.one_database

Erase = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def erase(tmp_path: Path) -> Erase:
    """The command, with what somebody types."""

    def run(
        database_url: str, *arguments: str, typed: str = ""
    ) -> subprocess.CompletedProcess[str]:
        settings = {
            "CARDPAY_DATABASE_URL": database_url,
            "CARDPAY_AUDIT_KEY": AUDIT_KEY,
            "CARDPAY_AUDIT_HEADS": str(tmp_path / "audit-heads.log"),
        }
        return command("erase", *arguments, settings=settings, typed=typed)

    return run


def said(done: subprocess.CompletedProcess[str]) -> str:
    """All that it wrote: in it, nothing of the person, and no traceback."""
    text = done.stdout + done.stderr
    assert not [one for one in (*PERSONAL, "Traceback") if one.casefold() in text.casefold()]
    return text


def test_it_shows_then_asks_then_erases(
    world: World, database_url: str, erase: Erase, tmp_path: Path
) -> None:
    """Anything but "yes" erases nothing; Stripe's copy is spoken of; the second time is empty."""
    paid(world, "SO-1")
    world.clock.advance(days=2)
    paid(world, "SO-2")
    store = world.desk.store
    declined = erase(database_url, "--customer", EMAIL, typed="no\n")
    assert declined.returncode == 1
    assert "2 payments from 2024-02-29 to 2024-03-02 hold these details" in said(declined)
    assert "Nothing was erased." in declined.stdout
    assert in_rows(store, [NAME]) == {"customer_detail"}
    agreed = erase(database_url, "--customer", EMAIL, typed="yes\n")
    assert (agreed.returncode, "Erased the details of 2 payments." in said(agreed)) == (0, True)
    assert "Stripe has a copy of its own" in agreed.stdout
    assert in_rows(store, PERSONAL) == set()
    assert in_files(store, PERSONAL) == set()
    with store.reading() as session:
        acts = session.exec(select(AuditEntry.act).order_by(col(AuditEntry.id).desc())).all()
    assert acts[:2] == ["customer.erase", "customer.erase"]
    heads = HeadsFile(tmp_path / "audit-heads.log").lines()
    assert verify(store, AUDIT_KEYS, heads, datetime.now(UTC)).problems == ()
    again = erase(database_url, "--customer", EMAIL, "--yes")
    assert (again.returncode, "No payment holds these details" in said(again)) == (0, True)


def test_a_payment_that_is_open_is_named(world: World, database_url: str, erase: Erase) -> None:
    """By its id and its status; the others go, and the exit code says that not all went."""
    paid(world, "SO-1")
    unpaid = world.created(order_reference="SO-2", **WHO)
    done = erase(database_url, "--customer", NAME, "--phone", PHONE, "--yes")
    assert done.returncode == 1
    assert f"  {unpaid.payment_id}  Awaiting card" in said(done)
    assert "Erased the details of 1 payment." in done.stdout


def test_where_nobody_answers_nothing_is_erased(
    world: World, database_url: str, erase: Erase
) -> None:
    """As under cron, without --yes."""
    paid(world, "SO-1")
    silent = erase(database_url, "--customer", EMAIL)
    assert (silent.returncode, "Aborted!" in said(silent)) == (1, True)
    assert in_rows(world.desk.store, [NAME]) == {"customer_detail"}


def test_who_is_meant_may_be_typed(world: World, database_url: str, erase: Erase) -> None:
    """So that it does not stand in the shell's history."""
    paid(world, "SO-1")
    done = erase(
        database_url, "--customer", "-", "--phone", "-", "--yes", typed=f"{NAME}\n{PHONE}\n"
    )
    assert (done.returncode, "Erased the details of 1 payment." in said(done)) == (0, True)


def test_one_payment(world: World, database_url: str, erase: Erase) -> None:
    """By its id; its order reference is told where it names the customer."""
    payment = paid(world, f"for {EMAIL}")
    done = erase(database_url, "--payment", payment.payment_id, "--yes")
    assert done.returncode == 0
    assert f"it stays:\n  {payment.payment_id}" in said(done)
    assert "1 payment from 2024-02-29 to 2024-02-29 holds these details; 1 can" in done.stdout


def test_staff_and_leftovers(world: World, database_url: str, erase: Erase) -> None:
    """The name goes, the id stays; what is left of earlier times goes by itself."""
    person = identity(world)
    sign_in(world, person)
    done = erase(database_url, "--staff", person.actor_id)
    assert (done.returncode, "Erased the name." in said(done)) == (0, True)
    assert in_rows(world.desk.store, ["Person One"]) == set()
    again = erase(database_url, "--staff", person.actor_id)
    assert (again.returncode, again.stdout) == (0, "No name is kept for this id.\n")
    left = erase(database_url, "--leftovers")
    assert (left.returncode, left.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["--customer", NAME], "A name alone may be several people's", id="name"),
        pytest.param(["--customer", ""], "--customer is empty", id="nobody"),
        pytest.param(["--payment", " ", "--yes"], "--payment is empty", id="no payment"),
        pytest.param(["--staff", ""], "--staff is empty", id="no staff"),
        pytest.param(["--customer", NAME, "--phone", "none"], "A name alone", id="no digits"),
        pytest.param(["--customer", EMAIL, "--phone", PHONE], "A name alone", id="both"),
        pytest.param(["--payment", "1", "--phone", PHONE], "--phone goes with", id="phone"),
        pytest.param(["--payment", "1"], "Payment not found.", id="unknown payment"),
        pytest.param([], "Give one of --customer", id="nothing"),
        pytest.param(["--payment", "1", "--staff", "2"], "Give one of --customer", id="two"),
    ],
)
def test_what_is_not_understood(
    world: World, database_url: str, arguments: list[str], sentence: str, erase: Erase
) -> None:
    """A sentence on stderr that does not repeat what was typed; the exit code is 2."""
    paid(world, "SO-1")
    refused = erase(database_url, *arguments, "--yes")
    assert refused.returncode == 2
    assert sentence in said(refused)
    assert in_rows(world.desk.store, [NAME]) == {"customer_detail"}


def test_it_makes_no_database(tmp_path: Path, erase: Erase) -> None:
    """A wrong address is said, and no file is left behind."""
    file = tmp_path / "missing" / "desk.db"
    refused = erase(f"sqlite:///{file}", "--customer", EMAIL, "--yes")
    assert refused.returncode == 2
    assert "names a database that is not there" in said(refused)
    assert not file.parent.exists()


def test_it_migrates_no_database(tmp_path: Path, erase: Erase) -> None:
    """An older version's database is left as it is."""
    file = tmp_path / "desk.db"
    store = Store(connect(f"sqlite:///{file}"), AUDIT_KEYS)
    with store.reading():
        pass
    store.close()
    file.touch()
    refused = erase(f"sqlite:///{file}", "--customer", EMAIL, "--yes")
    assert refused.returncode == 2
    assert "run `python -m cardpay migrate` first" in said(refused)
