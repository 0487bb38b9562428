"""The database in all the states in which one may find it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.checks import database_checks
from cardpay.doctor.findings import Level
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import connect
from tests.integration.doctor.check_contexts import (
    DEMO,
    LIVE,
    TEST,
    claim,
    context_for,
    told,
    world_context,
)
from tests.support.databases.databases import Databases
from tests.support.desks.worlds import World
from tests.support.processes.servers import free_port

OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL


def with_url(url: str) -> CheckContext:
    """In test mode, with a database."""
    return context_for(TEST, CARDPAY_DATABASE_URL=url)


def test_a_good_one(world: World) -> None:
    """There, of this version, of this account."""
    context = world_context(world)
    assert told(database_checks.reachable(context))[0] is OK
    assert told(database_checks.migrations(context))[0] is OK
    assert told(database_checks.account(context))[0] is OK
    assert database_checks.fit_for_live(context) is None
    context.close()


def test_a_missing_file_is_said_and_not_made(tmp_path: Path) -> None:
    """It may be a new desk, or a wrong address."""
    file = tmp_path / "new" / "desk.db"
    context = with_url(f"sqlite:///{file}")
    level, words = told(database_checks.reachable(context))
    assert (level, str(file) in words) == (WARN, True)
    assert database_checks.migrations(context) is None
    assert database_checks.account(context) is None
    assert not file.parent.exists()


def _garbage(_databases: Databases, folder: Path) -> str:
    file = folder / "desk.db"
    file.write_text("this is no database, whatever its name says" * 50)
    return f"sqlite:///{file}"


def _nobody(_databases: Databases, _folder: Path) -> str:
    return f"postgresql://user:t0p-secret@127.0.0.1:{free_port()}/desk"


def _no_such_database(databases: Databases, folder: Path) -> str:
    with databases.copy() as url:
        made = make_url(url)
    if databases.kind == "sqlite":
        return _garbage(databases, folder)
    return made.set(database="nowhere").render_as_string(hide_password=False)


@pytest.mark.parametrize(
    ("make", "reasons"),
    [
        pytest.param(_garbage, {"the file is no database"}, id="no database"),
        pytest.param(_nobody, {"nothing answers at its address"}, id="no server"),
        pytest.param(
            _no_such_database,
            {"there is no such database, user or table", "the file is no database"},
            id="no such database",
        ),
    ],
)
def test_one_that_cannot_be_used(
    databases: Databases,
    tmp_path: Path,
    make: Callable[[Databases, Path], str],
    reasons: set[str],
) -> None:
    """With the reason, and without its password."""
    context = with_url(make(databases, tmp_path))
    level, words = told(database_checks.reachable(context))
    assert level is FAIL
    assert words in {f"The database cannot be used: {reason}." for reason in reasons}
    assert database_checks.migrations(context) is None


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        pytest.param("", "The database has no tables.", id="empty"),
        pytest.param("9999", "The database is of a later version of cardpay (9999).", id="later"),
    ],
)
def test_another_version(databases: Databases, revision: str, words: str) -> None:
    """The desk would not run on it; nothing is migrated, and its rows are left alone."""
    with databases.copy() as url:
        engine = connect(url)
        if revision == "9999":
            migrate.upgrade(engine)
            with engine.begin() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        else:
            engine.connect().close()
        engine.dispose()
        context = with_url(url)
        assert told(database_checks.reachable(context))[0] is OK
        level, said = told(database_checks.migrations(context))
        assert (level, said.startswith(words)) == (FAIL, True)
        assert database_checks.account(context) is None
        assert context.database.revision == migrate.revision(connect(url))
        context.close()


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        pytest.param(TEST, OK, "It holds the test payments of acct_1.", id="ours"),
        pytest.param(DEMO, FAIL, "test payments, and the desk is in demo mode", id="demo's desk"),
        pytest.param(LIVE, FAIL, "test payments, and the desk is in live mode", id="live desk"),
        pytest.param(
            {**TEST, "CARDPAY_STRIPE_ACCOUNT": "acct_2"},
            FAIL,
            "payments of acct_1, and the key belongs to acct_2",
            id="another account's",
        ),
    ],
)
def test_books(world: World, given: dict[str, Any], level: Level, words: str) -> None:
    """Another mode's or account's are never mixed with these."""
    claim(world.desk.store, StripeAccount(Mode.TEST, "acct_1", livemode=False))
    context = world_context(world, given)
    context.__dict__["stripe"] = None  # nobody is asked
    found = told(database_checks.account(context))
    assert (found[0], words in found[1]) == (level, True)
    context.close()


def test_new_books_are_anybodys(database_url: str) -> None:
    """Until the first start."""
    context = with_url(database_url)
    assert told(database_checks.account(context))[0] is OK
    context.close()


@pytest.mark.parametrize(
    ("given", "url", "level"),
    [
        (LIVE, "sqlite:///var/cardpay.db", WARN),
        (LIVE, "postgresql://127.0.0.1/desk", None),
        (TEST, "sqlite:///var/cardpay.db", None),
    ],
)
def test_fit_for_live(given: dict[str, Any], url: str, level: Level | None) -> None:
    """One writer on one machine is little for real money."""
    context = context_for(given, CARDPAY_DATABASE_URL=url)
    assert told(database_checks.fit_for_live(context))[0] is level


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("postgresql://db.example.com/desk", WARN),
        ("postgresql://db.example.com/desk?sslmode=require", WARN),
        ("postgresql://db.example.com/desk?sslmode=verify-full", OK),
        ("postgresql:///desk?host=db.example.com", WARN),
        ("postgresql://127.0.0.1/desk", None),
        ("postgresql:///desk?host=/run/postgresql", None),
        ("sqlite:///var/cardpay.db", None),
    ],
)
def test_the_way_to_a_server_elsewhere(
    url: str, level: Level | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Encrypted, and to the right one."""
    monkeypatch.delenv("PGSSLMODE", raising=False)
    assert told(database_checks.encrypted(with_url(url)))[0] is level


def test_the_way_to_a_replica_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes another way, and is named where it is the one that is open."""
    monkeypatch.delenv("PGSSLMODE", raising=False)
    open_url = "postgresql://replica.example.com/desk"
    verified = "postgresql://db.example.com/desk?sslmode=verify-full"
    context = context_for(
        TEST, CARDPAY_DATABASE_URL=verified, CARDPAY_REPORTING_DATABASE_URL=open_url
    )
    finding = database_checks.encrypted(context)
    assert finding is not None
    assert finding.level is WARN
    assert "to CARDPAY_REPORTING_DATABASE_URL, or" in finding.do


def test_the_environment_may_say_how_to_go_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """As libpq reads it."""
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert told(database_checks.encrypted(with_url("postgresql://db.example.com/desk")))[0] is OK


def test_it_cannot_write(world: World) -> None:
    """The database itself refuses, whatever a check might try."""
    context = world_context(world)
    assert context.store is not None
    with pytest.raises(Exception, match=r"(?i)read.?only"), context.store.reading() as session:
        session.execute(text("DELETE FROM product"))
    context.close()


def test_it_leaves_no_files(tmp_path: Path) -> None:
    """An idle SQLite file has no log beside it, and gets none by being looked at."""
    file = tmp_path / "desk.db"
    engine = connect(f"sqlite:///{file}")
    migrate.upgrade(engine)
    engine.dispose()
    before = file.read_bytes()
    context = with_url(f"sqlite:///{file}")
    assert told(database_checks.migrations(context))[0] is OK
    assert [found.name for found in tmp_path.iterdir()] == ["desk.db"]
    context.close()
    assert file.read_bytes() == before
