"""Killing an import on its way, ten times, and making sure that each kill struck one."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from sqlmodel import col, func, select

from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import Backfill, BackfillRange
from tests.support.desks.worlds import AUDIT_KEYS
from tests.support.processes.servers import ROOT

KILLS = 10
# On SQLite a killed import's lease lasts two minutes: each next one's clock is further on.
LEASE_MINUTES = 3
_LOOK_SECONDS = 0.01


class Fault(RuntimeError):
    """A kill struck nothing, so that what the import left says nothing about kills."""


def kill_on_the_way(url: str, database: str, objects: int) -> list[int]:
    """`kill -9` it ten times, each a share of its `objects` further on; how many were stored then.

    Each run has stored something new before it is killed, and leaves an unfinished import.
    """
    engine = connect(database)
    migrate.upgrade(engine)
    store = Store(engine, AUDIT_KEYS)
    stored: list[int] = [0]
    for number in range(1, KILLS + 1):
        goal = max(objects * number // (KILLS + 1), stored[-1] + 1)
        _kill_at(store, url, database, number, goal)
        stored.append(_stored(store))
        if _ends(store) != [None]:
            raise Fault(f"kill {number} came when the import had ended")
    store.close()
    return stored[1:]


def _kill_at(store: Store, url: str, database: str, number: int, goal: int) -> None:
    """Start the import again and kill it once so many objects are stored."""
    job = [sys.executable, "-m", "tests.benchmarks.backfill.job", "backfill", url, database]
    ahead = str(LEASE_MINUTES * (number - 1))
    with subprocess.Popen([*job, ahead], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            while _stored(store) < goal and process.poll() is None:
                time.sleep(_LOOK_SECONDS)
        finally:
            process.kill()
    if process.returncode != -signal.SIGKILL:
        raise Fault(f"the import ended by itself before kill {number} ({process.returncode})")


def _stored(store: Store) -> int:
    """How many objects the import has stored until now."""
    with store.reading() as session:
        return session.exec(select(func.coalesce(func.sum(BackfillRange.imported), 0))).one()


def _ends(store: Store) -> Sequence[object]:
    """When each import ended; None for one that has not."""
    with store.reading() as session:
        return session.exec(select(col(Backfill.finished_at))).all()
