"""What the audit log costs: python -m tests.benchmarks.audit_log [--seconds 5] [--rounds 3].

Acts a second of one and of eight writers, each a process of its own, on a PostgreSQL whose commits
wait for the disk. An act changes one row, each writer its own, and records one entry; in turns
with it runs the same without the entry. Meanwhile the head is written down as it always is, and
afterwards the chain is verified. A table goes to stderr, JSON to stdout; the exit code is 1 if
anything is wrong with the chain.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from cardpay.services.audit.record_act import record
from cardpay.services.audit.verify_chain import verify
from cardpay.services.audit.write_heads import EVERY, HeadWriter
from cardpay.services.periodic_task import PeriodicTask
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import Product
from tests.benchmarks import printed
from tests.support.databases import postgresql
from tests.support.desks.worlds import AGENT, AUDIT_KEYS
from tests.support.processes import forked_processes

_WRITERS = (1, 8)
_STARTING_SECONDS = 4.0  # until then each writer is connected, or begins late
# A look at the log ends long after this.
_VERIFIED_AT = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Figures:
    """Medians over the rounds: acts a second of all writers, and how long one act took."""

    writers: int
    audited: bool
    acts_per_second: float
    typical_act_ms: float
    slowest_act_ms: float


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    kinds = [(writers, audited) for writers in _WRITERS for audited in (True, False)]
    rounds: dict[tuple[int, bool], list[list[float]]] = {kind: [] for kind in kinds}
    with (
        postgresql.cluster(durable=True) as server,
        tempfile.TemporaryDirectory() as folder,
        _log(server.url(server.new()), Path(folder)) as (store, heads),
    ):
        for _ in range(given.rounds):
            for writers, audited in kinds:
                waits = _measure(store, writers, given.seconds, audited=audited)
                rounds[writers, audited].append(waits)
        HeadWriter(store, heads, _now).write()
        found = verify(store, AUDIT_KEYS, heads.lines(), _VERIFIED_AT)
    figures = [_figures(*kind, given.seconds, waits) for kind, waits in rounds.items()]
    printed.show(
        [
            f"{'writers':>8} {'entry':>6} {'acts a second':>14} {'typical ms':>11} {'slowest':>8}",
            *(
                f"{one.writers:>8} {'yes' if one.audited else 'no':>6} "
                f"{one.acts_per_second:>14,.0f} {one.typical_act_ms:>11.2f} "
                f"{one.slowest_act_ms:>8.1f}"
                for one in figures
            ),
            f"{found.entries:,} entries verified: {len(found.problems)} problems",
        ],
        [asdict(one) for one in figures],
    )
    return 1 if found.problems else 0


@contextmanager
def _log(url: str, folder: Path) -> Iterator[tuple[Store, HeadsFile]]:
    """A row for each writer, and the head's writer at work."""
    engine = connect(url)
    migrate.upgrade(engine)
    store = Store(engine, AUDIT_KEYS)
    with store.transaction() as session:
        for number in range(max(_WRITERS)):
            session.add(Product(id=f"row-{number}", name="Row", currency="gbp", created_at=_now()))
    heads = HeadsFile(folder / "audit-heads.log")
    writer = HeadWriter(store, heads, _now)
    beside = PeriodicTask("writing the head", EVERY, lambda _go_on: writer.write())
    beside.start()
    try:
        yield store, heads
    finally:
        beside.close()
        store.close()


def _measure(store: Store, writers: int, seconds: float, *, audited: bool) -> list[float]:
    """How many seconds each act took, of all writers."""
    url = store.engine.url.render_as_string(hide_password=False)
    begin_at = time.monotonic() + _STARTING_SECONDS
    running = [
        forked_processes.start(_write, url, f"row-{number}", begin_at, seconds, audited)
        for number in range(writers)
    ]
    waits = [wait for one in running for wait in map(float, one.says().split())]
    for one in running:
        one.process.join()
    return waits


def _write(
    url: str, row: str, begin_at: float, seconds: float, audited: bool, told: Connection
) -> None:
    store = Store(connect(url), AUDIT_KEYS)
    with store.reading() as session:
        session.get_one(Product, row)
    waits: list[float] = []
    time.sleep(max(0.0, begin_at - time.monotonic()))
    end_at = time.monotonic() + seconds
    while (started_at := time.monotonic()) < end_at:
        with store.transaction() as session:
            product = session.get_one(Product, row)
            product.position += 1
            session.add(product)
            if audited:
                at, subject = _now(), ("product", row)
                record(session, AGENT, "catalogue.change", subject, at=at, after={"active": True})
        waits.append(time.monotonic() - started_at)
    told.send(" ".join(f"{wait:.6f}" for wait in waits))
    store.close()


def _figures(writers: int, audited: bool, seconds: float, rounds: list[list[float]]) -> Figures:
    return Figures(
        writers,
        audited,
        acts_per_second=statistics.median(len(waits) / seconds for waits in rounds),
        typical_act_ms=statistics.median(statistics.median(waits) for waits in rounds) * 1_000,
        slowest_act_ms=statistics.median(max(waits) for waits in rounds) * 1_000,
    )


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main())
