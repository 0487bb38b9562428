"""The list of payments, a page at a time, and who may see which."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from itertools import count, product
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor, recent_since
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import status_words
from cardpay.domain.payment.order import ERASED, order_words
from cardpay.domain.payment.refund import shown_minor
from cardpay.domain.personal_data.search_keys import check_search
from cardpay.reporting.paging import PAGE_ROWS, Cursor, Page, beyond, ordered, page_of
from cardpay.reporting.payments.further_columns import TIMES, further_columns
from cardpay.reporting.payments.given_up import CARD_DECLINED, declined_before
from cardpay.reporting.payments.method_words import method_words
from cardpay.reporting.payments.payment_filter import EVERY_PAYMENT, PaymentFilter, parts
from cardpay.reporting.payments.payment_search import Part
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import CustomerDetail, Payment

COLUMNS: Final = (
    "Time",
    "Status",
    "Amount",
    "Product",
    "Customer",
    "Order reference",
    "Payment method",
    "Taken by",
    "PaymentIntent",
    "Currency",
    "Act by",
)


# Of a part of the filter with at most so many payments, all are looked up and sorted, in some
# tens of milliseconds. What has more is so frequent that a walk along the list meets a page of it
# soon.
FEW: Final = 5_000


class SortedBy(StrEnum):
    """The order of the list. Amounts go by their number in the minor unit, of any currency."""

    NEWEST = "Newest first"
    OLDEST = "Oldest first"
    HIGHEST = "Highest amount first"
    LOWEST = "Lowest amount first"

    @property
    def ascending(self) -> bool:
        """Whether what is sorted by grows from row to row."""
        return self in {SortedBy.OLDEST, SortedBy.LOWEST}

    @property
    def by_amount(self) -> bool:
        """Whether it goes by amount, and else by time."""
        return self in {SortedBy.HIGHEST, SortedBy.LOWEST}


@dataclass(frozen=True)
class Paging:
    """How the list is cut into pages, and in which order.

    `further` are those of `further_columns` that a page has besides COLUMNS.
    """

    sorted_by: SortedBy = SortedBy.NEWEST
    rows: int = PAGE_ROWS
    further: frozenset[str] = frozenset()


NEWEST_FIRST: Final = Paging()


@dataclass(frozen=True)
class Listed:
    """A filter for a query, and how the query is to find its payments.

    `few` are the payments of that part of the filter which has the fewest, if they are FEW.
    Without it, each of `walks` goes along an index in the list's order; no payment is met by two.
    """

    sorted_by: SortedBy
    conditions: Sequence[ColumnElement[bool]]
    few: CompoundSelect[str] | None
    walks: Sequence[ColumnElement[bool]]


def payments_page(
    store: Store,
    actor: Actor,
    chosen: PaymentFilter = EVERY_PAYMENT,
    cursor: Cursor | None = None,
    *,
    paging: Paging = NEWEST_FIRST,
    zone: tzinfo = UTC,
    now: datetime | None = None,
) -> Page:
    """COLUMNS of the first payments of the list, or of those on one side of `cursor`.

    Only those that the actor may see, as `Actor.may_see` says of a single payment. `zone` is that
    of business days. Raises NotAllowed, and what `check_search` does.
    """
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    check_search(chosen.search)
    sorted_by = paging.sorted_by
    with store.reporting(actor.actor_id) as session:
        at = now or datetime.now(UTC)
        listed = listed_for(session, actor, chosen, at, zone, sorted_by=sorted_by)
        return page_of(
            lambda place, limit: _rows(session, listed, place, limit),
            lambda row: (
                row[0].amount_minor if sorted_by.by_amount else row[0].created_at,
                row[0].id,
            ),
            lambda found: _frame(session, found, paging.further),
            cursor,
            paging.rows,
        )


def cursor_of_day(day: date, zone: tzinfo, sorted_by: SortedBy) -> Cursor:
    """Where the list by time has got to a day: its newest payment, or its oldest."""
    begins_at, ended_at = Days(day, day).bounds(zone)
    at = begins_at if sorted_by.ascending else ended_at
    assert at is not None
    return Cursor(at, "")


def listed_for(
    session: Session,
    actor: Actor,
    chosen: PaymentFilter,
    now: datetime,
    zone: tzinfo,
    *,
    sorted_by: SortedBy = SortedBy.NEWEST,
) -> Listed:
    """The payments that an actor asked for and may see, for `ids_beyond`."""
    found = parts(session, chosen, zone, by_amount=sorted_by.by_amount)
    visible = visible_to(actor, now)
    few = few_of(session, found)
    if few is not None or sorted_by.by_amount:
        conditions = [_condition(part, few) for part in found]
        return Listed(sorted_by, conditions, few, visible if few is None else [or_(*visible)])
    # One index cannot give several statuses in the order of time, so each walks its own.
    without = parts(session, replace(chosen, statuses=frozenset()), zone)
    of_status = [col(Payment.display_status) == one for one in sorted(chosen.statuses)]
    walks = [and_(*pair) for pair in product(of_status or [true()], visible)]
    return Listed(sorted_by, [_condition(part, None) for part in without], None, walks)


def _condition(part: Part, few: CompoundSelect[str] | None) -> ColumnElement[bool]:
    return part.holds if few is not None or part.in_walk is None else part.in_walk


def few_of(session: Session, found: Sequence[Part]) -> CompoundSelect[str] | None:
    """The ids of the payments of that part which has the fewest; None if all have many.

    No index is read further than that takes to say.
    """
    ways = [part.ids for part in found if part.ids]
    if not ways:
        return None
    up_to = [_up_to(way, FEW + 1) for way in ways]
    counts = [select(func.count()).select_from(one.subquery()).scalar_subquery() for one in up_to]
    least, place = min(zip(session.execute(select(*counts)).one(), count(), strict=False))
    return up_to[place] if least <= FEW else None


def has_more_than(session: Session, ids: Sequence[Select[str]], number: int) -> bool:
    """Whether these queries find more payments than that; one that several find counts again."""
    found = select(func.count()).select_from(_up_to(ids, number + 1).subquery())
    return int(session.execute(found).scalar_one()) > number


def _up_to(ids: Sequence[Select[str]], number: int) -> CompoundSelect[str]:
    """Up to so many of the ids, none of the queries read any further."""
    return union_all(*(select(one.limit(number).subquery().c[0]) for one in ids)).limit(number)


_Row = tuple[Payment, str | None]


def _rows(session: Session, listed: Listed, cursor: Cursor | None, limit: int) -> list[_Row]:
    """Up to `limit` payments, in the direction of the cursor."""
    return _rows_of(session, list(session.execute(ids_beyond(listed, cursor, limit)).scalars()))


def frame_of(session: Session, ids: Sequence[str]) -> pd.DataFrame:
    """COLUMNS of the payments with these ids, in their order."""
    return _frame(session, _rows_of(session, ids))


def _rows_of(session: Session, ids: Sequence[str]) -> list[_Row]:
    found = session.execute(
        select(Payment, col(CustomerDetail.name), col(CustomerDetail.erased_at))
        .outerjoin(CustomerDetail, col(CustomerDetail.payment_id) == col(Payment.id))
        .where(col(Payment.id).in_(ids))
    )
    by_id: dict[str, _Row] = {
        payment.id: (payment, ERASED if erased_at else name) for payment, name, erased_at in found
    }
    return [by_id[payment_id] for payment_id in ids]


def ids_beyond(listed: Listed, cursor: Cursor | None, limit: int) -> Select[str, Any]:
    """The query for their ids: sorted if they are few, else by walks along an index, merged."""
    if listed.few is not None:
        return _walk(listed, cursor, col(Payment.id).in_(listed.few), *listed.walks).limit(limit)
    walks = [_walk(listed, cursor, walk).limit(limit).subquery() for walk in listed.walks]
    merged = union_all(*(select(walk) for walk in walks)).subquery()
    return ordered(
        select(merged.c.id, merged.c.at),
        cursor,
        merged.c.at,
        merged.c.id,
        ascending=listed.sorted_by.ascending,
    ).limit(limit)


def _walk(listed: Listed, cursor: Cursor | None, *also: ColumnElement[bool]) -> Select[str, Any]:
    at = col(Payment.amount_minor) if listed.sorted_by.by_amount else col(Payment.created_at)
    ascending = listed.sorted_by.ascending
    query: Select[str, Any] = select(col(Payment.id), at.label("at"))
    query = query.where(*listed.conditions, *also)
    if cursor is not None:
        query = query.where(beyond(cursor, at, col(Payment.id), ascending=ascending))
    return ordered(query, cursor, at, col(Payment.id), ascending=ascending)


def visible_to(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions for the payments that an actor may see; no payment meets two of them."""
    if actor.may(Permission.SEE_ALL_PAYMENTS):
        return (true(),)
    since = recent_since(now)
    return (
        col(Payment.created_at) > since,
        (col(Payment.taken_by) == actor.actor_id) & (col(Payment.created_at) <= since),
    )


