"""The last payouts to the bank, and whether what is in each is known and adds up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.money import Money
from cardpay.domain.payment.payout import (
    PAYOUT_TRANSACTION,
    Itemisation,
    PayoutStatus,
    itemisation,
)
from cardpay.storage.database.engine import Session, Store
from cardpay.storage.schema.tables import BalanceTransaction, Payout

SHOWN: Final = 20  # about a month of business days
# One that does not add up is told for as long as its year's accounts may still be open.
_LOOKED_BACK: Final = timedelta(days=400)

PAYOUT_WORDS: Final[dict[str, str]] = {
    PayoutStatus.PENDING: "Pending",
    PayoutStatus.IN_TRANSIT: "In transit",
    PayoutStatus.PAID: "Paid",
    PayoutStatus.FAILED: "Failed",
    PayoutStatus.CANCELED: "Cancelled",
}


@dataclass(frozen=True)
class PayoutReport:
    """A payout. `listed` is the net of its balance transactions, as far as they are listed.

    `status` is in words, or Stripe's own where it has none here; `failure` is why the bank refused
    it, empty if it did not. `descriptor` is what the bank statement says, `trace_id` the bank's
    own reference; empty while they are not known.
    """

    payout_id: str
    created_at: datetime
    arrival_at: datetime | None
    amount: Money
    status: str
    failure: str
    itemisation: Itemisation
    listed: Money
    transactions: int
    descriptor: str
    trace_id: str

    @property
    def remainder(self) -> Money | None:
        """What its transactions leave of its amount: nothing, if they add up.

        None where it is not known what is in it.
        """
        if self.itemisation in {Itemisation.IMPOSSIBLE, Itemisation.WAITING}:
            return None
        return Money(self.amount.amount_minor - self.listed.amount_minor, self.amount.currency)


def last_payouts(store: Store, actor: Actor) -> tuple[PayoutReport, ...]:
    """The newest SHOWN, newest first. Raises NotAllowed."""
    actor.require(Permission.USE_OPERATIONS)
    newest = (
        select(col(Payout.id))
        .order_by(col(Payout.created_at).desc(), col(Payout.id).desc())
        .limit(SHOWN)
        .subquery()
    )
    with store.reading() as session:
        return tuple(reports(session, with_sums().join(newest, newest.c.id == col(Payout.id))))


def payouts_that_differ(store: Store, now: datetime) -> tuple[PayoutReport, ...]:
    """Those that are itemised and do not add up, newest first."""
    itemised = with_sums().where(
        col(Payout.is_itemised), col(Payout.created_at) > now - _LOOKED_BACK
    )
    with store.reading() as session:
        return tuple(
            one for one in reports(session, itemised) if one.itemisation is Itemisation.DIFFERS
        )


def with_sums() -> Select[Payout, int, int]:
    """Payouts, each with the net and the number of its balance transactions without itself."""
    transaction = BalanceTransaction
    return (
        select(
            Payout,
            func.coalesce(func.sum(col(transaction.net_minor)), 0),
            func.count(col(transaction.id)),
        )
        .outerjoin(
            transaction,
            (col(transaction.stripe_payout_id) == col(Payout.stripe_payout_id))
            & (col(transaction.stripe_account_id) == col(Payout.stripe_account_id))
            & (col(transaction.livemode) == col(Payout.livemode))
            & (col(transaction.currency) == col(Payout.currency))
            & (col(transaction.type) != PAYOUT_TRANSACTION),
        )
        .group_by(col(Payout.id))
        .order_by(col(Payout.created_at).desc(), col(Payout.id).desc())
    )


def reports(session: Session, query: Select[Payout, int, int]) -> Iterator[PayoutReport]:
    """What a query of `with_sums` finds, in its order."""
    for payout, listed, transactions in session.execute(query):
        yield PayoutReport(
            payout_id=payout.stripe_payout_id,
            created_at=payout.created_at,
            arrival_at=payout.arrival_at,
            amount=Money(payout.amount_minor, payout.currency),
            status=PAYOUT_WORDS.get(payout.status, payout.status),
            failure=payout.failure_message or payout.failure_code or "",
            itemisation=itemisation(
                is_automatic=payout.is_automatic,
                is_itemised=payout.is_itemised,
                amount_minor=payout.amount_minor,
                listed_minor=int(listed),
            ),
            listed=Money(int(listed), payout.currency),
            transactions=transactions,
            descriptor=payout.statement_descriptor or "",
            trace_id=payout.trace_id or "",
        )
