"""What the list of payments costs beside others: python -m tests.benchmarks.peers_of_lists.

In one run over the same made-up payments: the desk's own first page, search and filter, each with
the count and sums above the list; DuckDB over the desk's Parquet export; `pandas.read_sql` of
every payment, which is then filtered; and dj-stripe's admin list, whose search knows ids alone.
All answer from SQLite or a file, and none draws anything. dj-stripe's list has neither sums nor a
customer, and DuckDB's file is as old as its export: that is what the desk's time buys.
A table goes to stderr, JSON to stdout: milliseconds at the median, and how many times the desk's
own each is.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import func, select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.business_days import Days
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payment_totals import payment_totals
from cardpay.reporting.payments.payments_list import Paging, payments_page
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import Payment
from tests.benchmarks import printed
from tests.benchmarks.peers import installing

FIRST_PAGE, SEARCH, FILTER = "first page", "search", "filter"
_DJ_STRIPE_ADMIN: Final = Path(installing.__file__).with_name("dj_stripe_admin.py")
_DUCKDB_LIST: Final = Path(installing.__file__).with_name("duckdb_list.py")
_ANALYST: Final = Actor("analyst-1", frozenset({Role.ANALYST}), "benchmark")
_UTC: Final = ZoneInfo("UTC")
_REPEATS: Final = 11


@dataclass(frozen=True)
class Asked:
    """What every contender is asked for: a payment by its id, and those of some days."""

    intent_id: str
    first: date
    last: date


def main() -> int:
    """Measure all, and tell."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--payments", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--cache", type=Path, default=installing.default_cache())
    options.add_argument("--database", type=Path, help="an SQLite file that has the payments")
    given = options.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        file = given.database or place / "desk.db"
        settings = {"CARDPAY_DATABASE_URL": f"sqlite:///{file.resolve()}"}
        if given.database is None:
            numbers = ("--payments", str(given.payments), "--seed", str(given.seed))
            _cardpay(settings, "demo-data", *numbers)
        store = Store(connect(settings["CARDPAY_DATABASE_URL"]))
        asked = _what_to_ask(store)
        found = {
            "cardpay": _desk(store, asked),
            "pandas": _pandas(settings["CARDPAY_DATABASE_URL"], asked),
            "DuckDB": _duckdb(settings, given.cache, place, asked),
            "dj-stripe": _dj_stripe(store, given.cache, place, asked),
        }
        with store.reading() as session:
            payments = session.execute(select(func.count()).select_from(Payment)).scalar_one()
        store.close()
    ratios = {
        name: {read: round(ms / found["cardpay"][read], 2) for read, ms in times.items()}
        for name, times in found.items()
    }
    lines = [f"{payments:,} payments"]
    lines += [
        f"{name:10} {read:11} {ms:9.1f} ms  {ratios[name][read]:8.2f} times the desk's own"
        for name, times in found.items()
        for read, ms in times.items()
    ]
    printed.show(lines, {"payments": payments, "median_ms": found, "ratios": ratios})
    return 0


def _what_to_ask(store: Store) -> Asked:
    """A payment and days of a month ago."""
    with store.reading() as session:
        last = session.execute(select(func.max(Payment.created_at))).scalar_one()
        intent_id = session.execute(
            select(col(Payment.stripe_payment_intent_id))
            .where(
                col(Payment.created_at) < last - timedelta(days=20),
                col(Payment.stripe_payment_intent_id).is_not(None),
            )
            .order_by(col(Payment.created_at).desc())
            .limit(1)
        ).scalar_one()
    day = last.date()
    return Asked(str(intent_id), day - timedelta(days=60), day - timedelta(days=31))


def _desk(store: Store, asked: Asked) -> dict[str, float]:
    now = datetime.now(UTC)

    def page(chosen: PaymentFilter) -> None:
        found = payments_page(store, _ANALYST, chosen, None, paging=Paging(), zone=_UTC, now=now)
        assert not found.frame.empty
        payment_totals(store, _ANALYST, chosen, _UTC, now)

    return {
        FIRST_PAGE: _median(partial(page, PaymentFilter())),
        SEARCH: _median(partial(page, PaymentFilter(search=asked.intent_id))),
        FILTER: _median(partial(page, PaymentFilter(days=Days(asked.first, asked.last)))),
    }


def _pandas(database_url: str, asked: Asked) -> dict[str, float]:
    """Every row, as a page that begins with pandas would read it at each press."""
    engine = connect(database_url)
    begins, ends = (pd.Timestamp(one) for one in (asked.first, asked.last + timedelta(days=1)))

    def read(chosen: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        with engine.connect() as connection:
            frame = pd.read_sql("SELECT * FROM payment", connection, parse_dates=["created_at"])
        found = chosen(frame)
        assert not found.nlargest(25, "created_at").empty
        found.groupby("currency")["amount_received_minor"].agg(["count", "sum"])

    try:
        return {
            FIRST_PAGE: _median(partial(read, lambda frame: frame), 3),
            SEARCH: _median(
                partial(
                    read, lambda all_: all_[all_["stripe_payment_intent_id"] == asked.intent_id]
                ),
                3,
            ),
            FILTER: _median(
                partial(
                    read,
                    lambda all_: all_[
                        (all_["created_at"] >= begins) & (all_["created_at"] < ends)
                    ],
                ),
                3,
            ),
        }
    finally:
        engine.dispose()


def _duckdb(
    settings: Mapping[str, str], cache: Path, place: Path, asked: Asked
) -> dict[str, float]:
    file = place / "payments.parquet"
    days = ("--from", "2000-01-01", "--to", "2999-12-31")
    _cardpay(settings, "export", "payments", *days, "--format", "parquet", "--out", str(file))
    return _told(
        str(installing.duckdb(cache) / "python"),
        str(_DUCKDB_LIST),
        *(str(file), asked.intent_id, str(asked.first), str(asked.last), str(_REPEATS)),
    )


def _dj_stripe(store: Store, cache: Path, place: Path, asked: Asked) -> dict[str, float]:
    file = place / "payments.csv"
    with file.open("w", encoding="utf-8", newline="") as text, store.reading() as session:
        lines = csv.writer(text)
        lines.writerow(("id", "created", "amount", "currency"))
        columns = (
            col(Payment.stripe_payment_intent_id),
            col(Payment.created_at),
            col(Payment.amount_minor),
            col(Payment.currency),
        )
        lines.writerows(
            (intent_id, created_at.isoformat(), amount, currency)
            for intent_id, created_at, amount, currency in session.execute(
                select(*columns).where(columns[0].is_not(None))
            )
        )
    ends = asked.last + timedelta(days=1)
    return _told(
        str(installing.dj_stripe(cache) / "python"),
        str(_DJ_STRIPE_ADMIN),
        *(str(file), asked.intent_id, str(asked.first), str(ends), str(_REPEATS)),
        PEER_DATABASE=str(place / "dj-stripe.db"),
    )


def _cardpay(settings: Mapping[str, str], *arguments: str) -> None:
    command = (sys.executable, "-m", "cardpay", *arguments)
    subprocess.run(command, env={**os.environ, **settings}, check=True, stdout=sys.stderr)


def _told(*command: str, **settings: str) -> dict[str, float]:
    done = subprocess.run(
        command, env={**os.environ, **settings}, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _median(read: Callable[[], object], repeats: int = _REPEATS) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        read()
        times.append(1_000 * (time.perf_counter() - began))
    return statistics.median(times)


if __name__ == "__main__":
    raise SystemExit(main())
