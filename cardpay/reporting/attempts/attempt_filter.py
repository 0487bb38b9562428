"""Which attempts: the filter of their list and of its export."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col

from cardpay.domain.business_days import ALL_DAYS, Days
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.reporting.day_conditions import within
from cardpay.storage.schema.tables import PaymentAttempt


@dataclass(frozen=True)
class AttemptFilter:
    """Which attempts, by the day they were made; what is left at its default lets all through.

    `statuses` are outcomes; `currency`, `decline_codes` and `brand` are as Stripe spells them;
    `tried_by` is the id of the actor who pressed the button.
    """

    days: Days = ALL_DAYS
    statuses: frozenset[AttemptOutcome] = frozenset()
    currency: str | None = None
    decline_codes: frozenset[str] = frozenset()
    brand: str | None = None
    tried_by: str | None = None


EVERY_ATTEMPT: Final = AttemptFilter()


def conditions(chosen: AttemptFilter, zone: tzinfo) -> list[ColumnElement[bool]]:
    """What must hold for an attempt; `zone` is that of business days."""
    found = within(col(PaymentAttempt.created_at), chosen.days, zone)
    if chosen.statuses:
        found.append(col(PaymentAttempt.outcome).in_(sorted(chosen.statuses)))
    code = col(PaymentAttempt.decline_code)
    if len(chosen.decline_codes) == 1:  # so written, its index gives the order, too
        found.append(code == next(iter(chosen.decline_codes)))
    elif chosen.decline_codes:
        found.append(code.in_(sorted(chosen.decline_codes)))
    for column, value in (
        (PaymentAttempt.currency, chosen.currency),
        (PaymentAttempt.card_brand, chosen.brand),
        (PaymentAttempt.actor_id, chosen.tried_by),
    ):
        if value is not None:
            found.append(col(column) == value)
    return found
