"""What changed in a month that is over since it was exported last."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days
from cardpay.domain.money import Money
from cardpay.reporting.balance.balance_of_days import Balance
from cardpay.reporting.balance.categories import category_words
from cardpay.reporting.balance.ledger_filter import LedgerFilter, conditions
from cardpay.storage.balance.month_ends import DIGEST_BYTES, digest, kept
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import BalanceTransaction


@dataclass(frozen=True)
class CameIn:
    """A transaction that the file did not have."""

    at: datetime
    category: str
    net: Money
    transaction_id: str


@dataclass(frozen=True)
class MonthChanges:
    """What is otherwise than in the file of `exported_at`, in one currency.

    `gone` is how many of its transactions are no longer there. `opening_before` is its opening
    balance, if that is another one now: an earlier month has changed.
    """

    exported_at: datetime
    came_in: tuple[CameIn, ...]
    gone: int
    opening_before: Money | None

    @property
    def is_unchanged(self) -> bool:
        """Whether the file would be the same today."""
        return not self.came_in and not self.gone and self.opening_before is None


def month_changes(
    store: Store, actor: Actor, zone: ZoneInfo, days: Days, balance: Balance
) -> MonthChanges | None:
    """What changed in these days since their month-end file; None if there was none.

    `balance` is theirs as it is now. Raises NotAllowed.
    """
    actor.require(Permission.SEE_BOOKS)
    if days.first is None or not days.month_is_whole:
        return None
    with store.reporting(actor.actor_id) as session:
        exported = kept(session, days.first.isoformat(), zone.key)
        if not exported:
            return None
        mine = exported.get(balance.currency)
        at = max(one.exported_at for one in exported.values())
        before = mine.opening_minor if mine else balance.opening.amount_minor
        opening = None if before == balance.opening.amount_minor else before
        opening_before = None if opening is None else Money(opening, balance.currency)
        sums = (mine.transactions, mine.net_minor) if mine else (0, 0)
        net = sum(one.net.amount_minor for one in balance.categories)
        # Nothing of a transaction ever changes: equal counts and sums are the same transactions.
        if sums == (balance.transactions, net):
            return MonthChanges(at, (), 0, opening_before)
        known = Counter(_digests(mine.transaction_digests if mine else b""))
        came_in = []
        query = (
            select(BalanceTransaction)
            .where(*conditions(LedgerFilter(days, currency=balance.currency), zone))
            .order_by(col(BalanceTransaction.created_at), col(BalanceTransaction.id))
            .execution_options(yield_per=1_000)
        )
        for one in session.scalars(query):
            its_digest = digest(one.stripe_balance_transaction_id)
            if known[its_digest]:
                known[its_digest] -= 1
                continue
            came_in.append(
                CameIn(
                    one.created_at,
                    category_words(one.reporting_category or one.type),
                    Money(one.net_minor, one.currency),
                    one.stripe_balance_transaction_id,
                )
            )
    return MonthChanges(at, tuple(came_in), known.total(), opening_before)


def _digests(together: bytes) -> list[bytes]:
    return [
        together[place : place + DIGEST_BYTES] for place in range(0, len(together), DIGEST_BYTES)
    ]
