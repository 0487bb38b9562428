"""What is in the balance now: available to be paid out, or still pending."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import false, func, select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days
from cardpay.domain.money import Money
from cardpay.reporting.balance.balance_of_days import Balance
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import BalanceTransaction


@dataclass(frozen=True)
class NotPaidOut:
    """What Stripe holds in one currency. `pending` becomes available on a later day."""

    available: Money
    pending: Money


def not_paid_out(
    store: Store, actor: Actor, balance: Balance, days: Days, zone: tzinfo, now: datetime
) -> NotPaidOut:
    """What is not paid out now, in the currency of `balance`, which is that of these days.

    From `available_at` on, Stripe counts a transaction as available (API reference: "The Balance
    Transaction object", `available_on`). Raises NotAllowed.
    """
    actor.require(Permission.SEE_BOOKS)
    _, ended_at = days.bounds(zone)
    of_currency = col(BalanceTransaction.currency) == balance.currency
    net = select(func.coalesce(func.sum(col(BalanceTransaction.net_minor)), 0)).where(of_currency)
    # Each by an index of its own: the whole past need not be added up again.
    waits = net.where(col(BalanceTransaction.available_at) > now)
    later = net.where(
        false() if ended_at is None else col(BalanceTransaction.created_at) >= ended_at
    )
    with store.reporting(actor.actor_id) as session:
        pending, since = session.execute(
            select(waits.scalar_subquery(), later.scalar_subquery())
        ).one()
    available = balance.closing.amount_minor + int(since) - int(pending)
    return NotPaidOut(
        available=Money(available, balance.currency), pending=Money(int(pending), balance.currency)
    )
