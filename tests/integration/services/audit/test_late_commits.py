"""PostgreSQL draws ids in one order and commits in another; SQLite has one writer at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cardpay.services import audit
from cardpay.storage.database.engine import Session
from tests.integration.services.audit.conftest import Log, log_of, sealing
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.desks.worlds import AGENT


@pytest.fixture
def log(
    on_postgresql: PostgresqlDatabases, migrated_postgresql: str, tmp_path: Path
) -> Iterator[Log]:
    """An empty one on PostgreSQL."""
    with on_postgresql.copy(migrated_postgresql) as url, log_of(tmp_path, url) as made:
        yield made


def record(log: Log, session: Session, subject: str) -> None:
    """An act in somebody's transaction."""
    audit.record(session, AGENT, "payment.create", ("payment", subject), at=log.desk.now())
    session.flush()


def test_an_act_that_commits_late_is_sealed_late(log: Log) -> None:
    """Entries with higher ids are sealed meanwhile, and nobody waits for anybody."""
    late = Session(log.desk.store.engine)
    record(log, late, "late")
    log.seal(3)
    log.seal(2)
    assert [settled for _, _, settled in log.seals()] == [0, 0]
    found = log.check()
    assert (found.entries, found.unsealed, found.problems) == (5, 0, ())
    late.commit()
    late.close()
    assert log.check().unsealed == 1
    log.seal()
    assert log.seals()[-1] == (3, 1, 6)
    assert log.is_clean


def test_what_is_settled_moves_on_however_busy_the_desk(log: Log) -> None:
    """Some transaction is always inserting; those of the last look have ended."""
    before = Session(log.desk.store.engine)
    record(log, before, "1")
    for number in range(2, 6):
        after = Session(log.desk.store.engine)
        record(log, after, str(number))
        log.seal()
        before.commit()
        before.close()
        before = after
        log.seal()
    before.rollback()
    before.close()
    settled = [settled for _, _, settled in log.seals()]
    assert settled == sorted(settled)
    assert settled[-1] >= 2
    log.seal()
    assert log.is_clean


def test_fifty_acts_and_a_late_one_lose_none(log: Log) -> None:
    """Two sealers run through all of it, and the log checks at every moment."""
    late = Session(log.desk.store.engine)
    record(log, late, "late")
    with sealing(log, 2), ThreadPoolExecutor(50) as people:
        list(people.map(lambda _: log.act(4), range(50)))
        assert log.check().problems == ()
        late.commit()
        late.close()
    log.seal()
    found = log.check()
    assert (found.entries, found.unsealed, found.problems) == (201, 0, ())


def test_a_late_act_that_comes_to_nothing_leaves_no_door(log: Log) -> None:
    """Its number is settled with the next seal: what is inserted there is found."""
    late = Session(log.desk.store.engine)
    record(log, late, "late")
    log.seal(2)
    late.rollback()
    late.close()
    log.seal(1)
    assert log.seals() == [(1, 2, 0), (2, 1, 4)]
    with log.desk.store.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit_entry SELECT 1, at, actor_id, roles, origin, act, subject_kind,"
            " subject_id, before, after FROM audit_entry WHERE id = 2"
        )
    log.seal()
    assert log.check().problems == ("Entry 1 was inserted: it stands in no seal.",)
