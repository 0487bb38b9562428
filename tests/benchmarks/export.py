"""What exports cost: python -m tests.benchmarks.export.

Books of so many payments, each paid, with a fee and a customer, are written to a database of their
own. A process for each format exports all of them as the Payments page does: seconds, payments a
second, the most memory it took, and the size of the file. The same process then takes payments
one after the other while an export runs beside it: the difference to taking them alone is what
the others at the desk feel. A table goes to stderr, JSON to stdout; the exit code is 1 when a
bound is not kept.
"""

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel import SQLModel

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.exports.exported_files import ExportKind, FileFormat
from cardpay.exports.export_builder import ExportBuilder
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.services.desk import Desk
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    CustomerDetail,
    ExportFile,
    Payment,
    PaymentAttempt,
)
from tests.benchmarks import printed
from tests.support.desks import worlds
from tests.support.desks.worlds import AUDIT_KEYS, World

# What an export may take, over a process that has just started.
MOST_ADDED_MIB = 100.0
# How many times as long others may wait for a payment's two steps, at the 95th percentile.
MOST_TIMES_P95 = 2.0
# The least payments a second: a million of CSV or Parquet in a minute, 100,000 of Excel in 15 s.
LEAST_A_SECOND = {
    FileFormat.CSV: 1_000_000 / 60,
    FileFormat.PARQUET: 1_000_000 / 60,
    FileFormat.XLSX: 100_000 / 15,
}
_PART = 10_000
_TAKEN = 60
_ANALYST = Actor("analyst-1", frozenset({Role.ANALYST}), "benchmark")
_NEWEST = datetime(2024, 2, 28, tzinfo=UTC)


@dataclass(frozen=True)
class Found:
    """What was measured. Memory is what the export added to the process's largest.

    `processor_seconds` is what it took of one core: the rest of its time it left to others.
    """

    file_format: str
    payments: int
    seconds: float
    processor_seconds: float
    payments_a_second: float
    added_mib: float
    file_mib: float
    alone_p50_ms: float
    alone_p95_ms: float
    beside_p50_ms: float
    beside_p95_ms: float

    @property
    def is_kept(self) -> bool:
        """Whether the bounds are."""
        return (
            self.added_mib <= MOST_ADDED_MIB
            and self.beside_p95_ms <= MOST_TIMES_P95 * self.alone_p95_ms
            and self.payments_a_second >= LEAST_A_SECOND[FileFormat(self.file_format)]
        )


def rows_of(number: int) -> tuple[tuple[type[SQLModel], dict[str, Any]], ...]:
    """A payment, its customer, its charge and its fee."""
    payment_id = f"00000000-0000-4000-8000-{number:012}"
    at = _NEWEST - timedelta(seconds=number)
    books = {"stripe_account_id": "acct_1", "livemode": False}
    minor = 1_200 + number % 9_000
    amount = {"amount_minor": minor, "currency": "gbp"}
    return (
        (
            Payment,
            {
                **books,
                **amount,
                "id": payment_id,
                "status": "succeeded",
                "display_status": "Succeeded",
                "amount_received_minor": minor,
                "stripe_payment_intent_id": f"pi_{number:024}",
                "latest_charge_id": f"ch_{number:024}",
                "succeeded_at": at + timedelta(seconds=3),
                "product_name": "Consultation, one hour",
                "order_reference": f"SO-{number:07}",
                "search_reference": f"so-{number:07}",
                "card_brand": "visa",
                "card_last4": "4242",
                "taken_by": f"person-{number % 40:02}",
                "created_at": at,
                "updated_at": at,
            },
        ),
        (
            CustomerDetail,
            {
                "payment_id": payment_id,
                "name": f"Customer {number % 50_000:05}",
                "email": f"customer.{number % 50_000:05}@example.com",
                "created_at": at,
            },
        ),
        (
            PaymentAttempt,
            {
                **books,
                **amount,
                "id": f"attempt-{number}",
                "payment_id": payment_id,
                "outcome": "succeeded",
                "stripe_charge_id": f"ch_{number:024}",
                "created_at": at,
            },
        ),
        (
            BalanceTransaction,
            {
                **books,
                "id": f"balance-{number}",
                "stripe_balance_transaction_id": f"txn_{number:024}",
                "stripe_source_id": f"ch_{number:024}",
                "type": "charge",
                "gross_minor": minor,
                "fee_minor": 37,
                "net_minor": minor - 37,
                "currency": "gbp",
                "created_at": at,
            },
        ),
    )


