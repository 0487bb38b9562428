"""Entries join the hash chain when their transaction commits, whoever writes at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlmodel import col, select

from cardpay.services.audit.record_act import record
from cardpay.storage.database.engine import Session, Store, connect
from cardpay.storage.schema.tables import AuditEntry, Product
from tests.integration.services.audit.conftest import Log, log_of, note
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.desks.worlds import AGENT, AUDIT_KEYS
from tests.support.processes import forked_processes
from tests.support.processes.waiting import PATIENCE_SECONDS


@pytest.fixture
def on_server(
    on_postgresql: PostgresqlDatabases, migrated_postgresql: str, tmp_path: Path
) -> Iterator[Log]:
    """An empty log on PostgreSQL, where transactions run at the same time."""
    with on_postgresql.copy(migrated_postgresql) as url, log_of(tmp_path, url) as made:
        yield made


def subjects(log: Log) -> list[str]:
    """Whose entries they are, in the order of the chain."""
    with log.desk.store.reading() as session:
        chain = select(AuditEntry.subject_id).order_by(col(AuditEntry.id))
        return list(session.exec(chain))


def test_numbers_have_no_gap(log: Log) -> None:
    """A transaction that comes to nothing leaves none."""
    log.act(2)
    with suppress(ZeroDivisionError), log.desk.store.transaction() as session:
        note(session, log.desk)
        raise ZeroDivisionError
    log.act(1)
    assert log.numbers() == [1, 2, 3]
    assert log.problems() == []


def test_nothing_is_recorded_outside_of_a_transaction_with_a_key(log: Log) -> None:
    """Such an entry would be lost, or pass for an inserted one."""
    engine = log.desk.store.engine
    with (
        pytest.raises(RuntimeError, match="with an audit key"),
        Store(engine).transaction() as session,
    ):
        note(session, log.desk)
    with pytest.raises(RuntimeError, match="with an audit key"), Session(engine) as session:
        note(session, log.desk)
    with (
        pytest.raises(RuntimeError, match="with an audit key"),
        log.desk.store.reading() as session,
    ):
        note(session, log.desk)


def test_fifty_first_acts_at_once(log: Log) -> None:
    """None is lost, also of those that all find an empty log; those of one act stand together."""

    def act(number: int) -> None:
        with log.desk.store.transaction() as session:
            for _ in range(3):
                note(session, log.desk, f"act-{number}")

    with ThreadPoolExecutor(50) as people:
        list(people.map(act, range(50)))
    log.write_head()
    found = subjects(log)
    assert len(found) == 150
    assert all(len(set(found[start : start + 3])) == 1 for start in range(0, 150, 3))
    assert log.problems() == []


def _replica(database_url: str, name: str, told: Connection) -> None:
    store = Store(connect(database_url), AUDIT_KEYS)
    with store.reading():
        told.send("ready")
    for number in range(40):
        with store.transaction() as session:
            product = session.get_one(Product, "seat")
            product.position += 1
            session.add(product)
            at = product.created_at
            record(session, AGENT, "test", ("replica", f"{name}-{number}"), at=at)
    store.close()
    told.send("done")


def test_two_replicas_write_at_once(log: Log, database_url: str) -> None:
    """Processes that change the same row as well: no deadlock, and one chain."""
    replicas = [forked_processes.start(_replica, database_url, name) for name in ("one", "two")]
    assert [replica.says() for replica in replicas] == ["ready", "ready"]
    assert [replica.says() for replica in replicas] == ["done", "done"]
    for replica in replicas:
        replica.process.join()
    log.write_head()
    found = subjects(log)
    for name in ("one", "two"):
        mine = [subject for subject in found if subject.startswith(name)]
        assert mine == [f"{name}-{number}" for number in range(40)]
    assert log.problems() == []


def test_an_act_waits_for_no_longer_act(on_server: Log) -> None:
    """One that recorded its entry and has not committed holds up nobody, and comes later."""
    log = on_server
    with ThreadPoolExecutor(1) as other, log.desk.store.transaction() as session:
        session.add(session.get_one(Product, "seat"))
        note(session, log.desk, "long")
        session.flush()
        other.submit(log.act, 1, 1).result(timeout=PATIENCE_SECONDS)
    assert subjects(log) == ["payment-1", "payment-1", "long"]
    log.write_head()
    assert log.problems() == []


def test_an_act_takes_its_other_locks_before_the_head(on_server: Log) -> None:
    """What is pending is written first: one that waits for a row holds the head for nobody."""
    log = on_server

    def rename() -> None:
        with log.desk.store.transaction() as session:
            product = session.get_one(Product, "seat")
            product.name = "Seat"
            session.add(product)  # nothing is written before the end
            note(session, log.desk, "renamed")

    with ThreadPoolExecutor(2) as others, log.desk.store.transaction() as session:
        product = session.get_one(Product, "seat", with_for_update=True)
        waiting = others.submit(rename)
        others.submit(log.act, 1).result(timeout=PATIENCE_SECONDS)
        assert not waiting.done()
        product.position = 7
        session.add(product)
        note(session, log.desk, "moved")
    waiting.result(timeout=PATIENCE_SECONDS)
    assert subjects(log) == ["payment-1", "moved", "renamed"]
    log.write_head()
    assert log.problems() == []
