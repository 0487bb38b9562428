"""Which disputes: the filter of their list and of its export."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col

from cardpay.domain.business_days import ALL_DAYS, Days
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.reporting.day_conditions import within
from cardpay.storage.schema.tables import Dispute


@dataclass(frozen=True)
class DisputeFilter:
    """Which disputes, by the day they began; what is left at its default lets all through.

    `currency` and `reason` are as Stripe spells them.
    """

    days: Days = ALL_DAYS
    statuses: frozenset[DisputeStatus] = frozenset()
    currency: str | None = None
    reason: str | None = None


EVERY_DISPUTE: Final = DisputeFilter()


def conditions(chosen: DisputeFilter, zone: tzinfo) -> list[ColumnElement[bool]]:
    """What must hold for a dispute; `zone` is that of business days."""
    found = within(col(Dispute.created_at), chosen.days, zone)
    if chosen.statuses:
        found.append(col(Dispute.status).in_(sorted(chosen.statuses)))
    if chosen.currency is not None:
        found.append(col(Dispute.currency) == chosen.currency)
    if chosen.reason is not None:
        found.append(col(Dispute.reason) == chosen.reason)
    return found
