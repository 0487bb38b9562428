"""A report: counts and sums of what was paid, grouped as somebody asks for it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import SQLColumnExpression, func, select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days
from cardpay.domain.payment.display_status import PAID
from cardpay.reporting.day_conditions import within
from cardpay.reporting.insights.steps import Step, first_of_step
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payment


class ReportKey(StrEnum):
    """What a report can be grouped by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    CURRENCY = "currency"
    PRODUCT = "product"
    TAKEN_BY = "taken_by"
    BRAND = "brand"
    METHOD = "method"
    STATUS = "status"


@dataclass(frozen=True)
class Line:
    """The payments of a group in one currency; amounts in its minor unit.

    `group` has a text for each key: of a day, week or month the day on which it begins.
    `refunded_minor` is what of these payments was refunded until now.
    """

    group: tuple[str, ...]
    currency: str
    payments: int
    volume_minor: int
    refunded_minor: int


@dataclass(frozen=True)
class Report:
    """The groups in order, and a sum for each currency (whose group is empty)."""

    lines: tuple[Line, ...]
    sums: tuple[Line, ...]


_COLUMNS: Final[dict[ReportKey, SQLColumnExpression[Any]]] = {
    ReportKey.PRODUCT: col(Payment.product_name),
    ReportKey.TAKEN_BY: col(Payment.taken_by),
    ReportKey.BRAND: func.coalesce(Payment.card_brand, ""),
    ReportKey.METHOD: func.coalesce(Payment.payment_method_type, ""),
    ReportKey.STATUS: col(Payment.display_status),
}
_STEPS: Final = {
    ReportKey.DAY: Step.DAY,
    ReportKey.WEEK: Step.WEEK,
    ReportKey.MONTH: Step.MONTH,
}
_Sums = tuple[int, int, int]
_NOTHING: Final[_Sums] = (0, 0, 0)


def report(
    store: Store, actor: Actor, days: Days, by: Sequence[ReportKey], zone: ZoneInfo
) -> Report:
    """What was paid on these days, by these keys and by currency, as the books are now.

    `days` has no open end. Raises NotAllowed.
    """
    actor.require(Permission.SEE_BOOKS)
    grouped: defaultdict[tuple[tuple[str, ...], str], _Sums] = defaultdict(lambda: _NOTHING)
    with store.reporting(actor.actor_id) as session:
        for stretch in days.each() if set(by) & set(_STEPS) else (None,):
            of_it = Days(stretch, stretch) if stretch else days
            for values, currency, sums in _counted(session, of_it, by, zone):
                group = tuple(_text(key, values, stretch) for key in by)
                grouped[group, currency] = _plus(grouped[group, currency], sums)
        people = names(session, _people(grouped, by))
    of_currency: defaultdict[str, _Sums] = defaultdict(lambda: _NOTHING)
    for (_, currency), sums in grouped.items():
        of_currency[currency] = _plus(of_currency[currency], sums)
    return Report(
        tuple(
            Line(_with_names(group, by, people), currency, *sums)
            for (group, currency), sums in sorted(grouped.items())
        ),
        tuple(Line((), currency, *sums) for currency, sums in sorted(of_currency.items())),
    )


def _counted(
    session: Session, days: Days, by: Sequence[ReportKey], zone: ZoneInfo
) -> list[tuple[dict[ReportKey, str], str, _Sums]]:
    """What was paid on these days, by the keys that are columns."""
    columns = [key for key in by if key in _COLUMNS]
    grouped = [_COLUMNS[key] for key in columns]
    found = session.execute(
        select(
            *grouped,
            col(Payment.currency),
            func.count(),
            func.sum(Payment.amount_received_minor),
            func.sum(Payment.amount_refunded_minor),
        )
        .where(
            col(Payment.display_status).in_(sorted(PAID)),
            *within(col(Payment.succeeded_at), days, zone),
        )
        .group_by(*grouped, col(Payment.currency))
    )
    lines = []
    for *values, currency, payments, volume, refunded in found:
        sums = (int(payments), int(volume), int(refunded))
        lines.append((dict(zip(columns, map(str, values), strict=True)), currency, sums))
    return lines


def _people(grouped: Collection[tuple[tuple[str, ...], str]], by: Sequence[ReportKey]) -> set[str]:
    places = [place for place, key in enumerate(by) if key is ReportKey.TAKEN_BY]
    return {group[place] for group, _ in grouped for place in places}


def _with_names(
    group: tuple[str, ...], by: Sequence[ReportKey], people: Mapping[str, str]
) -> tuple[str, ...]:
    return tuple(
        people[text] if key is ReportKey.TAKEN_BY else text
        for key, text in zip(by, group, strict=True)
    )


def _text(key: ReportKey, values: dict[ReportKey, str], day: date | None) -> str:
    if key is ReportKey.CURRENCY:
        return ""  # every line has one
    if key in _STEPS:
        assert day is not None
        return first_of_step(day, _STEPS[key]).isoformat()
    return values[key]


def _plus(one: _Sums, other: _Sums) -> _Sums:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
