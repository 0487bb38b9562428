"""Payouts, newest first, a page at a time; and one of them."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final

import pandas as pd
from sqlalchemy import select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.reporting.balance.payout_filter import PayoutFilter, conditions
from cardpay.reporting.operations.payout_reports import PayoutReport, reports, with_sums
from cardpay.reporting.paging import Cursor, Page, beyond, ordered, page_of
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payout

PAYOUT_ROWS: Final = 25  # about a month of business days
_PLACE: Final = (col(Payout.created_at), col(Payout.id))


def payouts_page(
    store: Store,
    actor: Actor,
    zone: tzinfo,
    chosen: PayoutFilter,
    cursor: Cursor | None = None,
    *,
    rows: int = PAYOUT_ROWS,
) -> Page:
    """The newest payouts, or those on one side of `cursor`. Raises NotAllowed.

    The frame has one column, "Payout", of PayoutReport.
    """
    actor.require(Permission.SEE_BOOKS)
    holds = conditions(chosen, zone)

    def read(place: Cursor | None, limit: int) -> list[Payout]:
        query = select(Payout).where(*holds)
        if place is not None:
            query = query.where(beyond(place, *_PLACE))
        return list(session.execute(ordered(query, place, *_PLACE).limit(limit)).scalars())

    with store.reporting(actor.actor_id) as session:
        return page_of(
            read,
            lambda row: (row.created_at, row.id),
            lambda found: _frame(session, found),
            cursor,
            rows,
        )


def all_payouts(
    store: Store, actor: Actor, zone: tzinfo, chosen: PayoutFilter
) -> Iterator[PayoutReport]:
    """All that the filter lets through, newest first. Raises NotAllowed, at the call."""
    actor.require(Permission.SEE_BOOKS)
    return _all(store, actor, zone, chosen)


def _all(store: Store, actor: Actor, zone: tzinfo, chosen: PayoutFilter) -> Iterator[PayoutReport]:
    page = payouts_page(store, actor, zone, chosen)
    yield from page.frame["Payout"]
    while page.older:
        page = payouts_page(store, actor, zone, chosen, page.older)
        yield from page.frame["Payout"]


def payout_named(store: Store, actor: Actor, payout_id: str) -> PayoutReport | None:
    """The payout with this id of Stripe's; None if there is none. Raises NotAllowed."""
    actor.require(Permission.SEE_BOOKS)
    with store.reporting(actor.actor_id) as session:
        query = with_sums().where(col(Payout.stripe_payout_id) == payout_id)
        return next(reports(session, query), None)


def _frame(session: Session, found: list[Payout]) -> pd.DataFrame:
    index = pd.Index([one.id for one in found], name="payout_id", dtype="str")
    return pd.DataFrame({"Payout": reports_of(session, found)}, index=index, dtype="object")


def reports_of(session: Session, found: Sequence[Payout]) -> tuple[PayoutReport, ...]:
    """What each of them has, in their order."""
    query = with_sums().where(col(Payout.id).in_([one.id for one in found]))
    by_id = {one.payout_id: one for one in reports(session, query)}
    return tuple(by_id[one.stripe_payout_id] for one in found)
