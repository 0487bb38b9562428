"""Which payments: the filter of the list, its totals, its export and what Insights opens."""

from dataclasses import dataclass, replace
from datetime import tzinfo
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col

from cardpay.domain.business_days import ALL_DAYS, Days
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.day_conditions import within
from cardpay.reporting.payments.payment_search import found_by
from cardpay.storage.schema.tables import Payment, PaymentAttempt, PaymentLink


class DayOf(StrEnum):
    """Which of a payment's two days is meant: the day it was made, or the day it was paid."""

    CREATED = "created"
    PAID = "paid"


@dataclass(frozen=True)
class PaymentFilter:
    """Which payments to list. What is left at its default lets every payment through.

    Amounts are in the minor unit, both included, and as ordered. `currency`, `brand`, `method`
    and `decline_code` are as Stripe spells them. A payment has the decline codes of all its
    attempts, and is a telephone order (`moto`) if any of them was. `taken_by` is an actor's id.
    """

    statuses: frozenset[DisplayStatus] = frozenset()
    search: str = ""
    days: Days = ALL_DAYS
    by: DayOf = DayOf.CREATED
    currency: str | None = None
    amount_from: int | None = None
    amount_to: int | None = None
    product: str | None = None
    taken_by: str | None = None
    brand: str | None = None
    last4: str | None = None
    decline_code: str | None = None
    method: str | None = None
    moto: bool | None = None
    by_link: bool | None = None
    elsewhere: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it lets every payment through."""
        return replace(self, search=self.search.strip(), by=DayOf.CREATED) == EVERY_PAYMENT


EVERY_PAYMENT: Final = PaymentFilter()


def conditions(session: Session, chosen: PaymentFilter, zone: tzinfo) -> list[ColumnElement[bool]]:
    """What must hold for a payment that `chosen` lets through; `zone` is that of business days.

    All are conditions of the payment's own row. Which payments an actor may see is another matter:
    see `visible_to`.
    """
    day = Payment.succeeded_at if chosen.by is DayOf.PAID else Payment.created_at
    found = within(col(day), chosen.days, zone)
    if chosen.statuses:
        found.append(col(Payment.display_status).in_(sorted(chosen.statuses)))
    if chosen.amount_from is not None:
        found.append(col(Payment.amount_minor) >= chosen.amount_from)
    if chosen.amount_to is not None:
        found.append(col(Payment.amount_minor) <= chosen.amount_to)
    for column, value in (
        (Payment.currency, chosen.currency),
        (Payment.product_name, chosen.product),
        (Payment.taken_by, chosen.taken_by),
        (Payment.card_brand, chosen.brand),
        (Payment.card_last4, chosen.last4),
        (Payment.payment_method_type, chosen.method),
    ):
        if value is not None:
            found.append(col(column) == value)
    if chosen.elsewhere is not None:
        found.append(col(Payment.taken_at_desk).is_(not chosen.elsewhere))
    if chosen.decline_code is not None:
        found.append(_has_attempt(col(PaymentAttempt.decline_code) == chosen.decline_code))
    for wanted, holds in (
        (chosen.moto, _has_attempt(col(PaymentAttempt.moto).is_(True))),
        (chosen.by_link, exists().where(col(PaymentLink.id) == col(Payment.id))),
    ):
        if wanted is not None:
            found.append(holds if wanted else ~holds)
    if search := chosen.search.strip():
        found.append(found_by(session, search))
    return found


def _has_attempt(holds: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(col(PaymentAttempt.payment_id) == col(Payment.id), holds)
