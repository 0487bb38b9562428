"""How fast a long past is imported: python -m tests.benchmarks.backfill.

A list server stands for Stripe, each of its answers taking some 150 ms. In turn, with the same
parallelism: the bare download (the same lists, page by page, JSON read and thrown away), and the
backfill into SQLite and into PostgreSQL, each a process of its own. Then the peak memory at a
tenth of the size, and a backfill that is killed ten times on the way. With `--dj-stripe N`
dj-stripe's own sync of N PaymentIntents runs beside a backfill of as many.

Each run is told on stderr as it ends, and a table of all at last; JSON goes to stdout. The exit
code is 1 when a bound is not kept.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cardpay.domain.history.stripe_read_limits import REQUESTS_PER_SECOND
from cardpay.domain.stripe_account import Mode
from cardpay.gateway.stripe_gateway import API_VERSION
from cardpay.services.history.run_import import PARALLEL
from tests.benchmarks.backfill.compared import Difference, compare
from tests.benchmarks.backfill.kills import KILLS, LEASE_MINUTES, kill_on_the_way
from tests.benchmarks.backfill.list_server import Account
from tests.benchmarks.peers import installing
from tests.benchmarks.printed import show, tell
from tests.support.databases import postgresql
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.processes.servers import ROOT, free_port

# Asked of the import.
MOST_TIMES_THE_DOWNLOAD = 1.3
MOST_TIMES_THE_MEMORY = 1.2


@dataclass(frozen=True)
class Took:
    """One run: wall-clock and processor seconds, peak memory, requests."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    requests: int


@dataclass
class Found:
    """All that was measured. `killed`: what the import that was killed got wrong.

    `kills` tells how many objects it had stored at each kill.
    """

    intents: int
    latency_ms: float
    parallel: int = PARALLEL
    requests_per_second: float = REQUESTS_PER_SECOND[Mode.LIVE]
    runs: dict[str, list[Took]] = field(default_factory=dict)
    small: dict[str, Took] = field(default_factory=dict)
    kills: dict[str, list[int]] = field(default_factory=dict)
    killed: dict[str, dict[str, Difference]] = field(default_factory=dict)
    peer: dict[str, float] = field(default_factory=dict)

    def seconds(self, name: str) -> float:
        """The median."""
        return statistics.median(took.seconds for took in self.runs[name])

    def times_the_download(self, name: str) -> float:
        """How much longer than the bare download."""
        return self.seconds(name) / self.seconds("download")

    def times_the_memory(self, name: str) -> float:
        """Peak memory beside that at a tenth of the size."""
        peak = max(took.peak_mib for took in self.runs[name])
        return peak / self.small[name].peak_mib

    @property
    def kept(self) -> bool:
        """Whether every bound is."""
        databases = [name for name in self.runs if name != "download"]
        return (
            all(self.times_the_download(name) <= MOST_TIMES_THE_DOWNLOAD for name in databases)
            and all(self.times_the_memory(name) <= MOST_TIMES_THE_MEMORY for name in self.small)
            and all(one.is_none for found in self.killed.values() for one in found.values())
        )


@contextmanager
def list_server(intents: int, latency_ms: float) -> Iterator[str]:
    """The address of an account with so many PaymentIntents."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.backfill.list_server", f"--port={port}"]
    options = [f"--intents={intents}", f"--latency-ms={latency_ms}"]
    with subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def run(job: str, *options: str) -> Took:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.backfill.job", job, *options]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return Took(**json.loads(done.stdout))


def dj_stripe(url: str, database: str, cache: Path) -> float:
    """Seconds of dj-stripe's own sync of the same lists."""
    cache.mkdir(parents=True, exist_ok=True)
    peers = Path(__file__).parents[1] / "peers"
    python = installing.dj_stripe(cache) / "python"
    settings = {
        "PEER_DATABASE_URL": database,
        "PEER_SECRET_KEY": "sk_test_cardpayBenchmarkLists0001",
        "PEER_WEBHOOK_SECRET": "",
        "PEER_API_BASE": url,
        "PEER_API_VERSION": API_VERSION,
    }
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [str(python), str(peers / "dj_stripe_sync.py")],
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=said,
            check=True,
        )
    return float(done.stdout)


class Databases:
    """New databases of both kinds, for as long as the benchmark runs."""

    def __init__(self, stack: ExitStack, chosen: list[str]) -> None:
        self._stack = stack
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self._number = 0
        self.kinds = chosen
        self._cluster = (
            PostgresqlDatabases(stack.enter_context(postgresql.cluster()))
            if "postgresql" in chosen
            else None
        )

    def new(self, kind: str) -> str:
        """The URL of an empty one."""
        self._number += 1
        if kind == "sqlite":
            return f"sqlite:///{self._folder / f'{self._number}.db'}"
        assert self._cluster is not None
        return self._stack.enter_context(self._cluster.copy())


