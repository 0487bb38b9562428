"""The charts of Insights as data: what each found, its measure, and the rows that it draws.

The same rows are its table and its file; what they were counted from can be opened by them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from cardpay.domain.business_days import WEEKDAYS, Days
from cardpay.domain.money import Money, plain_number
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.totals import Split, Totals, share
from cardpay.reporting.insights.insights import Insights, Part
from cardpay.reporting.insights.steps import Step
from cardpay.reporting.payments.method_words import (
    METHOD_NAMES,
    brand_name,
    country_name,
    in_plain_words,
)

_WEEKDAYS_IN_WORDS: Final = (
    "Mondays",
    "Tuesdays",
    "Wednesdays",
    "Thursdays",
    "Fridays",
    "Saturdays",
    "Sundays",
)
_MOST_PARTS: Final = 8
_REST: Final = "Other"
_UNKNOWN: Final = "Unknown"


class ChartName(StrEnum):
    """Which chart; the name of its file."""

    VOLUME = "volume"
    SUCCESS = "success"
    REASONS = "declines"
    HOURS = "hours"
    PARTS = "parts"
    MONEY_BACK = "refunds-and-disputes"


SPLIT_WORDS: Final = {
    Split.PRODUCT: "Product",
    Split.TAKEN_BY: "Colleague",
    Split.BRAND: "Card brand",
    Split.COUNTRY: "Country",
    Split.METHOD: "Payment method",
}
"""What the volume can be split by on screen."""


@dataclass(frozen=True)
class Cell:
    """A value as it is read and, for file and axis, as a number; None if it is unknown."""

    text: str
    number: Decimal | None = None


@dataclass(frozen=True)
class ChartRow:
    """One mark, counted of these days and of this value of the split, if they are told.

    `cell_values` are those of its cells, where each is a mark of its own.
    """

    label: str
    cells: tuple[Cell, ...]
    days: Days | None = None
    value: str | None = None
    cell_values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChartData:
    """One chart. `title` is its finding, `measure` what is measured and in which unit.

    `words` say what it shows to who cannot see it. `columns` name the label and the cells.
    `axis_begins` is where the axis of its numbers does.
    """

    name: ChartName
    title: str
    measure: str
    words: str
    columns: tuple[str, ...]
    rows: tuple[ChartRow, ...]
    series: tuple[str, ...] = ()
    axis_begins: int = 0


def charts(found: Insights, step: Step, split: Split) -> dict[ChartName, ChartData]:
    """All charts of what was found, by day, week or month; the volume split as well."""
    made = (
        _volume(found, step),
        _success(found, step),
        _reasons(found),
        _hours(found),
        _parts(found, split),
        _money_back(found, step),
    )
    return {one.name: one for one in made}


def _volume(found: Insights, step: Step) -> ChartData:
    currency, code = found.currency, found.currency.upper()
    rows = []
    before = found.before.steps if found.before else ()
    for place, one in enumerate(found.now.steps):
        cells = [_money(one.totals.volume_minor, currency), _count(one.totals.payments)]
        if found.before:
            then = before[place].totals.volume_minor if place < len(before) else None
            cells.append(_money(then, currency))
        rows.append(ChartRow(step_label(one.days, step), tuple(cells), one.days))
    columns = [str(step), "Volume", "Payments"]
    series = [range_label(found.now.days)]
    if found.before:
        columns.append("Volume before")
        series.append(range_label(found.before.days))
    top = max(rows, key=lambda row: row.cells[0].number or 0)
    words = f"Bar chart of volume in {code} by {step.lower()}, {range_label(found.now.days)}."
    words += f" The most was {top.cells[0].text}, {top.label}."
    if found.before:
        words += f" A dashed line shows {range_label(found.before.days)}."
    return ChartData(
        ChartName.VOLUME,
        _volume_title(found),
        f"Volume by {step.lower()}, {code}{_best_weekday(found, step)}",
        words,
        tuple(columns),
        tuple(rows),
        tuple(series),
    )


def _volume_title(found: Insights) -> str:
    total = format_money(Money(found.now.totals.volume_minor, found.currency))
    if not found.before or not found.before.totals.volume_minor:
        return f"Volume was {total}"
    change = relative(found.now.totals.volume_minor, found.before.totals.volume_minor)
    if change is None or percent(abs(change)) == percent(0):
        return f"Volume stayed at {total}"
    return f"Volume {'rose' if change > 0 else 'fell'} {percent(abs(change))} to {total}"


def _best_weekday(found: Insights, step: Step) -> str:
    """Which day of the week brings the most, where there are several weeks of days."""
    if step is not Step.DAY or found.now.days.count() < 14:
        return ""
    sums = [0] * 7
    for one in found.now.steps:
        sums[one.days.closed()[0].weekday()] += one.totals.volume_minor
    return f". {_WEEKDAYS_IN_WORDS[sums.index(max(sums))]} bring the most" if any(sums) else ""


def _success(found: Insights, step: Step) -> ChartData:
    rows = [
        ChartRow(
            step_label(one.days, step),
            (
                _rate(one.totals.payment_success),
                _count(one.totals.accepted),
                _count(one.totals.tried),
                _rate(one.totals.attempt_success),
                _count(one.totals.attempts_accepted),
                _count(one.totals.attempts),
            ),
            one.days,
        )
        for one in found.now.steps
    ]
    totals = found.now.totals
    payments, attempts = totals.payment_success, totals.attempt_success
    if payments is None and attempts is None:
        title = "No card was tried"
    else:
        title = f"{_rate(payments).text} of payments succeed, {_rate(attempts).text} of attempts"
    saved = ""
    if totals.declined:
        saved = f". A second card saved {totals.saved:,} of {totals.declined:,}"
    rates = [row.cells[place].number for row in rows for place in (0, 3)]
    least = min((rate for rate in rates if rate is not None), default=Decimal(0))
    axis_begins = max(0, int(least - 1) // 10 * 10)
    begins = f", from {axis_begins}%" if axis_begins else ""
    return ChartData(
        ChartName.SUCCESS,
        title,
        f"By {step.lower()}{begins}{saved}",
        f"Line chart by {step.lower()}, {range_label(found.now.days)}: the share of payments "
        "with a card that was accepted, and of single attempts.",
        (
            str(step),
            "Payments succeeded",
            "With an accepted card",
            "Payments tried",
            "Attempts succeeded",
            "Accepted",
            "Attempts",
        ),
        tuple(rows),
        ("Payments", "Attempts"),
        axis_begins,
    )


def _reasons(found: Insights) -> ChartData:
    declined = found.now.totals.attempts_declined
    rows = tuple(
        ChartRow(
            part.name,
            (
                _count(part.totals.attempts_declined),
                _rate(share(part.totals.attempts_declined, declined)),
            ),
            found.now.days,
            part.value or None,
        )
        for part in _most(found.reasons, with_values=True)
    )
    title = f"{rows[0].label} is the top reason for declines" if rows else "Nothing was declined"
    return ChartData(
        ChartName.REASONS,
        title,
        f"{declined:,} declined {'attempt' if declined == 1 else 'attempts'}, by reason",
        f"Bar chart of declined attempts by reason, {range_label(found.now.days)}. "
        + _listed(rows, 0),
        ("Reason", "Declined attempts", "Share"),
        rows,
    )


def _hours(found: Insights) -> ChartData:
    hours = sorted({hour for (_, hour), totals in found.hours.items() if totals.payments})
    span = range(hours[0], hours[-1] + 1) if hours else range(0)
    rows = tuple(
        ChartRow(
            WEEKDAYS[weekday - 1],
            tuple(_count(found.hours.get((weekday, hour), Totals()).payments) for hour in span),
            found.now.days,
            cell_values=tuple(f"{weekday}-{hour:02}" for hour in span),
        )
        for weekday in range(1, 8)
    )
    sums = {
        hour: sum(found.hours.get((day, hour), Totals()).payments for day in range(1, 8))
        for hour in span
    }
    title = "Nothing was paid"
    if sums:
        busiest = max(sums, key=lambda hour: sums[hour])
        title = f"The hour from {busiest}:00 is the busiest"
    return ChartData(
        ChartName.HOURS,
        title,
        "Payments that were paid, by weekday and hour",
        f"Table of the number of payments by weekday and hour, {range_label(found.now.days)}. "
        f"{title}.",
        ("Weekday", *(f"{hour:02}" for hour in span)),
        rows if span else (),
    )


def _parts(found: Insights, split: Split) -> ChartData:
    name = SPLIT_WORDS[split]
    currency, volume = found.currency, found.now.totals.volume_minor
    paid = [part for part in found.parts if part.totals.payments]
    rows = tuple(
        ChartRow(
            _part_name(part, split),
            (
                _money(part.totals.volume_minor, currency),
                _count(part.totals.payments),
                _rate(share(part.totals.volume_minor, volume)),
            ),
            found.now.days,
            part.value or None,
        )
        for part in _most(paid)
    )
    title = "Nothing was paid"
    if rows:
        title = f"{rows[0].label} brings {rows[0].cells[2].text} of the volume"
    return ChartData(
        ChartName.PARTS,
        title,
        f"Volume by {name.lower()}, {currency.upper()}",
        f"Bar chart of volume in {currency.upper()} by {name.lower()}, "
        f"{range_label(found.now.days)}. " + _listed(rows, 0),
        (name, "Volume", "Payments", "Share"),
        rows,
    )


def _part_name(part: Part, split: Split) -> str:
    if not part.value:
        return part.name or _UNKNOWN
    match split:
        case Split.BRAND:
            return brand_name(part.value)
        case Split.COUNTRY:
            return country_name(part.value)
        case Split.METHOD:
            return METHOD_NAMES.get(part.value) or in_plain_words(part.value)
    return part.name


def _money_back(found: Insights, step: Step) -> ChartData:
    currency = found.currency
    rows = tuple(
        ChartRow(
            step_label(one.days, step),
            (
                _money(one.totals.refunded_minor, currency),
                _count(one.totals.refunds),
                _money(one.totals.disputed_minor, currency),
                _count(one.totals.disputes),
            ),
            one.days,
        )
        for one in found.now.steps
    )
    totals = found.now.totals
    return ChartData(
        ChartName.MONEY_BACK,
        f"{_rate(totals.refund_rate).text} of the volume was refunded, "
        f"{_rate(totals.dispute_rate).text} of payments disputed",
        f"Refunded and disputed by {step.lower()}, {currency.upper()}",
        f"Bar chart by {step.lower()}, {range_label(found.now.days)}: refunded "
        f"{format_money(Money(totals.refunded_minor, currency))} in all; a dashed line shows "
        f"disputed, {format_money(Money(totals.disputed_minor, currency))} in all.",
        (str(step), "Refunded", "Refunds", "Disputed", "Disputes"),
        rows,
        ("Refunded", "Disputed"),
    )


def _most(parts: Sequence[Part], *, with_values: bool = False) -> list[Part]:
    """The first parts, and the sum of the others; `with_values`: and theirs, if each has some."""
    if len(parts) <= _MOST_PARTS:
        return list(parts)
    others = parts[_MOST_PARTS - 1 :]
    rest = sum((one.totals for one in others), start=Totals())
    is_told = with_values and all(one.value for one in others)
    values = ",".join(one.value for one in others) if is_told else ""
    return [*parts[: _MOST_PARTS - 1], Part(values, _REST, rest)]


def _listed(rows: Iterable[ChartRow], place: int) -> str:
    return ", ".join(f"{row.label}: {row.cells[place].text}" for row in rows) + "."


def relative(now: int, before: int) -> float | None:
    """By which share of what was before it has changed; None of nothing."""
    return (now - before) / before if before > 0 else None


def percent(part: float) -> str:
    """ "96.8%"."""
    return f"{100 * part:.1f}%"


def range_label(days: Days) -> str:
    """ "1–29 Nov 2026", "3 Oct – 2 Nov 2026", "30 Dec 2025 – 2 Jan 2026"."""
    first, last = days.closed()
    end = _day(last)
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    begin = f"{first.day} {first:%b}" if first.year == last.year else _day(first)
    return f"{begin} – {end}"


def step_label(days: Days, step: Step) -> str:
    """ "1 Nov 2026", "Week of 2 Nov 2026", "Nov 2026"."""
    first, _ = days.closed()
    match step:
        case Step.DAY:
            return _day(first)
        case Step.WEEK:
            return f"Week of {_day(first)}"
        case Step.MONTH:
            return f"{first:%b %Y}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _money(minor: int | None, currency: str) -> Cell:
    if minor is None:
        return Cell("–")
    money = Money(minor, currency)
    return Cell(format_money(money), Decimal(plain_number(money)))


def _count(number: int) -> Cell:
    return Cell(f"{number:,}", Decimal(number))


def _rate(part: float | None) -> Cell:
    if part is None:
        return Cell("–")
    return Cell(percent(part), Decimal(str(round(100 * part, 1))))