def write_books(store: Store, payments: int) -> None:
    """A past of so many payments, a second apart."""
    numbers = iter(range(payments))
    while part := list(islice(numbers, _PART)):
        by_table: dict[type[SQLModel], list[dict[str, Any]]] = {}
        for number in part:
            for table, row in rows_of(number):
                by_table.setdefault(table, []).append(row)
        with store.transaction() as session:
            for table, rows in by_table.items():
                session.execute(insert(table), rows)


def take_payments(world: World) -> list[float]:
    """How many milliseconds each create and confirm took, without a network."""
    waits = []
    for _ in range(_TAKEN):
        began = time.perf_counter()
        world.pay(world.created(order_reference=uuid4().hex))
        waits.append(1_000 * (time.perf_counter() - began))
    return waits


def most_memory_mib() -> float:
    """Of this process, so far (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def export(desk: Desk, folder: Path, file_format: FileFormat) -> tuple[float, ExportFile]:
    """Seconds, and the finished export."""
    builder = ExportBuilder(desk, folder, ZoneInfo("Europe/London"), timedelta(hours=1))
    began = time.perf_counter()
    export_id = builder.begin(_ANALYST, ExportKind.PAYMENTS, PaymentFilter(), file_format)
    builder.work()
    return time.perf_counter() - began, builder.own(_ANALYST, export_id)


def measure(folder: Path, file_format: FileFormat) -> Found:
    """Alone first: what the process has taken since counts as the export's."""
    files = folder / "exports"
    with worlds.world(folder, database_url=f"sqlite:///{folder / 'desk.db'}") as world:
        alone = take_payments(world)
        before = most_memory_mib()
        busy = time.process_time()
        seconds, made = export(world.desk, files, file_format)
        busy = time.process_time() - busy
        added = most_memory_mib() - before
        beside: list[float] = []
        other = threading.Thread(target=export, args=(world.desk, files, file_format))
        other.start()
        while other.is_alive() and len(beside) < 10 * _TAKEN:
            beside += take_payments(world)
        other.join()
    return Found(
        file_format=file_format,
        payments=made.objects,
        seconds=round(seconds, 1),
        processor_seconds=round(busy, 1),
        payments_a_second=round(made.objects / seconds),
        added_mib=round(added, 1),
        file_mib=round(made.size_bytes / 1024**2, 1),
        alone_p50_ms=round(statistics.median(alone), 1),
        alone_p95_ms=round(_p95(alone), 1),
        beside_p50_ms=round(statistics.median(beside), 1),
        beside_p95_ms=round(_p95(beside), 1),
    )


def _p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=20)[-1]


def lines(found: Found) -> Iterator[str]:
    """The table."""
    heads = ("seconds", "processor", "a second", "MiB added")
    yield f"{'payments':>12} " + " ".join(f"{head:>10}" for head in heads) + f" {'file':>14}"
    yield (
        f"{found.payments:>12,} {found.seconds:>10.1f} {found.processor_seconds:>10.1f} "
        f"{found.payments_a_second:>10,.0f} "
        f"{found.added_mib:>10.1f} {found.file_mib:>7.1f} {found.file_format}"
    )
    yield ""
    yield f"{'create and pay, ms':<24} {'p50':>7} {'p95':>7}"
    yield f"{'alone':<24} {found.alone_p50_ms:>7.1f} {found.alone_p95_ms:>7.1f}"
    yield f"{'beside an export':<24} {found.beside_p50_ms:>7.1f} {found.beside_p95_ms:>7.1f}"


def main() -> None:
    """Write the books here, and measure in a process that has nothing of that in its memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=1_000_000)
    parser.add_argument("--format", choices=[one.value for one in FileFormat], action="append")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    formats = asked.format or [FileFormat.CSV, FileFormat.PARQUET]
    if asked.folder is not None:
        found = measure(asked.folder, FileFormat(formats[0]))
        printed.show([*lines(found)], asdict(found))
        sys.exit(0 if found.is_kept else 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = Store(connect(f"sqlite:///{folder / 'desk.db'}"), AUDIT_KEYS)
        migrate.upgrade(store.engine)
        printed.tell(f"writing {asked.payments:,} payments")
        write_books(store, asked.payments)
        store.close()
        codes = []
        for one in formats:
            of_its_own = folder / one
            of_its_own.mkdir()
            shutil.copy(folder / "desk.db", of_its_own)
            again = [sys.executable, "-m", "tests.benchmarks.export", "--format", one]
            again += ["--folder", str(of_its_own)]
            codes.append(subprocess.run(again, check=False).returncode)
        sys.exit(max(codes))


if __name__ == "__main__":
    main()
