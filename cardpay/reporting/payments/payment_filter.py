"""Which payments: the filter of the list, its totals, its export and what Insights opens."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    exists,
    false,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col

from cardpay.domain.business_days import ALL_DAYS, Days, business_day, hours_of
from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import THREE_DECIMAL, ZERO_DECIMAL
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.day_conditions import within
from cardpay.reporting.payments.payment_search import Part, listed, search_part
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Payment,
    PaymentAttempt,
    PaymentLink,
    Refund,
)

NOT_SETTLED: Final = "not-"
"""Stands before a currency, in the address of the list of payments that did not settle in it."""
_NOT_TWO_DECIMALS: Final = sorted(ZERO_DECIMAL | THREE_DECIMAL)


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
    Without a currency, amounts are of those with two decimals. `country` is that of the latest
    charge's card. `weekday_and_hour` is as in Split.HOUR, of the time that `by` means.
    `settled_in` is the one currency of the balance transactions of its charges; `not_settled_in`
    finds those that settled in another, or did not settle yet.
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
    country: str | None = None
    weekday_and_hour: str | None = None
    settled_in: str | None = None
    not_settled_in: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it lets every payment through."""
        return replace(self, search=self.search.strip(), by=DayOf.CREATED) == EVERY_PAYMENT


# Under names of their own, since a query for payments may have these tables, too.
_MOST_DAYS_BY_HOUR: Final = timedelta(days=3_660)
_ATTEMPT: Final = aliased(PaymentAttempt)
_LINK: Final = aliased(PaymentLink)
_MOVED: Final = aliased(BalanceTransaction)
_REFUND: Final = aliased(Refund)
EVERY_PAYMENT: Final = PaymentFilter()


def conditions(session: Session, chosen: PaymentFilter, zone: tzinfo) -> list[ColumnElement[bool]]:
    """What must hold for a payment that `chosen` lets through; `zone` is that of business days.

    All are conditions of the payment's own row. Which payments an actor may see is another matter:
    see `visible_to`.
    """
    return [part.holds for part in parts(session, chosen, zone)]


def parts(
    session: Session, chosen: PaymentFilter, zone: tzinfo, *, by_amount: bool = False
) -> list[Part]:
    """The same, one for each part of the filter, with its way by an index.

    `by_amount` says that they are for a list that is sorted by amount.
    """
    found = [*_days(chosen, zone), *_amounts(chosen, in_order=by_amount)]
    found += [_of_payment(holds) for holds in _columns(chosen)]
    if chosen.elsewhere is not None:
        at_desk = and_(col(Payment.taken_at_desk))
        found.append(_of_payment(~at_desk) if chosen.elsewhere else Part(at_desk))
    if chosen.decline_code is not None:
        code = col(_ATTEMPT.decline_code) == chosen.decline_code
        attempts = _of_attempt(code)
        found.append(listed(attempts.holds, attempts.ids or ()))
    if chosen.moto is not None:
        found.append(_wanted(_of_attempt(col(_ATTEMPT.moto) == true()), wanted=chosen.moto))
    if chosen.by_link is not None:
        linked = exists().where(col(_LINK.id) == col(Payment.id))
        found.append(_wanted(listed(linked, [select(col(_LINK.id))]), wanted=chosen.by_link))
    if chosen.country is not None:
        found.append(_of_latest_charge(col(_ATTEMPT.card_country) == chosen.country))
    if chosen.weekday_and_hour is not None:
        found.append(_hours(session, chosen, chosen.weekday_and_hour, zone))
    if chosen.settled_in is not None:
        found.append(_settled_in(chosen.settled_in))
    if chosen.not_settled_in is not None:
        found.append(_wanted(_settled_in(chosen.not_settled_in), wanted=False))
    if search := chosen.search.strip():
        found.append(search_part(session, search))
    return found


def _days(chosen: PaymentFilter, zone: tzinfo) -> list[Part]:
    if chosen.by is DayOf.CREATED:
        return [Part(holds) for holds in within(col(Payment.created_at), chosen.days, zone)]
    paid, in_walk = (
        within(column, chosen.days, zone)
        for column in (col(Payment.succeeded_at), without_index(col(Payment.succeeded_at)))
    )
    if not paid:
        return []
    found = [_of_payment(and_(*paid), and_(*in_walk))]
    _, ended_at = chosen.days.bounds(zone)
    if ended_at is not None:
        # Nothing is paid before it is made: so the list, by the time it was made, begins near
        # these days. A day more, since the clocks are Stripe's and the desk's.
        found.append(Part(col(Payment.created_at) < ended_at + timedelta(days=1)))
    return found


