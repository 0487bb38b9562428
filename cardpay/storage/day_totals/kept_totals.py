"""The kept totals: which days of them count, reading them with the rest, and keeping a day's."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Insert,
    Select,
    SQLColumnExpression,
    String,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
)
from sqlmodel import Session, col

from cardpay.domain.business_days import QUARTER, Days, business_day
from cardpay.domain.payment.totals import (
    BY_SETTLEMENT,
    MEASURES,
    SETTLED_MEASURES,
    Split,
    Totals,
    in_settlement_currency,
    settlement_alone,
    without_settlement,
)
from cardpay.storage.day_totals.totals_of_a_day import COLUMNS, parameters_of, totals_of_a_day
from cardpay.storage.schema.tables import (
    ChangedQuarter,
    DayTotal,
    Payment,
    PaymentAttempt,
    TotalledDay,
)

_SETTLED: Final[dict[str, Any]] = {
    "volume_minor": DayTotal.settled_volume_minor,
    "refunded_minor": DayTotal.settled_refunded_minor,
    "disputed_minor": DayTotal.settled_disputed_minor,
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[date | None, str, str]
"""The day (None: all of them together), the currency and the value of a split."""


@dataclass(frozen=True, slots=True)
class _Computed:
    """A row as it would be kept; `settled` are its amounts in the balance's currency."""

    day: date
    currency: str
    settled_in: str
    value: str
    totals: Totals
    settled: Mapping[str, int]


class ReadTotals:
    """The totals of a range of days, read with one session.

    Of the days that are kept and have not changed since, the kept ones; the others' are computed
    from the books as they are now.
    """

    def __init__(self, session: Session, days: Days, zone: ZoneInfo) -> None:
        self._session = session
        self._zone = zone
        self._others = days_to_keep(session, days, zone)
        self._computed = _computed(session, self._others, zone)

    def sums(
        self, days: Days, split: Split = Split.NOTHING, *, by_day: bool = False, currency: str = ""
    ) -> dict[Key, Totals]:
        """The totals of days of the range, for each value of a split; of all currencies, or one.

        Never added across currencies.
        """
        grouped: list[Any] = [DayTotal.day, DayTotal.currency, DayTotal.value]
        key = grouped if by_day else [null(), *grouped[1:]]
        kept = select(*key, *(func.sum(getattr(DayTotal, name)) for name in MEASURES)).where(
            *self._kept(days, split), *([col(DayTotal.currency) == currency] if currency else [])
        )
        return self._added(
            kept.group_by(*(grouped if by_day else grouped[1:])),
            (
                (one.day if by_day else None, one.currency, one.value, one.totals)
                for one in self._computed_of(days, split)
                if currency in {"", one.currency}
            ),
        )

    def settled(
        self, days: Days, settled_in: str, split: Split = Split.NOTHING, *, by_day: bool = False
    ) -> dict[Key, Totals]:
        """The same of all currencies together, in one of the Stripe balance's.

        Amounts are what the payments' own balance transactions moved: of what settled in another
        currency or not yet, see `left_out`. Tries, which are no money, count all.
        """
        grouped: list[Any] = [DayTotal.day, DayTotal.value]
        day = DayTotal.day if by_day else null()
        here = col(DayTotal.settled_in) == settled_in
        key: list[Any] = [day, literal(settled_in, String), DayTotal.value]
        sums = (func.sum(_settled_measure(name, here)) for name in MEASURES)
        kept = select(*key, *sums).where(*self._kept(days, split))
        return self._added(
            kept.group_by(*(grouped if by_day else grouped[1:])),
            (
                (
                    one.day if by_day else None,
                    settled_in,
                    one.value,
                    in_settlement_currency(one.totals, one.settled)
                    if one.settled_in == settled_in
                    else without_settlement(one.totals),
                )
                for one in self._computed_of(days, split)
            ),
        )

    def left_out(self, days: Days, settled_in: str) -> dict[Key, Totals]:
        """By day and currency what `settled` leaves out of payments, refunds and disputes."""
        what = (DayTotal.payments, DayTotal.refunds, DayTotal.disputes)
        key: list[Any] = [DayTotal.day, DayTotal.currency, DayTotal.value]
        kept = (
            select(*key, *(func.sum(getattr(DayTotal, name)) for name in MEASURES))
            .where(
                *self._kept(days, Split.NOTHING),
                col(DayTotal.settled_in) != settled_in,
                or_(*(col(one) > 0 for one in what)),
            )
            .group_by(*key)
        )
        found = self._added(
            kept,
            (
                (one.day, one.currency, one.value, one.totals)
                for one in self._computed_of(days, Split.NOTHING)
                if one.settled_in != settled_in
                and (one.totals.payments or one.totals.refunds or one.totals.disputes)
            ),
        )
        return {key: settlement_alone(totals) for key, totals in found.items()}

    def _kept(self, days: Days, split: Split) -> tuple[ColumnElement[bool], ...]:
        """Of which rows of the table a split of these days is read."""
        return (
            col(DayTotal.split) == split,
            col(DayTotal.day).between(days.first, days.last),
            col(DayTotal.day).in_(
                select(col(TotalledDay.day)).where(col(TotalledDay.zone) == self._zone.key)
            ),
            col(DayTotal.day).not_in(self._others),
        )

    def _computed_of(self, days: Days, split: Split) -> Iterator[_Computed]:
        first, last = days.closed()
        return (one for one in self._computed.get(split, ()) if first <= one.day <= last)

    def _added(
        self,
        kept: Select[*tuple[Any, ...]],
        computed: Iterable[tuple[date | None, str, str, Totals]],
    ) -> dict[Key, Totals]:
        found: dict[Key, Totals] = {}
        for day, currency, value, *sums in self._session.execute(kept):
            found[day, currency, value] = Totals(*map(int, sums))
        for day, currency, value, totals in computed:
            found[day, currency, value] = found.get((day, currency, value), Totals()) + totals
        return found


