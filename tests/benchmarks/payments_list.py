"""What a page of Payments costs: python -m tests.benchmarks.payments_list DATABASE_URL.

The database has a past of `python -m cardpay demo-data`. Each filter, each search and each pair of
them is read as the Payments page does, some times over: the first page, the page after it, and
the count and sums above the list. A table goes to stderr, JSON to stdout: milliseconds that
passed, and that the processor of this process worked, at the 95th percentile. The exit code is 1
when a bound is not kept by what passed.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.business_days import Days, business_day
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.paging import Cursor, Page
from cardpay.reporting.payments.filter_choices import filter_choices
from cardpay.reporting.payments.payment_filter import DayOf, PaymentFilter
from cardpay.reporting.payments.payment_totals import payment_totals
from cardpay.reporting.payments.payments_list import Paging, SortedBy, payments_page
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import CustomerDetail, Payment
from tests.benchmarks import printed

MOST_PAGE_MS: Final = 100.0
MOST_TOTALS_MS: Final = 500.0
_ANALYST: Final = Actor("analyst-1", frozenset({Role.ANALYST}), "benchmark")
_ZONE: Final = ZoneInfo("Europe/London")
_NOW: Final = datetime.now(UTC)


@dataclass(frozen=True)
class Found:
    """One filter's times, in milliseconds at the 95th percentile."""

    chosen: str
    payments: int
    page_ms: float
    page_processor_ms: float
    totals_ms: float
    totals_processor_ms: float

    @property
    def is_kept(self) -> bool:
        """Whether the bounds are."""
        return self.page_ms <= MOST_PAGE_MS and self.totals_ms <= MOST_TOTALS_MS


def filters(store: Store) -> dict[str, dict[str, Any]]:
    """One of each, by the values that these books have."""
    offered = filter_choices(store, _ANALYST, datetime.now(UTC))
    with store.reading() as session:
        last = session.execute(select(func.max(Payment.created_at))).scalar_one()
        row = session.execute(
            select(Payment, CustomerDetail)
            .join(CustomerDetail, col(CustomerDetail.payment_id) == col(Payment.id))
            .where(col(Payment.created_at) < last - timedelta(days=20))
            .order_by(col(Payment.created_at).desc())
            .limit(1)
        ).one()
    payment, customer = row
    day = business_day(last, _ZONE)
    some: dict[str, dict[str, Any]] = {
        "nothing": {},
        "yesterday": {"days": Days(day - timedelta(days=1), day - timedelta(days=1))},
        "a month": {"days": Days(day - timedelta(days=60), day - timedelta(days=31))},
        "a year, by paid": {
            "days": Days(day - timedelta(days=500), day - timedelta(days=135)),
            "by": DayOf.PAID,
        },
        "declined": {"statuses": frozenset({DisplayStatus.DECLINED})},
        "succeeded": {"statuses": frozenset({DisplayStatus.SUCCEEDED})},
        "disputed": {"statuses": frozenset({DisplayStatus.DISPUTED})},
        "amount": {"amount_from": payment.amount_minor, "amount_to": payment.amount_minor},
        "amounts": {"amount_from": 10_000, "amount_to": 30_000, "currency": payment.currency},
        "last four": {"last4": payment.card_last4},
        "telephone": {"moto": True},
        "not by telephone": {"moto": False},
        "by link": {"by_link": True},
        "elsewhere": {"elsewhere": True},
    }
    for name, field, values in (
        ("currency", "currency", offered.currencies),
        ("product", "product", offered.products),
        ("taken by", "taken_by", tuple(offered.people)),
        ("brand", "brand", offered.brands),
        ("code", "decline_code", offered.decline_codes),
        ("method", "method", offered.methods),
        ("country", "country", offered.countries),
        ("settled in", "settled_in", offered.settled_in),
        ("not settled in", "not_settled_in", offered.settled_in),
        ("hour", "weekday_and_hour", ("1-09", "7-04")),
    ):
        for value in (values[0], values[-1]):
            some[f"{name} {value}"] = {field: value}
    words = (customer.name or "").split()
    for text in (
        payment.order_reference,
        payment.order_reference[:3],
        payment.order_reference[-4:],
        payment.card_last4 or "4242",
        words[0],
        words[-1][:4],
        customer.name,
        "a",
        customer.email,
        "@" + (customer.email or "@").rpartition("@")[2],
        customer.phone or "01632 960123",
        payment.stripe_payment_intent_id or "pi_none",
        "245",
        "nothing like it",
    ):
        some[f"search {text}"] = {"search": text}
    return some


def times(run: Callable[[], object], repeats: int) -> tuple[float, float]:
    """What passed, and what the processor worked, in milliseconds at the 95th percentile."""
    passed, worked = [], []
    for _ in range(repeats):
        began, busy = time.perf_counter(), time.process_time()
        run()
        passed.append(1_000 * (time.perf_counter() - began))
        worked.append(1_000 * (time.process_time() - busy))
    return _p95(passed), _p95(worked)


def _p95(values: list[float]) -> float:
    return round(statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0], 1)


def measure(store: Store, name: str, chosen: PaymentFilter, repeats: int) -> Found:
    """The slower one of the first page and the one after it; the totals fewer times."""
    paging = Paging(SortedBy.NEWEST, 50)

    def page(cursor: Cursor | None = None) -> Page:
        return payments_page(store, _ANALYST, chosen, cursor, paging=paging, zone=_ZONE, now=_NOW)

    def totals() -> object:
        return payment_totals(store, _ANALYST, chosen, _ZONE, _NOW)

    page_ms, page_busy = times(page, repeats)
    if (older := page().older) is not None:
        next_ms, next_busy = times(lambda: page(older), repeats)
        page_ms, page_busy = max(page_ms, next_ms), max(page_busy, next_busy)
    totals_ms, totals_busy = times(totals, max(1, repeats // 5))
    found = payment_totals(store, _ANALYST, chosen, _ZONE, _NOW).payments
    return Found(name, found, page_ms, page_busy, totals_ms, totals_busy)


def main() -> int:
    """Measure everything and print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("database_url")
    options.add_argument("--repeats", type=int, default=50)
    options.add_argument("--pairs", action="store_true", help="every pair of filters as well")
    options.add_argument("--only", default="", help="filters whose name begins so")
    given = options.parse_args()
    store = Store(connect(given.database_url))
    some = {name: one for name, one in filters(store).items() if name.startswith(given.only)}
    cases = dict(some)
    if given.pairs:
        for (first, one), (second, other) in combinations(some.items(), 2):
            if not one.keys() & other.keys():
                cases[f"{first} + {second}"] = one | other
    results = []
    for name, one in cases.items():
        results.append(measure(store, name, replace(PaymentFilter(), **one), given.repeats))
        row = results[-1]
        printed.tell(
            f"{row.payments:>9,}  page {row.page_ms:>7} ({row.page_processor_ms:>6})"
            f"  totals {row.totals_ms:>7} ({row.totals_processor_ms:>6})  {name}"
        )
    store.close()
    printed.show([], [asdict(row) for row in results])
    return 0 if all(row.is_kept for row in results) else 1


if __name__ == "__main__":
    sys.exit(main())
