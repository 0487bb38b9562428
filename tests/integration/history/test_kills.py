"""An import that is killed goes on where it stopped: nothing is missing, nothing twice."""

import subprocess
import sys

from tests.benchmarks import backfill as benchmark
from tests.benchmarks.backfill_compared import compare
from tests.benchmarks.list_server import Account
from tests.integration.history.importer import HALTED
from tests.support.servers import ROOT

INTENTS = 700
KILLS = [
    ("after", 1),  # begun, and nothing fetched
    ("before", 2),  # the first pages written, not committed
    ("after", 2),
    ("before", 3),
    ("after", 4),
    ("before", 5),
]


def test_kill_9_at_commits(database_url: str) -> None:
    """Before a commit its pages come again, after it they do not."""
    with benchmark.list_server(INTENTS, latency_ms=0) as url:
        for minutes, (where, number) in enumerate(KILLS):
            halts = [where, str(number)]
            with _importer(database_url, url, 3 * minutes, halts) as process:
                assert process.stdout is not None
                assert process.stdout.readline().strip() == HALTED
                process.kill()
        with _importer(database_url, url, 3 * len(KILLS), ["never"]) as last:
            assert last.wait() == 0
    for kind, difference in compare(database_url, Account(INTENTS)).items():
        assert difference.is_none, (kind, difference)


def _importer(
    database_url: str, url: str, minutes: int, halts: list[str]
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.integration.history.importer",
            database_url,
            url,
            str(minutes),
            *halts,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
