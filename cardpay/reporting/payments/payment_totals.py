"""What stands above the list of payments: how many a filter finds, and the money of them."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.money import Money
from cardpay.domain.payment.display_status import PAID
from cardpay.domain.personal_data.search_keys import check_search
from cardpay.reporting.payments.payment_filter import PaymentFilter, parts, without_index
from cardpay.reporting.payments.payment_search import Part
from cardpay.reporting.payments.payments_list import few_of, has_more_than, visible_to
from cardpay.storage.database.engine import Store
from cardpay.storage.database.inserts import is_postgresql
from cardpay.storage.schema.tables import Payment

# To find so many payments by their ids takes as long as to ask each of a million. PostgreSQL makes
# a hash of the ids, and asks slowly.
_MANY: Final = 200_000
_MANY_HASHED: Final = 600_000


@dataclass(frozen=True)
class CurrencyTotal:
    """The payments in one currency: how many, how many of them were paid, and what came in.

    What was given back or is disputed is not taken off.
    """

    payments: int
    paid: int
    received: Money


@dataclass(frozen=True)
class PaymentTotals:
    """All that a filter finds; the currency with the most paid payments comes first."""

    payments: int
    by_currency: tuple[CurrencyTotal, ...]


def payment_totals(
    store: Store, actor: Actor, chosen: PaymentFilter, zone: tzinfo, now: datetime
) -> PaymentTotals:
    """The exact totals of what `payments_page` lists, over all its pages.

    Raises NotAllowed, and what `check_search` does.
    """
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    check_search(chosen.search)
    # Or SQLite reads the rows in the order of currencies, each by itself.
    currency = without_index(col(Payment.currency))
    is_paid = col(Payment.display_status).in_(sorted(PAID))
    with store.reporting(actor.actor_id) as session:
        found = parts(session, chosen, zone)
        few = few_of(session, found)
        conditions = [
            part.holds if few is not None else _condition(session, part) for part in found
        ]
        sums = (
            select(
                currency,
                func.count(),
                func.sum(case((is_paid, 1), else_=0)),
                func.sum(case((is_paid, col(Payment.amount_received_minor)), else_=0)),
            )
            .where(or_(*visible_to(actor, now)), *conditions)
            .group_by(currency)
        )
        if few is not None:
            sums = sums.where(col(Payment.id).in_(few))
        rows = session.execute(sums).all()
    totals = [
        CurrencyTotal(int(payments), int(paid), Money(int(received), code))
        for code, payments, paid, received in rows
    ]
    totals.sort(key=lambda one: (-one.paid, -one.payments, one.received.currency))
    return PaymentTotals(sum(one.payments for one in totals), tuple(totals))


def _condition(session: Session, part: Part) -> ColumnElement[bool]:
    """What must hold, in the form that is quickest where every payment is read."""
    many = _MANY_HASHED if is_postgresql(session) else _MANY
    if part.in_count is not None and not has_more_than(session, part.ids or (), many):
        return part.in_count
    return part.holds if part.in_walk is None else part.in_walk
