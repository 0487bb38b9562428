"""What Insights shows: a range of days beside the one that it is compared with, in one currency.

What is paid counts on the day on which it was paid, as where the list of payments is filtered by
that; attempts, refunds and disputes count on their own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days
from cardpay.domain.money import Money
from cardpay.domain.payment.declines import advice_for
from cardpay.domain.payment.totals import Split, Totals
from cardpay.reporting.insights.steps import Comparison, Step, compared_with, steps_of
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.day_totals.kept_totals import Key, ReadTotals, days_of_books


@dataclass(frozen=True)
class InsightsFilter:
    """Which days to show; an open end is that of the books.

    `currency` is lower case; where it is empty or none of the range's, the one with the most
    payments is taken.
    """

    days: Days
    comparison: Comparison = Comparison.BEFORE
    step: Step = Step.DAY
    currency: str = ""
    split: Split = Split.PRODUCT


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


@dataclass(frozen=True)
class Insights:
    """`payments_in` has the number of payments in each currency, the most first.

    `parts` are in order of volume; `reasons` are those of declined attempts, the most first;
    `hours` are by weekday (1: Monday) and hour.
    """

    currency: str
    payments_in: Mapping[str, int]
    now: Side
    before: Side | None
    parts: tuple[Part, ...]
    reasons: tuple[Part, ...]
    hours: Mapping[tuple[int, int], Totals]


def insights(
    store: Store, actor: Actor, chosen: InsightsFilter, zone: ZoneInfo, now: datetime
) -> Insights | None:
    """What the range shows; None where the books have nothing. Raises NotAllowed."""
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
        currency = _currency(in_currencies, chosen.currency)
        if not currency:
            return None
        by_day = read.sums(both, by_day=True, currency=currency)
        parts = read.sums(days, chosen.split, currency=currency)
        reasons = read.sums(days, Split.REASON, currency=currency)
        hours = read.sums(days, Split.HOUR, currency=currency)
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
            _side(read, days, currency, by_day, chosen.step),
            _side(read, before, currency, by_day, chosen.step) if before else None,
            _parts(parts, named),
            _reasons(reasons),
            {_hour(value): totals for (*_, value), totals in hours.items()},
        )


def _within(days: Days, books: Days) -> Days | None:
    """The part of a range that the books cover; None if they cover none of it."""
    began, today = books.closed()
    first = max(days.first or began, began)
    last = min(days.last or today, today)
    return Days(first, last) if first <= last else None


def _currency(found: Mapping[Key, Totals], wanted: str) -> str:
    counts = {currency: totals.payments for (_, currency, _), totals in found.items()}
    if wanted in counts:
        return wanted
    return max(sorted(counts), key=lambda currency: counts[currency], default="")


def _side(
    read: ReadTotals, days: Days, currency: str, by_day: Mapping[Key, Totals], step: Step
) -> Side:
    of_day: defaultdict[date | None, Totals] = defaultdict(Totals)
    of_day.update({day: totals for (day, _, _), totals in by_day.items()})
    steps = tuple(
        StepTotals(one, _sum(of_day[day] for day in one.each())) for one in steps_of(days, step)
    )
    settled = sorted(read.sums(days, Split.SETTLED, currency=currency).items())
    return Side(
        days,
        _sum(one.totals for one in steps),
        tuple(Money(totals.fee_minor, balance) for (_, _, balance), totals in settled),
        tuple(Money(totals.net_minor, balance) for (_, _, balance), totals in settled),
        steps,
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
