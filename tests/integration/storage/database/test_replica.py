"""When the replica is read and when the database itself, and that nothing is written to it."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from cardpay.services import database_account
from cardpay.storage.database import replica
from cardpay.storage.database.engine import connect
from cardpay.storage.database.replica import FiguresLost, Look, Replica, open_store
from cardpay.storage.schema.tables import Product
from tests.support.databases import postgresql
from tests.support.databases.replicated import Replicated
from tests.support.desks import worlds
from tests.support.desks.worlds import AGENT, AUDIT_KEYS, World
from tests.support.processes.waiting import wait_for

SOMEBODY = "analyst-1"
READ = text("SELECT pg_is_in_recovery()")


@pytest.fixture
def urls(replicated: Replicated, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """A database and its replica, which is looked at before each reading."""
    monkeypatch.setattr(replica, "LOOKED_AT_EVERY", 0.0)
    monkeypatch.setattr(replica, "TRIED_AGAIN_AFTER", 0.0)
    with replicated.copy() as both:
        yield both


@pytest.fixture
def world(urls: tuple[str, str], tmp_path: Path) -> Iterator[World]:
    """A desk that has a replica."""
    with worlds.world(tmp_path, database_url=urls[0], replica_url=urls[1]) as made:
        yield made


def reads_replica(world: World, actor_id: str = SOMEBODY) -> bool:
    """Whether it is the replica from which they are shown figures."""
    with world.desk.store.reporting(actor_id) as session:
        return bool(session.execute(READ).scalar_one())


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Why it is not read, as the log has it."""
    lines: list[Any] = [line.msg for line in caplog.records]
    return [line["reason"] for line in lines if line["event"] == "the replica is not read"]


def add_product(world: World, product_id: str) -> None:
    """To the database."""
    with world.desk.store.transaction() as session:
        session.add(
            Product(
                id=product_id,
                name=product_id,
                unit_amount_minor=1,
                currency="gbp",
                created_at=world.desk.now(),
            )
        )


def products(session: Any) -> int:
    """How many there are."""
    return len(session.exec(select(Product)).all())


def test_figures_are_read_from_it_and_decisions_are_not(
    world: World, replicated: Replicated
) -> None:
    """Where the two differ, each says what it has."""
    store = world.desk.store
    replicated.standby.catch_up(replicated.primary)
    replicated.standby.pause()
    add_product(world, "new")
    with store.reading() as session:
        known = products(session)
    with store.reporting(SOMEBODY) as session:
        assert products(session) == known - 1
    replicated.standby.resume()
    replicated.standby.catch_up(replicated.primary)
    with store.reporting(SOMEBODY) as session:
        assert products(session) == known


def test_nothing_is_written_through_it(world: World) -> None:
    """Nor where the address is of a server that would take it."""
    assert reads_replica(world)
    with pytest.raises(DBAPIError, match="read-only"), world.desk.store.reporting("") as session:
        session.execute(text("CREATE TABLE mine (id int)"))
    url = world.desk.store.engine.url.render_as_string(hide_password=False)
    engine = Replica(url, world.desk.store.engine).engine
    with engine.connect() as connection, pytest.raises(DBAPIError, match="read-only transaction"):
        connection.execute(text("DELETE FROM product"))
    engine.dispose()


@pytest.mark.full
def test_without_one_the_very_same_engine_is_read(urls: tuple[str, str]) -> None:
    """No address, no second connection, and never behind."""
    store = open_store(connect(urls[0]), AUDIT_KEYS, None)
    with store.reporting(SOMEBODY) as reported, store.reading() as read:
        assert reported.get_bind().engine is read.get_bind().engine
    assert store.behind(SOMEBODY) == timedelta()
    store.close()


def test_how_far_behind(world: World, replicated: Replicated) -> None:
    """It counts from the last act that it has, and only while it lacks another."""
    store = world.desk.store
    replicated.standby.catch_up(replicated.primary)
    assert store.behind(SOMEBODY) == timedelta()
    replicated.standby.pause()
    assert store.behind(SOMEBODY) == timedelta()  # however long ago the last act was
    add_product(world, "new")
    first = store.behind(SOMEBODY)
    assert timedelta() < first < store.behind(SOMEBODY)
    replicated.standby.resume()
    replicated.standby.catch_up(replicated.primary)
    assert store.behind(SOMEBODY) == timedelta()


def test_who_has_just_done_something_reads_the_database_until_the_replica_has_it(
    world: World, replicated: Replicated
) -> None:
    """They, and nobody else; and it isn't behind for them."""
    replicated.standby.catch_up(replicated.primary)
    replicated.standby.pause()
    world.pay(world.created(), actor=AGENT)
    assert not reads_replica(world, AGENT.actor_id)
    assert reads_replica(world)
    assert world.desk.store.behind(AGENT.actor_id) == timedelta()
    assert world.desk.store.behind(SOMEBODY) > timedelta()
    replicated.standby.resume()
    replicated.standby.catch_up(replicated.primary)
    assert reads_replica(world, AGENT.actor_id)


