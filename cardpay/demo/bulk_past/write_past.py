"""Writing a past of any size into books that are empty, and summing up what was written."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any, Final

from sqlmodel import SQLModel

from cardpay.demo.bulk_past.ledger import Ledger
from cardpay.demo.bulk_past.order_course import course_of
from cardpay.demo.bulk_past.order_rows import OrderRows
from cardpay.demo.past.shown_first import with_open_work
from cardpay.demo.plan.company_products import PRODUCTS
from cardpay.demo.plan.made_up_people import CUSTOMERS, STAFF
from cardpay.demo.plan.planned_orders import Plan, PlannedOrder
from cardpay.domain.business_days import day_begins
from cardpay.domain.errors import StartRefused
from cardpay.domain.product_rules import name_key
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.services import database_account
from cardpay.storage.catalogue import products
from cardpay.storage.database.bulk_load import Loading, Row, loading
from cardpay.storage.database.engine import Store
from cardpay.storage.payments.past_rows import has_books, row_of
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    CustomerDetail,
    CustomerWord,
    Desk,
    Dispute,
    Operation,
    Payment,
    PaymentAttempt,
    PaymentLink,
    Payout,
    Person,
    Product,
    Refund,
)

Told = Callable[[float, str], None]

# Each after those that it refers to; those with a word are counted in the summary.
_TABLES: Final[dict[type[SQLModel], str]] = {
    Person: "",
    Product: "",
    Payment: "payments",
    CustomerDetail: "customers' details",
    CustomerWord: "",
    PaymentLink: "payment links",
    Operation: "operations",
    PaymentAttempt: "attempts",
    Refund: "refunds",
    Dispute: "disputes",
    BalanceTransaction: "balance transactions",
    Payout: "payouts",
}
_SHOWN_FIRST: Final = 10  # days
_ORDERS_A_DAY: Final = 7.3  # of a small company, whose past is as long as it takes
_DAY: Final = timedelta(days=1)
_LONGEST: Final = timedelta(days=3 * 365)
_SHORTEST: Final = timedelta(days=60)
_PAYMENTS_A_CUSTOMER: Final = 5


@dataclass
class Written:
    """How many of each there are, and what was paid in each currency, in its minor unit."""

    first: date
    last: date
    counts: dict[str, int] = field(default_factory=dict)
    paid: Counter[str] = field(default_factory=Counter)
    paid_minor: Counter[str] = field(default_factory=Counter)


def refuse_live_keys(mode: Mode) -> None:
    """StartRefused for them."""
    if mode is Mode.LIVE:
        raise StartRefused(
            "STRIPE_SECRET_KEY", "is a live key: made-up payments are for the demo and test mode."
        )


def write_past(
    store: Store,
    account: StripeAccount,
    payments: int,
    seed: int,
    until: tuple[date, tzinfo],
    told: Told,
) -> Written:
    """Write a past of so many payments until the end of a business day, all of it or nothing.

    The same again makes the same rows. StartRefused for live keys, for another account's
    database, and for books that are not empty.
    """
    refuse_live_keys(account.mode)
    _refuse_other_books(store, account)
    last, zone = until
    plan = _plan(payments, seed, last)
    written = Written(plan.first, last)
    began = day_begins(plan.first, zone)
    is_new = database_account.recorded(store) is None
    ends_at = day_begins(last + _DAY, zone)
    company = _company(store, began, ends_at)
    with _without_gc(), loading(store.engine, (*((Desk,) if is_new else ()), *_TABLES)) as load:
        if is_new:
            load.add(Desk, _desk(account, began))
        for model, row in company:
            load.add(model, row)
        past = _Past(load, account, plan, ends_at)
        past.write(written, told)
        told(1.0, f"{payments:,} payments, making the indexes")
    written.counts = {word: load.counts[model] for model, word in _TABLES.items() if word}
    return written


@contextmanager
def _without_gc() -> Iterator[None]:
    """Nothing here refers to itself in a circle: looking for it takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _refuse_other_books(store: Store, account: StripeAccount) -> None:
    with store.reading() as session:
        if has_books(session):
            raise StartRefused(
                "CARDPAY_DATABASE_URL",
                "names a database that has payments already: name an empty one.",
            )
    if database_account.recorded(store) is not None:
        database_account.claim(store, account)  # refuses another's


def _plan(payments: int, seed: int, last: date) -> Plan:
    """As many days as a small company needs; the more orders a day, the more customers."""
    length = timedelta(days=round(payments / _ORDERS_A_DAY))
    first = last - min(max(length, _SHORTEST), _LONGEST) + _DAY
    return Plan(seed, first, last, payments, max(CUSTOMERS, payments // _PAYMENTS_A_CUSTOMER))


class _Past:
    """The plan's days, written one after the other."""

    def __init__(self, load: Loading, account: StripeAccount, plan: Plan, until: datetime) -> None:
        self._load = load
        self._plan = plan
        self._until = until
        self._rows = OrderRows(account)
        self._ledger = Ledger(account, plan.seed, until)

    def write(self, written: Written, told: Told) -> None:
        """All of them. The last days have something to do in them, as the demo's have."""
        days = list(self._plan.by_day())
        for planned in days[:-_SHOWN_FIRST]:
            self._add_day(planned[0], self._plan.orders_of(*planned), written, told)
        shown = [one for planned in days[-_SHOWN_FIRST:] for one in self._plan.orders_of(*planned)]
        for day, orders in groupby(with_open_work(shown, self._until), _day_of):
            self._add_day(day, orders, written, told)
        self._add(self._ledger.rest())

    def _add_day(
        self, day: date, orders: Iterable[PlannedOrder], written: Written, told: Told
    ) -> None:
        self._add(self._ledger.closed(day))
        for order in orders:
            self._add_order(order, written)
        done = self._load.counts[Payment]
        told(done / self._plan.orders, f"{done:,} payments, until {day}")

    def _add_order(self, order: PlannedOrder, written: Written) -> None:
        course = course_of(order, self._until)
        rows, movements = self._rows.of(course)
        self._add(rows)
        for movement in movements:
            self._ledger.post(movement)
        if course.received_minor:
            written.paid[order.product.currency] += 1
            written.paid_minor[order.product.currency] += course.received_minor

    def _add(self, rows: Iterable[tuple[type[SQLModel], Row]]) -> None:
        for model, row in rows:
            self._load.add(model, row)


def _day_of(order: PlannedOrder) -> date:
    return order.at.date()


def _desk(account: StripeAccount, at: datetime) -> dict[str, Any]:
    return row_of(
        Desk,
        mode=account.mode,
        stripe_account_id=account.stripe_account_id,
        livemode=account.livemode,
        created_at=at,
    )


def _company(store: Store, began: datetime, until: datetime) -> list[tuple[type[SQLModel], Row]]:
    """The staff's names, and the products, unless the desk sells others already."""
    rows: list[tuple[type[SQLModel], Row]] = [
        (Person, row_of(Person, actor_id=one.actor_id, name=one.name, seen_at=until))
        for one in STAFF
    ]
    with store.reading() as session:
        if products.every(session):
            return rows
    for position, product in enumerate(PRODUCTS):
        row = row_of(
            Product,
            id=product.product_id,
            name=product.name,
            name_key=name_key(product.name),
            unit_amount_minor=product.unit_amount_minor,
            currency=product.currency,
            position=position,
            created_at=began,
        )
        rows.append((Product, row))
    return rows
