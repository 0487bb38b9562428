"""Which payout a line of the bank statement is of."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days
from cardpay.domain.money import Money
from cardpay.domain.payment.payout import PayoutStatus
from cardpay.reporting.balance.payout_list import reports_of
from cardpay.reporting.day_conditions import within
from cardpay.reporting.operations.payout_reports import PayoutReport
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payout

# Banks book a payout on the day that Stripe expects, or some days later: weekends, bank holidays.
BANK_LINE_DAYS: Final = 5


@dataclass(frozen=True)
class BankLine:
    """The payouts that a line of the bank statement may be of.

    `equal` have its amount, the nearest day first. If there is none, `nearest` is the payout of
    those days whose amount is nearest; None if no payout arrives in those days.
    """

    equal: tuple[PayoutReport, ...]
    nearest: PayoutReport | None = None


def payouts_of_bank_line(store: Store, actor: Actor, amount: Money, day: date) -> BankLine:
    """The payouts that a bank line of this amount and day may be of. Raises NotAllowed.

    They arrive within BANK_LINE_DAYS of its day. What was cancelled never arrives.
    """
    actor.require(Permission.SEE_BOOKS)
    around = timedelta(days=BANK_LINE_DAYS)
    query = (
        select(Payout)
        .where(
            # Stripe's day of arrival is midnight in UTC.
            *within(col(Payout.arrival_at), Days(day - around, day + around), UTC),
            col(Payout.currency) == amount.currency,
            col(Payout.status) != PayoutStatus.CANCELED,
        )
        .order_by(func.abs(col(Payout.amount_minor) - amount.amount_minor), col(Payout.id))
    )
    with store.reporting(actor.actor_id) as session:
        found = list(session.execute(query).scalars())
        equal = [one for one in found if one.amount_minor == amount.amount_minor]
        equal.sort(key=lambda one: (_days_off(one, day), one.id))
        if equal:
            return BankLine(reports_of(session, equal))
        return BankLine((), next(iter(reports_of(session, found[:1])), None))


def _days_off(payout: Payout, day: date) -> int:
    return abs((payout.arrival_at.date() - day).days) if payout.arrival_at else 0
