"""Which payouts: the filter of their list and of its export."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import col

from cardpay.domain.business_days import ALL_DAYS, Days
from cardpay.domain.payment.payout import PayoutStatus
from cardpay.reporting.day_conditions import within
from cardpay.storage.schema.tables import Payout


class PayoutDay(StrEnum):
    """Which of a payout's two days is meant: the one it leaves the balance, or it arrives on."""

    LEAVES = "leaves"
    ARRIVES = "arrives"


@dataclass(frozen=True)
class PayoutFilter:
    """Which payouts, by the day they arrive; what is left at its default lets all through.

    `currency` is as Stripe spells it.
    """

    days: Days = ALL_DAYS
    statuses: frozenset[PayoutStatus] = frozenset()
    currency: str | None = None
    by: PayoutDay = PayoutDay.ARRIVES


def conditions(chosen: PayoutFilter, zone: tzinfo) -> list[ColumnElement[bool]]:
    """What must hold for a payout; `zone` is that of business days.

    Stripe gives the day on which it arrives as midnight in UTC, whatever the bank's zone (API
    reference: "The Payout object", `arrival_date`).
    """
    if chosen.by is PayoutDay.ARRIVES:
        found = within(col(Payout.arrival_at), chosen.days, UTC)
    else:
        found = within(col(Payout.created_at), chosen.days, zone)
    if chosen.statuses:
        found.append(col(Payout.status).in_(sorted(chosen.statuses)))
    if chosen.currency is not None:
        found.append(col(Payout.currency) == chosen.currency)
    return found
