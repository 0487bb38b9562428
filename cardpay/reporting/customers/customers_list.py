"""The list of customers: one row each, by their last payment, newest first.

No table of customers is kept: what is one customer's has one `customer_key`, so a row is found by
walking the payments' details newest first and leaving out each that has a later one with its key.
An index answers that at once, and the sums are those of a page's customers alone, so that a page
costs the same among a million payments as among ten. How many customers there are would have to be
counted through all payments, and is not said.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Row, Select, exists, func, select, tuple_, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import ALL_DAYS, Days
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.personal_data.search_keys import check_search
from cardpay.reporting.day_conditions import within
from cardpay.reporting.paging import PAGE_ROWS, Cursor, Page, beyond, ordered, page_of
from cardpay.reporting.payments.payment_search import customer_part
from cardpay.reporting.payments.payments_list import frame_of, has_more_than
from cardpay.storage.database.engine import Store
from cardpay.storage.database.many_keys import among
from cardpay.storage.schema.tables import CustomerDetail, Payment

COLUMNS: Final = ("Last payment", "Customer", "Email", "Phone", "Payments", "Paid", "Currency")
FEW: Final = 5_000


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers, by the day of their last payment; without a search, all of them.

    `search` finds a customer as it finds their payments: see `payment_search`.
    """

    days: Days = ALL_DAYS
    search: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it lets every customer through."""
        return self.days == ALL_DAYS and not self.search.strip()


EVERY_CUSTOMER: Final = CustomerFilter()


@dataclass(frozen=True)
class CustomerSum:
    """A customer's payments in one currency: how many, and minor units."""

    currency: str
    payments: int
    received_minor: int
    refunded_minor: int

    @property
    def paid_minor(self) -> int:
        """What came in, less what was refunded."""
        return self.received_minor - self.refunded_minor


@dataclass(frozen=True)
class Customer:
    """One customer, as their last payment knows them; `paid` is what they paid, by currency.

    What was refunded is taken off.
    """

    name: str
    email: str
    phone: str
    payments: int
    paid: tuple[Money, ...]


def customers_page(
    store: Store,
    actor: Actor,
    zone: tzinfo,
    chosen: CustomerFilter = EVERY_CUSTOMER,
    cursor: Cursor | None = None,
    *,
    rows: int = PAGE_ROWS,
) -> Page:
    """COLUMNS of the customers; the index are the ids of their last payments.

    "Payments" counts all of a customer's, "Paid" sums what came in by currency, which is empty
    where there is more than one. Raises NotAllowed, and what `check_search` does.
    """
    actor.require(Permission.SEE_ALL_PAYMENTS)
    check_search(chosen.search)
    with store.reporting(actor.actor_id) as session:
        holds = conditions(session, chosen, zone)
        return page_of(
            lambda place, limit: list(session.execute(last_of_each(holds, place, limit))),
            lambda row: (row.created_at, row.payment_id),
            lambda found: _frame(session, found),
            cursor,
            rows,
        )


def customer_of(store: Store, actor: Actor, payment_id: str) -> Customer:
    """The customer of a payment.

    Raises NotAllowed; PaymentNotFound if nobody is known of the payment, or was erased.
    """
    actor.require(Permission.SEE_ALL_PAYMENTS)
    with store.reporting(actor.actor_id) as session:
        key = _key_of(session, payment_id)
        last = session.execute(
            last_of_each([col(CustomerDetail.customer_key) == key], None, 1)
        ).one()
        sums = customer_sums(session, [key])[key]
        return Customer(
            last.name or "",
            last.email or "",
            last.phone or "",
            sum(one.payments for one in sums),
            _paid(sums),
        )


def customer_payments(
    store: Store, actor: Actor, payment_id: str, cursor: Cursor | None = None
) -> Page:
    """All payments of a payment's customer, newest first, with the columns of Payments.

    Raises what `customer_of` does.
    """
    actor.require(Permission.SEE_ALL_PAYMENTS)
    at, its_id = col(CustomerDetail.created_at), col(CustomerDetail.payment_id)

    def read(session: Session, key: str, place: Cursor | None, limit: int) -> list[Row[Any]]:
        query = select(its_id, at).where(col(CustomerDetail.customer_key) == key)
        if place is not None:
            query = query.where(beyond(place, at, its_id))
        return list(session.execute(ordered(query, place, at, its_id).limit(limit)))

    with store.reporting(actor.actor_id) as session:
        key = _key_of(session, payment_id)
        return page_of(
            lambda place, limit: read(session, key, place, limit),
            lambda row: (row.created_at, row.payment_id),
            lambda found: frame_of(session, [row.payment_id for row in found]),
            cursor,
            PAGE_ROWS,
        )