def _hours(session: Session, chosen: PaymentFilter, wanted: str, zone: tzinfo) -> Part:
    """Neither database knows time zones: the hours of all the days, each with its bounds.

    Raises InvalidInput for so many days that no statement could name them.
    """
    column = col(Payment.succeeded_at if chosen.by is DayOf.PAID else Payment.created_at)
    ends = [session.execute(select(end(column))).scalar_one() for end in (func.min, func.max)]
    hours = []
    if None not in ends:
        began, ended = (business_day(at, zone) for at in ends)
        first = max(chosen.days.first or began, began)
        last = min(chosen.days.last or ended, ended)
        if last - first > _MOST_DAYS_BY_HOUR:
            raise InvalidInput("Period", "Choose a period of ten years or less")
        weekday, _, hour = wanted.partition("-")
        hours = [
            bounds
            for day in (Days(first, last).each() if first <= last else ())
            if day.isoweekday() == int(weekday)
            for its_hour, *bounds in hours_of(day, zone)
            if its_hour == int(hour)
        ]
    holds, in_walk = (
        or_(false(), *(and_(at >= begins_at, at < ended_at) for begins_at, ended_at in hours))
        for at in (column, without_index(column))
    )
    return _of_payment(holds, in_walk)


def _columns(chosen: PaymentFilter) -> Iterator[ColumnElement[bool]]:
    if chosen.statuses:
        yield col(Payment.display_status).in_(sorted(chosen.statuses))
    for column, value in (
        (Payment.currency, chosen.currency),
        (Payment.product_name, chosen.product),
        (Payment.taken_by, chosen.taken_by),
        (Payment.card_brand, chosen.brand),
        (Payment.card_last4, chosen.last4),
        (Payment.payment_method_type, chosen.method),
    ):
        if value is not None:
            yield col(column) == value


def _amounts(chosen: PaymentFilter, *, in_order: bool) -> list[Part]:
    """`in_order` says that the list is sorted by amount: then the range is a part of its walk."""
    least, most = chosen.amount_from, chosen.amount_to
    if least is None and most is None:
        return []
    amount = col(Payment.amount_minor)
    if least is not None and least == most:
        found = [_of_payment(amount == least)]
    else:
        holds, in_walk = (
            and_(
                column >= least if least is not None else true(),
                column <= most if most is not None else true(),
            )
            for column in (amount, without_index(amount))
        )
        found = [_of_payment(holds, None if in_order else in_walk)]
    if chosen.currency is None:
        found.append(Part(col(Payment.currency).not_in(_NOT_TWO_DECIMALS)))
    return found


def without_index(column: Mapped[Any]) -> SQLColumnExpression[Any]:
    """The column itself, for which SQLite uses no index; PostgreSQL takes it for what it is."""
    return func.coalesce(column, null())


def _of_payment(holds: ColumnElement[bool], in_walk: ColumnElement[bool] | None = None) -> Part:
    return Part(holds, [select(col(Payment.id)).where(holds)], in_walk)


def _of_attempt(holds: ColumnElement[bool]) -> Part:
    """Of any attempt of the payment."""
    owner = col(_ATTEMPT.payment_id)
    return Part(exists().where(owner == col(Payment.id), holds), [select(owner).where(holds)])


def _of_latest_charge(holds: ColumnElement[bool]) -> Part:
    is_latest = and_(
        col(_ATTEMPT.payment_id) == col(Payment.id),
        col(_ATTEMPT.stripe_charge_id) == col(Payment.latest_charge_id),
    )
    return Part(
        exists().where(is_latest, holds),
        [select(col(Payment.id)).join(_ATTEMPT, is_latest).where(holds)],
    )


def _settled_in(currency: str) -> Part:
    """By what its charges moved. What brings a failed refund's money back is the refund's."""
    moved_by_charge = and_(
        col(_MOVED.stripe_source_id) == col(_ATTEMPT.stripe_charge_id),
        col(_MOVED.stripe_account_id) == col(_ATTEMPT.stripe_account_id),
        col(_MOVED.livemode) == col(_ATTEMPT.livemode),
        ~exists().where(
            col(_REFUND.stripe_failure_balance_transaction_id)
            == col(_MOVED.stripe_balance_transaction_id)
        ),
    )
    in_it, in_another = (
        exists().where(col(_ATTEMPT.payment_id) == col(Payment.id), moved_by_charge, holds)
        # Found by their charge: SQLite would rather walk all of a currency.
        for code in (without_index(col(_MOVED.currency)),)
        for holds in (code == currency, code != currency)
    )
    return Part(and_(in_it, ~in_another))


def _wanted(part: Part, *, wanted: bool) -> Part:
    return part if wanted else Part(~part.holds)
