"""Storing what the threads of an import have fetched: pages, and stretches that were split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final, cast

from cardpay.domain.access.actor import Actor
from cardpay.domain.history.list_kinds import ListKind
from cardpay.domain.stripe_facts.named_objects import kind_of, object_id_of, payment_intent_of
from cardpay.domain.stripe_facts.snapshots import (
    CheckoutSessionSnapshot,
    PaymentIntentSnapshot,
)
from cardpay.gateway import pagination
from cardpay.gateway.pagination import ListEndpoint, ListPage, Unreadable
from cardpay.services.desk import Desk
from cardpay.services.history.import_work_sharing import Range, as_time
from cardpay.services.stripe_facts.apply_facts import OF_ANOTHER, Applied, Fact, apply_facts
from cardpay.services.stripe_facts.set_aside import set_aside
from cardpay.storage.database.engine import Session
from cardpay.storage.history import stored_imports
from cardpay.storage.schema.tables import BackfillRange

LISTS: Final[dict[ListKind, ListEndpoint[Any]]] = {
    ListKind.PAYMENT_INTENTS: pagination.PAYMENT_INTENTS,
    ListKind.CHARGES: pagination.CHARGES,
    ListKind.REFUNDS: pagination.REFUNDS,
    ListKind.DISPUTES: pagination.DISPUTES,
    ListKind.BALANCE_TRANSACTIONS: pagination.BALANCE_TRANSACTIONS,
    ListKind.PAYOUTS: pagination.PAYOUTS,
}


@dataclass(frozen=True)
class Split:
    """A stretch was split, and its older half given to another thread.

    `seconds` are the half's bounds as they were then. It may be halved again before this is
    written, and that other half would be lost by a kill in between.
    """

    first: Range
    second: Range
    seconds: tuple[int, int]


@dataclass(frozen=True)
class UnknownIntents:
    """The PaymentIntents that a page's objects belong to and that no payment has."""

    found: Sequence[PaymentIntentSnapshot] = ()
    unreadable: Sequence[Unreadable] = ()


@dataclass(frozen=True)
class FetchedPage:
    """A page on its way to the database.

    `links` are the Checkout Sessions of its PaymentIntents that name a payment with a link.
    """

    range_: Range
    page: ListPage[Any]
    is_last: bool
    unknown: UnknownIntents
    asked_at: datetime
    links: Sequence[CheckoutSessionSnapshot] = ()


def store(
    session: Session,
    desk: Desk,
    actor: Actor,
    backfill_id: str,
    arrived: Sequence[Split | FetchedPage],
) -> None:
    """Store what arrived, in its order; neighbouring pages of one list together."""
    for kind, together in groupby(arrived, _kind_of_page):
        if kind is None:
            for split in together:
                store_split(session, backfill_id, cast("Split", split))
        else:
            _store_pages(session, desk, actor, cast("list[FetchedPage]", [*together]))


def store_split(session: Session, backfill_id: str, split: Split) -> None:
    """Store the older half of a stretch as a row of its own."""
    assert split.first.row_id is not None
    row = BackfillRange(
        backfill_id=backfill_id,
        kind=split.second.kind,
        from_at=as_time(split.seconds[0]),
        to_at=as_time(split.seconds[1]),
    )
    stored_imports.split_range(session, split.first.row_id, row)
    split.second.row_id = row.id


def _store_pages(session: Session, desk: Desk, actor: Actor, pages: list[FetchedPage]) -> None:
    now = desk.now()
    facts = [Fact(link, one.asked_at) for one in pages for link in one.links]
    facts += [fact for one in pages for fact in _facts_of(one, one.unknown.found)]
    facts += [fact for one in pages for fact in _facts_of(one, one.page.found)]
    applied = apply_facts(session, replace(desk, now=lambda: now), actor, facts)
    for one in pages:
        set_aside(session, desk, [*one.unknown.unreadable, *one.page.unreadable])
    set_aside(session, desk, _not_taken(facts, applied))
    of_range: dict[int, list[FetchedPage]] = {}
    for one in pages:
        assert one.range_.row_id is not None
        of_range.setdefault(one.range_.row_id, []).append(one)
    for range_id, ones in of_range.items():
        stored_imports.note_pages(
            session,
            range_id,
            cursor=ones[-1].page.last_id,
            imported=sum(len(one.page.found) for one in ones),
            finished_at=now if ones[-1].is_last else None,
        )


def _facts_of(one: FetchedPage, found: Sequence[Any]) -> list[Fact]:
    """What was found, without the PaymentIntents whose Checkout Session cannot be read.

    They would be taken for other payments than the link's.
    """
    aside = {unreadable.object_id for unreadable in one.unknown.unreadable}
    return [
        Fact(thing, one.asked_at, link_asked=True)
        for thing in found
        if not (isinstance(thing, PaymentIntentSnapshot) and thing.payment_intent_id in aside)
    ]


def _not_taken(facts: Sequence[Fact], applied: Sequence[Applied]) -> list[Unreadable]:
    """What belongs to a PaymentIntent that cannot be read, or to another one than before."""
    found = []
    for fact, outcome in zip(facts, applied, strict=True):
        reason = None
        if outcome is Applied.OF_ANOTHER:
            reason = OF_ANOTHER
        elif outcome is Applied.UNKNOWN_PAYMENT and payment_intent_of(fact.stated) is not None:
            reason = "Its payment can't be read."
        if reason is not None:
            found.append(Unreadable(kind_of(fact.stated), object_id_of(fact.stated), reason))
    return found


def _kind_of_page(arrived: Split | FetchedPage) -> ListKind | None:
    return arrived.range_.kind if isinstance(arrived, FetchedPage) else None