def _frame(session: Session, found: list[_Row], further: Collection[str] = ()) -> pd.DataFrame:
    takers = names(session, {payment.taken_by for payment, _ in found})
    declined = declined_before(session, (payment for payment, _ in found))
    rows = [
        (
            payment.created_at,
            (
                CARD_DECLINED
                if payment.id in declined
                else status_words(payment.display_status, payment.status)
            ),
            format_money(amount_of(payment)),
            payment.product_name + (f" × {payment.quantity}" if payment.quantity > 1 else ""),
            customer or "",
            order_words(payment.order_reference, payment.order_sequence),
            method_words(payment.payment_method_type, payment.card_brand, payment.card_last4),
            takers[payment.taken_by],
            payment.stripe_payment_intent_id or "",
            payment.currency.upper(),
            payment.act_by_at,
        )
        for payment, customer in found
    ]
    index = pd.Index([payment.id for payment, _ in found], name="payment_id", dtype="str")
    frame = pd.DataFrame(rows, columns=list(COLUMNS), index=index)
    also = further_columns(session, [payment for payment, _ in found], further)
    times = ("Time", "Act by", *TIMES & also.keys())
    return frame.assign(**also).astype(dict.fromkeys(times, "datetime64[us, UTC]"))


def amount_of(payment: Payment) -> Money:
    """The amount by which a payment is shown: of a hold what was taken of it."""
    received = payment.amount_received_minor
    return Money(shown_minor(payment.status, payment.amount_minor, received), payment.currency)
