"""What Insights costs: python -m tests.benchmarks.insights DATABASE_URL.

Of a database that `python -m cardpay demo-data --payments N` has filled. The totals of its days
are brought up to date first; then each read is made fifty times, as the page makes it. A table
goes to stderr, JSON to stdout; the exit code is 1 when a bound is not kept at the 95th percentile.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.business_days import Days
from cardpay.domain.payment.totals import Split
from cardpay.reporting.insights.insights import InsightsFilter, insights
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.day_totals.kept_totals import (
    ReadTotals,
    days_of_books,
    days_to_keep,
    keep_day,
)
from tests.benchmarks import printed

_RUNS = 50
# In milliseconds, as the page promises.
_MOST_BY_DAY = 100.0
_MOST_A_CHART = 300.0


def main() -> int:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url")
    parser.add_argument("--zone", default="Europe/London")
    given = parser.parse_args()
    store, zone = Store(connect(given.database_url)), ZoneInfo(given.zone)
    now = datetime.now(UTC)
    began = time.perf_counter()
    with store.reading() as session:
        books = days_of_books(session, zone, now)
        changed = days_to_keep(session, books, zone)
    for day in changed:
        with store.transaction() as session:
            keep_day(session, day, zone)
    kept_seconds = time.perf_counter() - began
    _, today = books.closed()
    year = Days(today - timedelta(days=364), today)
    reads: dict[str, tuple[Callable[[], object], float]] = {
        "a year by day and currency": (
            partial(_read, store, year, zone, Split.NOTHING, by_day=True),
            _MOST_BY_DAY,
        )
    }
    for split in Split:
        if split is not Split.NOTHING:
            read = partial(_read, store, year, zone, split, by_day=False)
            reads[f"a year by {split}"] = (read, _MOST_A_CHART)

    def in_one(split: Split = Split.NOTHING, *, by_day: bool = False) -> object:
        with store.reading() as session:
            return ReadTotals(session, year, zone).settled(year, "gbp", split, by_day=by_day)

    reads["a year by day, all in one currency"] = (partial(in_one, by_day=True), _MOST_BY_DAY)
    reads["a year by product, all in one currency"] = (
        partial(in_one, Split.PRODUCT),
        _MOST_A_CHART,
    )
    found = {name: _percentile(read) for name, (read, _) in reads.items()}
    page = partial(insights, store, SYSTEM, InsightsFilter(year), zone, now)
    found["all of the page, a year beside the one before"] = _percentile(page)
    page = partial(insights, store, SYSTEM, InsightsFilter(year, reporting="gbp"), zone, now)
    found["the same, all in one currency"] = _percentile(page)
    lines = [f"{milliseconds:8.1f} ms  {name}" for name, milliseconds in found.items()]
    lines.append(f"{kept_seconds:8.1f} s   keeping {len(changed)} days")
    printed.show(lines, {"kept_days": len(changed), "kept_s": kept_seconds, "p95_ms": found})
    store.close()
    return int(any(found[name] > most for name, (_, most) in reads.items()))


def _read(store: Store, days: Days, zone: ZoneInfo, split: Split, *, by_day: bool) -> object:
    with store.reading() as session:
        return ReadTotals(session, days, zone).sums(days, split, by_day=by_day)


def _percentile(read: Callable[[], object]) -> float:
    """The 95th, in milliseconds."""
    times = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        read()
        times.append(time.perf_counter() - began)
    return sorted(times)[int(_RUNS * 0.95) - 1] * 1_000


if __name__ == "__main__":
    raise SystemExit(main())
