"""An import that is killed goes on where it stopped: nothing is missing, nothing twice."""

import pytest

from tests.benchmarks.backfill import __main__ as benchmark
from tests.benchmarks.backfill.compared import compare
from tests.benchmarks.backfill.list_server import Account
from tests.integration.services.history.importer import DONE, HALTED, work
from tests.support.processes import forked_processes

INTENTS = 700
KILLS = [
    ("after", 1),  # begun, and nothing fetched
    ("before", 2),  # the first pages written, not committed
    ("after", 2),
    ("before", 3),
    ("after", 4),
    ("before", 5),
]


@pytest.mark.one_database
def test_kill_9_at_commits(database_url: str) -> None:
    """Before a commit its pages come again, after it they do not."""
    with benchmark.list_server(INTENTS, latency_ms=0) as url:
        for minutes, halt in enumerate(KILLS):
            halting = forked_processes.start(work, database_url, url, 3 * minutes, halt)
            assert halting.says() == HALTED
            halting.kill()
        last = forked_processes.start(work, database_url, url, 3 * len(KILLS), None)
        assert last.says() == DONE
        last.process.join()
    for kind, difference in compare(database_url, Account(INTENTS)).items():
        assert difference.is_none, (kind, difference)