def _settled_measure(name: str, here: ColumnElement[bool]) -> SQLColumnExpression[Any]:
    column = col(_SETTLED.get(name, getattr(DayTotal, name)))
    return case((here, column), else_=0) if name in BY_SETTLEMENT else column


def days_of_books(session: Session, zone: ZoneInfo, now: datetime) -> Days:
    """The first day of which the books know something, until today."""
    today = business_day(now, zone)
    times = [
        session.execute(select(func.min(created_at))).scalar_one()
        for created_at in (Payment.created_at, PaymentAttempt.created_at)
    ]
    first = min((business_day(at, zone) for at in times if at is not None), default=today)
    return Days(min(first, today), today)


def days_to_keep(session: Session, days: Days, zone: ZoneInfo) -> list[date]:
    """The days of the range whose totals are not kept, or have changed since; newest first."""
    kept = set(
        session.execute(
            select(col(TotalledDay.day)).where(
                col(TotalledDay.day).between(days.first, days.last),
                col(TotalledDay.zone) == zone.key,
            )
        ).scalars()
    )
    changed = session.execute(
        select(col(ChangedQuarter.quarter)).distinct().where(_quarters(days, zone))
    ).scalars()
    kept -= {business_day(_EPOCH + quarter * QUARTER, zone) for quarter in changed}
    return sorted(set(days.each()) - kept, reverse=True)


def keep_day(session: Session, day: date, zone: ZoneInfo) -> None:
    """Compute the totals of a day and keep them; to be called in a transaction of its own.

    What is told as changed is forgotten first: whoever tells afterwards changed it afterwards.
    """
    session.execute(delete(ChangedQuarter).where(_quarters(Days(day, day), zone)))
    session.execute(delete(DayTotal).where(col(DayTotal.day) == day))
    session.execute(delete(TotalledDay).where(col(TotalledDay.day) == day))
    session.connection().execute(_keeping(), parameters_of(day, zone))
    session.execute(insert(TotalledDay).values(day=day, zone=zone.key))


def _quarters(days: Days, zone: ZoneInfo) -> ColumnElement[bool]:
    first, end = ((at - _EPOCH) // QUARTER for at in days.bounds(zone) if at)
    return (col(ChangedQuarter.quarter) >= first) & (col(ChangedQuarter.quarter) < end)


@cache
def _keeping() -> Insert:
    return insert(DayTotal).from_select(COLUMNS, totals_of_a_day())


def _computed(
    session: Session, days: Sequence[date], zone: ZoneInfo
) -> dict[str, list[_Computed]]:
    """By split: the totals of these days from the books."""
    found = defaultdict(list)
    for day in days:
        rows = session.connection().execute(totals_of_a_day(), parameters_of(day, zone))
        for split, _, currency, settled_in, value, *sums in rows:
            numbers = list(map(int, sums))
            totals = Totals(*numbers[: len(MEASURES)])
            settled = dict(zip(SETTLED_MEASURES.values(), numbers[len(MEASURES) :], strict=True))
            row = _Computed(day, currency, settled_in, value, totals, settled)
            found[split].append(row)
    return found