def conditions(
    session: Session, chosen: CustomerFilter, zone: tzinfo
) -> list[ColumnElement[bool]]:
    """What must hold for the details of a customer's last payment.

    Up to FEW matches may be of any of their payments. More are so many that the newest are found
    soon among the last payments themselves.
    """
    found = within(col(CustomerDetail.created_at), chosen.days, zone)
    if not chosen.search.strip():
        return found
    part = customer_part(session, chosen.search, col(CustomerDetail.payment_id))
    if not part.ids or has_more_than(session, part.ids, FEW):
        return [*found, part.holds]
    one = aliased(CustomerDetail)
    keys = select(col(one.customer_key)).where(col(one.payment_id).in_(union_all(*part.ids)))
    return [*found, col(CustomerDetail.customer_key).in_(keys)]


def _key_of(session: Session, payment_id: str) -> str:
    detail = session.get(CustomerDetail, payment_id)
    if detail is None or detail.customer_key is None:
        raise PaymentNotFound(payment_id)
    return detail.customer_key


def last_of_each(
    holds: Collection[ColumnElement[bool]], cursor: Cursor | None, limit: int
) -> Select[*tuple[Any, ...]]:
    """The details of the last payment of each customer."""
    at, its_id = col(CustomerDetail.created_at), col(CustomerDetail.payment_id)
    later = aliased(CustomerDetail)
    has_later = exists().where(
        col(later.customer_key) == col(CustomerDetail.customer_key),
        tuple_(col(later.created_at), col(later.payment_id)) > tuple_(at, its_id),
    )
    query: Select[*tuple[Any, ...]] = select(
        at,
        its_id,
        col(CustomerDetail.customer_key),
        col(CustomerDetail.name),
        col(CustomerDetail.email),
        col(CustomerDetail.phone),
    ).where(col(CustomerDetail.customer_key).is_not(None), ~has_later, *holds)
    if cursor is not None:
        query = query.where(beyond(cursor, at, its_id))
    return ordered(query, cursor, at, its_id).limit(limit)


def _frame(session: Session, found: list[Row[Any]]) -> pd.DataFrame:
    sums = customer_sums(session, [row.customer_key for row in found])
    rows = []
    for row in found:
        paid = _paid(sums[row.customer_key])
        words = " and ".join(format_money(one) for one in paid)
        code = paid[0].currency.upper() if len(paid) == 1 else ""
        rows.append(
            (
                row.created_at,
                row.name or "",
                row.email or "",
                row.phone or "",
                sum(one.payments for one in sums[row.customer_key]),
                words,
                code,
            )
        )
    index = pd.Index([row.payment_id for row in found], name="payment_id", dtype="str")
    frame = pd.DataFrame(rows, columns=list(COLUMNS), index=index)
    return frame.astype({"Last payment": "datetime64[us, UTC]"})


def customer_sums(session: Session, keys: Collection[str]) -> dict[str, list[CustomerSum]]:
    """What each of these customers has, by currency; most payments first."""
    rows = session.execute(
        select(
            col(CustomerDetail.customer_key),
            col(Payment.currency),
            func.count(),
            func.sum(col(Payment.amount_received_minor)),
            func.sum(col(Payment.amount_refunded_minor)),
        )
        .join(Payment, col(Payment.id) == col(CustomerDetail.payment_id))
        .where(among(session, col(CustomerDetail.customer_key), keys))
        .group_by(col(CustomerDetail.customer_key), col(Payment.currency))
        .order_by(func.count().desc(), col(Payment.currency))
    )
    sums: dict[str, list[CustomerSum]] = defaultdict(list)
    for key, currency, count, received, refunded in rows:
        sums[key].append(CustomerSum(currency, int(count), int(received or 0), int(refunded or 0)))
    return sums


def _paid(sums: Collection[CustomerSum]) -> tuple[Money, ...]:
    """What came in, less what was refunded; nothing of a currency in which nothing ever did."""
    return tuple(Money(one.paid_minor, one.currency) for one in sums if one.received_minor)
