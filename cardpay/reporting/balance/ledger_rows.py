"""The ledger row by row, for files: however long it is, little of it is in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.reporting.balance.ledger_filter import LedgerFilter, conditions
from cardpay.reporting.balance.ledger_list import payments_of
from cardpay.reporting.paging import Cursor, beyond, ordered
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import BalanceTransaction

_READ_ROWS: Final = 1_000
_PLACE: Final = (col(BalanceTransaction.created_at), col(BalanceTransaction.id))


@dataclass(frozen=True)
class LedgerRow:
    """One balance transaction; ids that it has none of are empty."""

    at: datetime
    category: str
    gross_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    exchange_rate: str
    available_at: datetime | None
    payout_id: str
    transaction_id: str
    source_id: str
    payment_id: str
    order_reference: str


def ledger_rows(
    store: Store, actor: Actor, zone: tzinfo, chosen: LedgerFilter
) -> Iterator[LedgerRow]:
    """All that the filter lets through, newest first. Raises NotAllowed, at the call."""
    actor.require(Permission.SEE_BOOKS)
    return _rows(store, actor, zone, chosen)


def _rows(store: Store, actor: Actor, zone: tzinfo, chosen: LedgerFilter) -> Iterator[LedgerRow]:
    place: Cursor | None = None
    holds = conditions(chosen, zone)
    with store.reporting(actor.actor_id) as session:
        while True:
            query = select(BalanceTransaction).where(*holds)
            if place is not None:
                query = query.where(beyond(place, *_PLACE))
            found = list(session.scalars(ordered(query, place, *_PLACE).limit(_READ_ROWS)))
            payments = payments_of(session, found)
            for one in found:
                payment_id, reference = payments.get(one.stripe_source_id or "", ("", ""))
                yield LedgerRow(
                    at=one.created_at,
                    category=one.reporting_category or one.type,
                    gross_minor=one.gross_minor,
                    fee_minor=one.fee_minor,
                    net_minor=one.net_minor,
                    currency=one.currency,
                    exchange_rate=one.exchange_rate or "",
                    available_at=one.available_at,
                    payout_id=one.stripe_payout_id or "",
                    transaction_id=one.stripe_balance_transaction_id,
                    source_id=one.stripe_source_id or "",
                    payment_id=payment_id,
                    order_reference=reference,
                )
            session.expunge_all()
            if len(found) < _READ_ROWS:
                return
            place = Cursor(found[-1].created_at, found[-1].id)