@pytest.mark.full
def test_it_is_looked_at_at_most_every_few_seconds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for each list that somebody opens."""
    monkeypatch.setattr(replica, "LOOKED_AT_EVERY", 3_600.0)
    looks: list[Replica] = []
    look = Replica.look

    def counted(self: Replica) -> Look:
        looks.append(self)
        return look(self)

    monkeypatch.setattr(Replica, "look", counted)
    assert [reads_replica(world) for _ in range(3)] == [True] * 3
    assert world.desk.store.behind(SOMEBODY) == timedelta()
    assert len(looks) == 1


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("postgresql://127.0.0.1:9/desk", "nothing answers at its address"),
        ("nowhere", "there is no such database, user or table"),
        ("the database", "it is no standby server, so nobody knows how far behind it is"),
        ("another", "there is no such database, user or table"),
    ],
)
def test_one_that_cannot_be_read_is_not(
    urls: tuple[str, str],
    replicated: Replicated,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    address: str,
    why: str,
) -> None:
    """The database is read instead, and the log says so once."""
    address = {
        "the database": urls[0],
        "another": replicated.standby.url("postgres"),
        "nowhere": replicated.standby.url("nowhere"),
    }.get(address, address)
    with worlds.world(tmp_path, database_url=urls[0], replica_url=address) as world:
        assert [reads_replica(world) for _ in range(3)] == [False] * 3
        assert world.desk.store.behind(SOMEBODY) == timedelta()
    assert reasons(caplog) == [why]


def test_books_of_another_account_are_never_shown(
    world: World, replicated: Replicated, caplog: pytest.LogCaptureFixture
) -> None:
    """What the replica has is compared with what the database has."""
    database_account.claim(world.desk.store, world.desk.account)
    replicated.standby.catch_up(replicated.primary)
    assert reads_replica(world)
    replicated.standby.pause()
    with world.desk.store.transaction() as session:
        session.execute(text("UPDATE desk SET stripe_account_id = 'acct_other'"))
    assert not reads_replica(world)
    assert reasons(caplog) == ["it holds the books of another account"]


@pytest.mark.full
def test_tables_of_another_version_are_not_read(
    world: World, replicated: Replicated, caplog: pytest.LogCaptureFixture
) -> None:
    """The replica has not applied a migration yet: it lacks columns that are asked for."""
    store = world.desk.store
    replicated.standby.catch_up(replicated.primary)
    replicated.standby.pause()
    with store.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'x' || version_num"))
    assert not reads_replica(world)
    replicated.standby.resume()
    replicated.standby.catch_up(replicated.primary)
    assert reads_replica(world)
    assert reasons(caplog) == ["its tables are of another version"]
    with store.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = substr(version_num, 2)"))


def test_one_that_breaks_off_says_so_and_the_database_is_read_next(
    world: World, replicated: Replicated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was reading gets a sentence; when it is back, it is read again."""
    store = world.desk.store
    with store.reporting(SOMEBODY) as session:
        mine = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        monkeypatch.setattr(replica, "TRIED_AGAIN_AFTER", 3_600.0)
        replicated.standby.asked(f"SELECT pg_terminate_backend({mine}, 60000)")
        with pytest.raises(FiguresLost, match=r"^These figures couldn't be read\. Try again\.$"):
            session.execute(READ)
    assert not reads_replica(world)


@pytest.mark.full
def test_one_whose_server_is_gone_is_not_missed(
    urls: tuple[str, str],
    replicated: Replicated,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It was read until then; nobody sees an error."""
    name = str(make_url(urls[0]).database)
    with ExitStack() as server:
        url = server.enter_context(postgresql.standby_of(replicated.primary)).url(name)
        with worlds.world(tmp_path, database_url=urls[0], replica_url=url) as world:
            assert reads_replica(world)
            server.close()
            assert [reads_replica(world) for _ in range(3)] == [False] * 3
    assert len(reasons(caplog)) == 1


@pytest.mark.full
def test_what_the_replica_cancels_is_asked_once_more(world: World, replicated: Replicated) -> None:
    """It gives up a reader that what it has to apply waits for (a query conflict)."""
    world.created(order_reference="slow")
    replicated.standby.catch_up(replicated.primary)
    found: list[int] = []
    waits = text("SELECT count(pg_sleep(600)) FROM payment WHERE order_reference = 'slow'")

    def read() -> None:
        with world.desk.store.reporting(SOMEBODY) as session:
            found.append(session.execute(waits).scalar_one())

    reader = Thread(target=read)
    reader.start()
    sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    wait_for(lambda: replicated.standby.asked(sleeps), "the reader does not read")
    with world.desk.store.transaction() as session:
        session.execute(text("LOCK TABLE payment IN ACCESS EXCLUSIVE MODE"))
        session.execute(text("UPDATE payment SET order_reference = 'quick'"))
    reader.join()
    assert found == [0]


@pytest.mark.full
def test_what_is_cancelled_twice_is_said(world: World) -> None:
    """In a sentence, and the next one reads the database."""
    with pytest.raises(FiguresLost), world.desk.store.reporting(SOMEBODY) as session:
        session.execute(text("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))
