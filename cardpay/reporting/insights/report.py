"""A report: counts and sums of what was paid, grouped as somebody asks for it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    FromClause,
    Select,
    SQLColumnExpression,
    Subquery,
    case,
    false,
    func,
    select,
    true,
)
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days
from cardpay.domain.payment.display_status import PAID
from cardpay.reporting.day_conditions import within
from cardpay.reporting.insights.steps import Step, first_of_step
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.payments.balance_movements import payments_moved
from cardpay.storage.schema.tables import BalanceTransaction, Payment


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
    """The groups in order, and a sum for each currency (whose group is empty).

    Where all is reported in one currency, `left_out` has a sum for each other currency in which
    something was paid that settled in another one, or of which that is not known yet.
    """

    lines: tuple[Line, ...]
    sums: tuple[Line, ...]
    left_out: tuple[Line, ...] = ()


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
    store: Store,
    actor: Actor,
    days: Days,
    by: Sequence[ReportKey],
    zone: ZoneInfo,
    reporting: str = "",
) -> Report:
    """What was paid on these days, by these keys and by currency, as the books are now.

    With `reporting`, a currency of the Stripe balance in lower case, all is in it: what the
    payments' own balance transactions moved. `days` has no open end. Raises NotAllowed.
    """
    actor.require(Permission.SEE_BOOKS)
    grouped: defaultdict[tuple[tuple[str, ...], str], _Sums] = defaultdict(lambda: _NOTHING)
    left_out: defaultdict[str, _Sums] = defaultdict(lambda: _NOTHING)
    with store.reporting(actor.actor_id) as session:
        for stretch in days.each() if set(by) & set(_STEPS) else (None,):
            of_it = Days(stretch, stretch) if stretch else days
            for values, currency, is_in, sums in _counted(session, of_it, by, zone, reporting):
                if not is_in:
                    left_out[currency] = _plus(left_out[currency], sums)
                    continue
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
        tuple(Line((), currency, *sums) for currency, sums in sorted(left_out.items())),
    )


def _counted(
    session: Session, days: Days, by: Sequence[ReportKey], zone: ZoneInfo, reporting: str
) -> list[tuple[dict[ReportKey, str], str, bool, _Sums]]:
    """What was paid on these days, by the keys that are columns.

    With the currency of its sums, and whether it is to be added.
    """
    columns = [key for key in by if key in _COLUMNS]
    is_paid = (
        col(Payment.display_status).in_(sorted(PAID)),
        *within(col(Payment.succeeded_at), days, zone),
    )
    in_sums: Any = true()
    currency: Any = col(Payment.currency)
    volume: Any = col(Payment.amount_received_minor)
    refunded: Any = col(Payment.amount_refunded_minor)
    tables: FromClause = Payment.__table__  # type: ignore[attr-defined]
    if reporting:
        settled = _settled(select(col(Payment.id)).where(*is_paid), reporting)
        tables = tables.outerjoin(settled, settled.c.payment_id == Payment.id)
        in_sums = func.coalesce(settled.c.is_in, false())
        currency = case((in_sums, reporting), else_=currency)
        volume = case((in_sums, settled.c.volume_minor), else_=volume)
        refunded = case((in_sums, settled.c.refunded_minor), else_=refunded)
    grouped = (*(_COLUMNS[key] for key in columns), currency.label("code"), in_sums.label("is_in"))
    rows = select(*grouped, volume.label("volume"), refunded.label("refunded"))
    paid = rows.select_from(tables).where(*is_paid).subquery()
    keys = list(paid.c)[: len(grouped)]
    found = session.execute(
        select(*keys, func.count(), func.sum(paid.c.volume), func.sum(paid.c.refunded)).group_by(
            *keys
        )
    )
    lines = []
    for *values, code, is_in, payments, received, given_back in found:
        sums = (int(payments), int(received), int(given_back))
        lines.append((dict(zip(columns, map(str, values), strict=True)), code, bool(is_in), sums))
    return lines


def _settled(paid: Select[str], currency: str) -> Subquery:
    """Of payments: whether all their charges settled in the currency, and what moved in it."""
    moved = payments_moved(paid).subquery()
    of_charge, is_refund = moved.c.kind == "charge", moved.c.kind == "refund"
    in_it = col(BalanceTransaction.currency) == currency
    gross = col(BalanceTransaction.gross_minor)
    charges, of_them_in_it = (
        func.count(case((condition, 1))) for condition in (of_charge, of_charge & in_it)
    )
    return (
        select(
            moved.c.payment_id,
            ((of_them_in_it > 0) & (of_them_in_it == charges)).label("is_in"),
            func.sum(case((of_charge & in_it, gross), else_=0)).label("volume_minor"),
            func.sum(case((is_refund & in_it, -gross), else_=0)).label("refunded_minor"),
        )
        .join_from(moved, BalanceTransaction, moved.c.transaction_id == col(BalanceTransaction.id))
        .group_by(moved.c.payment_id)
        .subquery()
    )


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
