"""What is in the balance now: available to be paid out, or still pending."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.money import Money
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import BalanceTransaction


@dataclass(frozen=True)
class NotPaidOut:
    """What Stripe holds in one currency. `pending` becomes available on a later day."""

    available: Money
    pending: Money


def not_paid_out(store: Store, actor: Actor, now: datetime) -> dict[str, NotPaidOut]:
    """What is not paid out, by currency. Raises NotAllowed.

    From `available_at` on, Stripe counts a transaction as available (API reference: "The Balance
    Transaction object", `available_on`).
    """
    actor.require(Permission.SEE_BOOKS)
    net = col(BalanceTransaction.net_minor)
    waits = case((col(BalanceTransaction.available_at) > now, net), else_=0)
    query = select(col(BalanceTransaction.currency), func.sum(net), func.sum(waits)).group_by(
        col(BalanceTransaction.currency)
    )
    with store.reading() as session:
        return {
            currency: NotPaidOut(
                available=Money(int(total) - int(pending), currency),
                pending=Money(int(pending), currency),
            )
            for currency, total, pending in session.execute(query)
        }
