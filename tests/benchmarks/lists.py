"""How long a page, and the sums above it, of the lists take, in a database that has payments.

    python -m cardpay demo-data --payments 1000000
    python -m tests.benchmarks.lists sqlite:///var/demo.db

Prints the 95th percentile of 50 reads each, in milliseconds.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.business_days import Days, business_day
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.refund import RefundStatus
from cardpay.reporting.attempts.attempt_filter import AttemptFilter
from cardpay.reporting.attempts.attempts_list import attempt_sums, attempts_page
from cardpay.reporting.customers.customers_list import (
    CustomerFilter,
    customer_payments,
    customers_page,
)
from cardpay.reporting.disputes.dispute_filter import DisputeFilter
from cardpay.reporting.disputes.disputes_list import dispute_sums, disputes_page
from cardpay.reporting.paging import Cursor
from cardpay.reporting.refunds.refund_filter import RefundFilter
from cardpay.reporting.refunds.refunds_list import refund_sums, refunds_page
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import CustomerDetail, Payment

ZONE: Final = ZoneInfo("Europe/London")
ANALYST: Final = Actor("benchmark", frozenset({Role.ANALYST}), "benchmark")
READS: Final = 50
_DECLINED: Final = frozenset({AttemptOutcome.DECLINED})
_SOME: Final = _DECLINED | {AttemptOutcome.SUCCEEDED, AttemptOutcome.AUTHORISED}


def cases(store: Store) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What is read, by name."""
    with store.reading() as session:
        last = session.execute(select(func.max(col(Payment.created_at)))).scalar_one()
        regular = session.execute(
            select(col(CustomerDetail.payment_id))
            .where(col(CustomerDetail.search_name) >= "k")
            .limit(1)
        ).scalar_one()
    day = business_day(last, ZONE)
    month, year = Days(day - timedelta(days=30), day), Days(day - timedelta(days=364), day)
    deep = Cursor(last - timedelta(days=700), "")
    attempts = {
        "all": AttemptFilter(),
        "a month": AttemptFilter(month),
        "a year": AttemptFilter(year),
        "declined": AttemptFilter(statuses=_DECLINED),
        "three outcomes": AttemptFilter(statuses=_SOME),
        "code": AttemptFilter(decline_codes=frozenset({"stolen_card"})),
        "brand": AttemptFilter(brand="amex"),
        "visa": AttemptFilter(brand="visa"),
        "person": AttemptFilter(tried_by="demo-jreyes"),
        "declined, amex": AttemptFilter(statuses=_DECLINED, brand="amex"),
        "code, person": AttemptFilter(
            decline_codes=frozenset({"lost_card"}), tried_by="demo-skowalska"
        ),
        "visa, person": AttemptFilter(brand="visa", tried_by="demo-jreyes"),
        "year, currency": AttemptFilter(year, currency="usd"),
        "code, month": AttemptFilter(month, decline_codes=frozenset({"stolen_card"})),
    }
    for name, chosen in attempts.items():
        yield f"attempts, {name}", partial(attempts_page, store, ANALYST, ZONE, chosen)
        yield "  sums", partial(attempt_sums, store, ANALYST, ZONE, chosen)
    yield "attempts, deep", lambda: attempts_page(store, ANALYST, ZONE, cursor=deep)
    refunds = {
        "all": RefundFilter(),
        "year": RefundFilter(year),
        "failed": RefundFilter(statuses=frozenset({RefundStatus.FAILED})),
        "person": RefundFilter(asked_by="demo-tbyrne"),
        "nobody, month": RefundFilter(month, asked_by="nobody"),
        "duplicate": RefundFilter(reason="duplicate"),
    }
    for name, wanted in refunds.items():
        yield f"refunds, {name}", partial(refunds_page, store, ANALYST, ZONE, wanted)
        yield "  sums", partial(refund_sums, store, ANALYST, ZONE, wanted)
    disputes = {
        "all": DisputeFilter(),
        "lost": DisputeFilter(statuses=frozenset({DisputeStatus.LOST})),
        "reason": DisputeFilter(reason="duplicate"),
    }
    for name, asked in disputes.items():
        yield f"disputes, {name}", partial(disputes_page, store, ANALYST, ZONE, asked)
        yield "  sums", partial(dispute_sums, store, ANALYST, ZONE, asked)
    customers = {
        "all": CustomerFilter(),
        "last a year ago": CustomerFilter(Days(last=day - timedelta(days=365))),
        "search a": CustomerFilter(search="a"),
        "search a name": CustomerFilter(search="jasmine fforde"),
        "search a phone": CustomerFilter(search="07700 900123"),
        "search nobody": CustomerFilter(search="nobody at all"),
    }
    for name, who in customers.items():
        yield f"customers, {name}", partial(customers_page, store, ANALYST, ZONE, who)
    yield "customers, deep", lambda: customers_page(store, ANALYST, ZONE, cursor=deep)
    yield "one customer's payments", lambda: customer_payments(store, ANALYST, regular)


def main() -> None:
    """Read each so many times."""
    store = Store(connect(sys.argv[1]))
    for name, read in cases(store):
        times = []
        for _ in range(READS):
            began = perf_counter()
            read()
            times.append(perf_counter() - began)
        times.sort()
        print(f"{name:32} {times[int(READS * 0.95) - 1] * 1000:8.1f} ms", flush=True)  # noqa: T201
    store.close()


if __name__ == "__main__":
    main()
