"""What Insights shows: a range of days beside the one that it is compared with, in one currency.

What is paid counts on the day on which it was paid, as where the list of payments is filtered by
that; attempts, refunds and disputes count on their own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days
from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import Money
from cardpay.domain.payment.declines import advice_for
from cardpay.domain.payment.totals import Split, Totals
from cardpay.reporting.insights.steps import Comparison, Step, compared_with, steps_of
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.day_totals.kept_totals import Key, ReadTotals, days_of_books

_LONGEST: Final = timedelta(days=7_310)  # each day is a column of every chart


@dataclass(frozen=True)
class InsightsFilter:
    """Which days to show; an open end is that of the books.

    `currency` is lower case; where it is empty or none of the range's, the one with the most
    payments is taken. `reporting`, lower case, is a currency of the Stripe balance: shown in it is
    all that settled in it, in whatever currency it was paid.
    """

    days: Days
    comparison: Comparison = Comparison.BEFORE
    step: Step = Step.DAY
    currency: str = ""
    split: Split = Split.PRODUCT
    reporting: str = ""


@dataclass(frozen=True)
class StepTotals:
    """One day, week or month, cut by the ends of the range."""

    days: Days
    totals: Totals


@dataclass(frozen=True)
class Part:
    """The totals of one value of what they are split by. `name` is a person's, or the value."""

    value: str
    name: str
    totals: Totals


@dataclass(frozen=True)
class LeftOut:
    """What of a day is not added, in the currency that was paid in: `totals` has no tries.

    It settled in another currency than all is reported in, or its balance transaction is not
    known yet.
    """

    day: date
    currency: str
    totals: Totals


@dataclass(frozen=True)
class Side:
    """The totals of one of the two ranges.

    `fees` and `net` are what Stripe kept of its payments and what is left of them, in each
    currency of the balance.
    """

    days: Days
    totals: Totals
    fees: tuple[Money, ...]
    net: tuple[Money, ...]
    steps: tuple[StepTotals, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Insights:
    """`payments_in` has the number of payments in each currency, the most first.

    `parts` are in order of volume; `reasons` are those of declined attempts, the most first;
    `hours` are by weekday (1: Monday) and hour. Where `reports_all`, all currencies are
    together in `currency`, but for what the sides have left out.
    """

    currency: str
    payments_in: Mapping[str, int]
    now: Side
    before: Side | None
    parts: tuple[Part, ...]
    reasons: tuple[Part, ...]
    hours: Mapping[tuple[int, int], Totals]
    reports_all: bool = False


def insights(
    store: Store, actor: Actor, chosen: InsightsFilter, zone: ZoneInfo, now: datetime
) -> Insights | None:
    """What the range shows; None where the books have nothing.

    Raises NotAllowed; InvalidInput for more days than anybody waits for.
    """
    actor.require(Permission.SEE_BOOKS)
    with store.reporting(actor.actor_id) as session:
        books = days_of_books(session, zone, now)
        days = _within(chosen.days, books)
        if days is None:
            return None
        before = compared_with(days, chosen.comparison)
        both = Days(min(one.closed()[0] for one in (days, before) if one), days.last)
        read = ReadTotals(session, _within(both, books) or days, zone)
        in_currencies = read.sums(days)
        currency = chosen.reporting or _currency(in_currencies, chosen.currency)
        if not in_currencies:
            return None
        sums = (
            partial(read.settled, settled_in=currency)
            if chosen.reporting
            else partial(read.sums, currency=currency)
        )
        by_day = sums(both, by_day=True)
        parts = sums(days, split=chosen.split)
        reasons = sums(days, split=Split.REASON)
        hours = sums(days, split=Split.HOUR)
        left_out = read.left_out(both, currency) if chosen.reporting else {}
        now_side, before_side = (
            _side(one, sums(one, split=Split.SETTLED), by_day, left_out, chosen.step)
            for one in (days, before or days)
        )
        taken_by = chosen.split is Split.TAKEN_BY
        named = names(session, {value for *_, value in parts}) if taken_by else {}
        return Insights(
            currency,
            {
                one: totals.payments
                for (_, one, _), totals in sorted(
                    in_currencies.items(), key=lambda item: (-item[1].payments, item[0])
                )
            },
            now_side,
            before_side if before else None,
            _parts(parts, named),
            _reasons(reasons),
            {_hour(value): totals for (*_, value), totals in hours.items()},
            reports_all=bool(chosen.reporting),
        )


def _within(days: Days, books: Days) -> Days | None:
    """The part of a range that the books cover; None if they cover none of it."""
    began, today = books.closed()
    first = max(days.first or began, began)
    last = min(days.last or today, today)
    if last - first > _LONGEST:
        raise InvalidInput("Period", "Choose a period of twenty years or less")
    return Days(first, last) if first <= last else None


def _currency(found: Mapping[Key, Totals], wanted: str) -> str:
    counts = {currency: totals.payments for (_, currency, _), totals in found.items()}
    if wanted in counts:
        return wanted
    return max(sorted(counts), key=lambda currency: counts[currency], default="")


def _side(
    days: Days,
    settled: Mapping[Key, Totals],
    by_day: Mapping[Key, Totals],
    left_out: Mapping[Key, Totals],
    step: Step,
) -> Side:
    of_day: defaultdict[date | None, Totals] = defaultdict(Totals)
    of_day.update({day: totals for (day, _, _), totals in by_day.items()})
    steps = tuple(
        StepTotals(one, _sum(of_day[day] for day in one.each())) for one in steps_of(days, step)
    )
    first, last = days.closed()
    moved = sorted((balance, one) for (_, _, balance), one in settled.items() if one != Totals())
    return Side(
        days,
        _sum(one.totals for one in steps),
        tuple(Money(totals.fee_minor, balance) for balance, totals in moved),
        tuple(Money(totals.net_minor, balance) for balance, totals in moved),
        steps,
        tuple(
            LeftOut(day, currency, totals)
            for (day, currency, _), totals in left_out.items()
            if day and first <= day <= last
        ),
    )


def _sum(totals: Iterable[Totals]) -> Totals:
    return sum(totals, start=Totals())


def _parts(found: Mapping[Key, Totals], named: Mapping[str, str]) -> tuple[Part, ...]:
    parts = [Part(value, named.get(value, value), totals) for (*_, value), totals in found.items()]
    return tuple(sorted(parts, key=lambda one: (-one.totals.volume_minor, one.value)))


def _reasons(found: Mapping[Key, Totals]) -> tuple[Part, ...]:
    """By what staff read for them; `value` are the decline codes, with commas between them.

    Empty where they do not tell those attempts from others: one of them has no decline code, or
    its code is another reason's, too.
    """
    titles: defaultdict[str, Totals] = defaultdict(Totals)
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for (*_, value), totals in found.items():
        decline_code, _, code = value.partition("/")
        if totals.attempts_declined:
            title = advice_for(code or None, decline_code or None).title
            titles[title] += totals
            codes[title].add(decline_code)
    shared = Counter(code for each in codes.values() for code in each)
    parts = [
        Part(
            ",".join(sorted(codes[title]))
            if all(code and shared[code] == 1 for code in codes[title])
            else "",
            title,
            totals,
        )
        for title, totals in titles.items()
    ]
    return tuple(sorted(parts, key=lambda one: (-one.totals.attempts_declined, one.name)))


def _hour(value: str) -> tuple[int, int]:
    weekday, _, hour = value.partition("-")
    return int(weekday), int(hour)
