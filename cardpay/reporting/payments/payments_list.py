"""The list of payments, newest first, a page at a time, and who may see which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    or_,
    select,
    true,
    union_all,
)
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor, recent_since
from cardpay.domain.access.permissions import Permission
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import status_words
from cardpay.domain.payment.order import ERASED
from cardpay.reporting.paging import PAGE_ROWS, Cursor, Page, beyond, ordered, page_of
from cardpay.reporting.payments.method_words import method_words
from cardpay.reporting.payments.payment_filter import EVERY_PAYMENT, PaymentFilter
from cardpay.reporting.payments.payment_search import few_matches, matches
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


@dataclass(frozen=True)
class Listed:
    """A filter for a query, with the search done already if few payments match it.

    `visible` are conditions for the payments that the actor may see; no payment meets two of them.
    """

    statuses: Sequence[str]
    search: str
    few: Subquery | None
    visible: Sequence[ColumnElement[bool]]


def payments_page(
    store: Store,
    actor: Actor,
    chosen: PaymentFilter = EVERY_PAYMENT,
    cursor: Cursor | None = None,
    *,
    rows: int = PAGE_ROWS,
    now: datetime | None = None,
) -> Page:
    """COLUMNS of the newest payments, or of those on one side of `cursor`.

    Only those that the actor may see, as `Actor.may_see` says of a single payment.
    Raises NotAllowed, CardDataRefused.
    """
    actor.require(Permission.BROWSE_PAYMENTS)
    refuse_card_data_as_id("Search", chosen.search.strip())
    with store.reading() as session:
        listed = listed_for(session, actor, chosen, now or datetime.now(UTC))
        return page_of(
            lambda place, limit: _rows(session, listed, place, limit),
            lambda row: (row[0].created_at, row[0].id),
            lambda found: _frame(session, found),
            cursor,
            rows,
        )


def listed_for(session: Session, actor: Actor, chosen: PaymentFilter, now: datetime) -> Listed:
    """The payments that an actor asked for and may see, for `ids_beyond`."""
    search = chosen.search.strip()
    return Listed(
        statuses=sorted(status for status in chosen.statuses),
        search=search,
        few=few_matches(session, search) if search else None,
        visible=visible_to(actor, now),
    )


_Row = tuple[Payment, str | None]


def _rows(session: Session, listed: Listed, cursor: Cursor | None, limit: int) -> list[_Row]:
    """Up to `limit` payments, in the direction of the cursor."""
    return _rows_of(
        session, list(session.execute(ids_beyond(session, listed, cursor, limit)).scalars())
    )


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


def ids_beyond(
    session: Session, listed: Listed, cursor: Cursor | None, limit: int
) -> Select[str, datetime]:
    """The query for their ids: sorted if the search gave few, else by walks along an index.

    Each status walks its own index and the walks are merged, since one index cannot give
    several statuses in the order of time. So does each part that the reader may see.
    """
    by_time = (col(Payment.created_at), col(Payment.id))
    if listed.few is not None:
        query = _query(cursor).join(listed.few, listed.few.c.id == col(Payment.id))
        query = query.where(or_(*listed.visible))
        if listed.statuses:
            query = query.where(col(Payment.display_status).in_(listed.statuses))
        return ordered(query, cursor, *by_time).limit(limit)
    walks = []
    for status, is_visible in product(listed.statuses or (None,), listed.visible):
        query = _query(cursor).where(is_visible)
        if status is not None:
            query = query.where(col(Payment.display_status) == status)
        if listed.search:
            query = query.outerjoin(
                CustomerDetail, col(CustomerDetail.payment_id) == col(Payment.id)
            ).where(matches(session, listed.search))
        walks.append(ordered(query, cursor, *by_time).limit(limit).subquery())
    merged = union_all(*(select(walk) for walk in walks)).subquery()
    both = select(merged.c.id, merged.c.created_at)
    return ordered(both, cursor, merged.c.created_at, merged.c.id).limit(limit)


def visible_to(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions for the payments that an actor may see; no payment meets two of them."""
    if actor.may(Permission.SEE_ALL_PAYMENTS):
        return (true(),)
    since = recent_since(now)
    return (
        col(Payment.created_at) > since,
        (col(Payment.taken_by) == actor.actor_id) & (col(Payment.created_at) <= since),
    )


def _query(cursor: Cursor | None) -> Select[str, datetime]:
    at, payment_id = col(Payment.created_at), col(Payment.id)
    query = select(payment_id, at)
    return query if cursor is None else query.where(beyond(cursor, at, payment_id))


def _frame(session: Session, found: list[_Row]) -> pd.DataFrame:
    takers = names(session, {payment.taken_by for payment, _ in found})
    rows = [
        (
            payment.created_at,
            status_words(payment.display_status, payment.status),
            format_money(Money(payment.amount_minor, payment.currency)),
            payment.product_name + (f" × {payment.quantity}" if payment.quantity > 1 else ""),
            customer or "",
            payment.order_reference,
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
    times = ("Time", "Act by")
    return frame.astype(dict.fromkeys(times, "datetime64[us, UTC]"))
