"""Many seeds one after the other, or shared by processes, each with a database of its own."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.queues import SimpleQueue
from typing import Any, Generic, TypeVar

from tests.support.databases import postgresql
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.databases.postgresql import Cluster, Shape

_Run = TypeVar("_Run")
Simulate = Callable[[int, str | None], _Run]
RunEach = Callable[[Iterable[int]], Iterator[_Run]]

_SEEDS_AT_ONCE = 4  # few, so that no process is left with the last ones


class _Database:
    """One on PostgreSQL, emptied before each seed: that takes less than to make another."""

    def __init__(self, cluster: Cluster, name: str, shape: Shape) -> None:
        self._cluster = cluster
        self._name = name
        self._shape = shape

    def empty(self) -> str:
        """Its URL, when no row is left."""
        if not self._cluster.emptied(self._name, self._shape):
            raise RuntimeError("a seed has changed more than rows")
        return self._cluster.url(self._name)


class _Simulator(Generic[_Run]):
    """What one process does with a seed."""

    def __init__(self, simulate: Simulate[_Run], database: _Database | None) -> None:
        self._simulate = simulate
        self._database = database

    def run(self, seed: int) -> _Run:
        """The seed's run."""
        return self._simulate(seed, self._database.empty() if self._database else None)


_of_this_process: list[_Simulator[Any]] = []


def _begin(simulate: Simulate[_Run], databases: "SimpleQueue[_Database | None]") -> None:
    _of_this_process.append(_Simulator(simulate, databases.get()))


def _run(seed: int) -> Any:
    return _of_this_process[0].run(seed)


@contextmanager
def seed_runner(
    simulate: Simulate[_Run], processes: int, on_postgresql: bool
) -> Iterator[RunEach[_Run]]:
    """What gives the runs of seeds, in the order of the seeds."""
    with ExitStack() as stack:
        databases: list[_Database | None] = [None] * processes
        if on_postgresql:
            cluster = stack.enter_context(postgresql.cluster(autovacuum=False))
            template = PostgresqlDatabases(cluster).template()
            shape = cluster.shape(template)
            databases = [_Database(cluster, cluster.new(template), shape) for _ in databases]
        if processes == 1:
            alone = _Simulator(simulate, databases[0])
            yield lambda seeds: map(alone.run, seeds)
            return
        context = multiprocessing.get_context("fork")
        queue = context.SimpleQueue()
        for database in databases:
            queue.put(database)
        pool = stack.enter_context(context.Pool(processes, _begin, [simulate, queue]))
        yield lambda seeds: pool.imap(_run, seeds, _SEEDS_AT_ONCE)