def measure(given: argparse.Namespace) -> Found:
    """Everything, in turn."""
    found = Found(given.intents, given.latency_ms)
    with ExitStack() as stack:
        databases = Databases(stack, given.databases)
        url = stack.enter_context(list_server(given.intents, given.latency_ms))
        for _ in range(given.rounds):
            took = _told("download", run("download", url, str(given.intents)))
            found.runs.setdefault("download", []).append(took)
            for kind in databases.kinds:
                took = _told(kind, run("backfill", url, databases.new(kind)))
                found.runs.setdefault(kind, []).append(took)
        with list_server(given.intents // 10, given.latency_ms) as small:
            for kind in databases.kinds:
                took = run("backfill", small, databases.new(kind))
                found.small[kind] = _told(f"{kind}, a tenth", took)
        for kind in databases.kinds if given.kills else []:
            database = databases.new(kind)
            account = Account(given.intents)
            found.kills[kind] = kill_on_the_way(url, database, account.total())
            run("backfill", url, database, str(LEASE_MINUTES * KILLS))
            found.killed[kind] = compare(database, account)
            tell(*_lines_of_kills(kind, found))
    if given.dj_stripe:
        found.peer = beside_dj_stripe(given.dj_stripe, given.cache)
    return found


def beside_dj_stripe(intents: int, cache: Path) -> dict[str, float]:
    """Seconds of both for so many PaymentIntents.

    Without any latency: dj-stripe asks for each object by itself, one after the other.
    """
    with list_server(intents, latency_ms=0) as url, ExitStack() as stack:
        databases = Databases(stack, ["postgresql"])
        took = _told("cardpay", run("backfill", url, databases.new("postgresql")))
        seconds = dj_stripe(url, databases.new("postgresql"), cache)
        tell(f"dj-stripe: {seconds:.1f} s for {intents:,}")
    return {"cardpay": took.seconds, "dj-stripe": seconds}


def _told(name: str, took: Took) -> Took:
    tell(
        f"{name}: {took.seconds:.1f} s, {took.cpu_seconds:.1f} s of processor, "
        f"{took.peak_mib:.0f} MiB"
    )
    return took


def _lines_of_kills(kind: str, found: Found) -> list[str]:
    """When an import was killed, and what each kind of object came to."""
    lines = [f"{kind}, killed {KILLS} times, at {found.kills[kind]} objects:"]
    lines += [
        f"  {name}: {one.missing} missing, {one.doubled} doubled, {one.unknown} unknown, "
        f"{one.otherwise} otherwise than at Stripe"
        for name, one in found.killed[kind].items()
    ]
    return lines


def report(found: Found) -> bool:
    """Print what was found; whether all bounds are kept."""
    lines = [
        f"{found.intents:,} PaymentIntents with what followed, {found.latency_ms:.0f} ms an "
        f"answer, {found.parallel} at once",
        f"{'':<14}{'seconds':>9}{'× download':>12}{'processor':>11}{'requests':>10}"
        f"{'peak MiB':>10}{'× a tenth':>11}",
    ]
    for name, runs in found.runs.items():
        times = f"{found.times_the_download(name):>12.2f}"
        memory = f"{found.times_the_memory(name):>11.2f}" if name in found.small else f"{'':>11}"
        lines.append(
            f"{name:<14}{found.seconds(name):>9.1f}{times}{runs[-1].cpu_seconds:>11.1f}"
            f"{runs[-1].requests:>10,}{runs[-1].peak_mib:>10.0f}{memory}"
        )
    for name in found.killed:
        lines += _lines_of_kills(name, found)
    lines += [f"{name}: {seconds:.1f} s" for name, seconds in found.peer.items()]
    lines.append(
        f"at most {MOST_TIMES_THE_DOWNLOAD} × the download and {MOST_TIMES_THE_MEMORY} × the "
        f"memory, all there once and as at Stripe: {'yes' if found.kept else 'NO'}"
    )
    show(lines, {**asdict(found), "kept": found.kept})
    return found.kept


def main() -> int:
    """0 when each bound is kept."""
    parser = argparse.ArgumentParser(description="Import of a long past, beside its download.")
    parser.add_argument("--intents", type=int, default=100_000)
    parser.add_argument("--latency-ms", type=float, default=150.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--no-kills", dest="kills", action="store_false")
    parser.add_argument("--dj-stripe", type=int, nargs="?", const=5_000, default=0, metavar="N")
    parser.add_argument("--cache", type=Path, default=installing.default_cache())
    given: Any = parser.parse_args()
    return 0 if report(measure(given)) else 1


if __name__ == "__main__":
    sys.exit(main())
