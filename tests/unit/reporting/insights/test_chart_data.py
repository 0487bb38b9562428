"""What the charts say they found, and the rows behind it."""

from datetime import date

import pytest

from cardpay.domain.business_days import Days
from cardpay.domain.money import Money
from cardpay.domain.payment.totals import Split, Totals
from cardpay.reporting.insights.chart_data import ChartData, ChartName, charts, range_label
from cardpay.reporting.insights.insights import Insights, Part, Side, StepTotals
from cardpay.reporting.insights.steps import Step

FIRST, SECOND = date(2026, 11, 1), date(2026, 11, 2)


def side(day: date, totals: Totals) -> Side:
    """A range of one day."""
    days = Days(day, day)
    net = (Money(totals.volume_minor, "gbp"),)
    return Side(days, totals, (Money(0, "gbp"),), net, (StepTotals(days, totals),))


def found(now: Totals, before: Totals | None = None, **more: object) -> Insights:
    """What a day beside the day before it shows."""
    given: dict[str, object] = {
        "currency": "gbp",
        "payments_in": {"gbp": now.payments},
        "now": side(SECOND, now),
        "before": side(FIRST, before) if before else None,
        "parts": (),
        "reasons": (),
        "hours": {},
    }
    return Insights(**{**given, **more})  # type: ignore[arg-type]


def chart(name: ChartName, insights: Insights, split: Split = Split.PRODUCT) -> ChartData:
    """One of its charts, by day."""
    return charts(insights, Step.DAY, split)[name]


@pytest.mark.parametrize(
    ("now", "before", "title"),
    [
        (10_820, 10_000, "Volume rose 8.2% to £108.20"),
        (9_000, 10_000, "Volume fell 10.0% to £90.00"),
        (10_001, 10_000, "Volume stayed at £100.01"),
        (10_000, 0, "Volume was £100.00"),
        (10_000, None, "Volume was £100.00"),
    ],
)
def test_the_volume_says_where_it_went(now: int, before: int | None, title: str) -> None:
    """Beside the days before, if there was anything."""
    then = None if before is None else Totals(volume_minor=before)
    data = chart(ChartName.VOLUME, found(Totals(payments=1, volume_minor=now), then))
    assert data.title == title
    assert len(data.series) == (1 if before is None else 2)


def test_success_of_payments_and_of_attempts_are_never_mixed() -> None:
    """Each has its own share and counts; the axis says where it begins."""
    totals = Totals(tried=50, accepted=49, declined=3, saved=2, attempts=60, attempts_accepted=52)
    data = chart(ChartName.SUCCESS, found(totals))
    assert data.title == "98.0% of payments succeed, 86.7% of attempts"
    assert data.measure == "By day, from 80%. A second card saved 2 of 3"
    assert [cell.text for cell in data.rows[0].cells] == ["98.0%", "49", "50", "86.7%", "52", "60"]
    nothing = chart(ChartName.SUCCESS, found(Totals(payments=1, volume_minor=1)))
    assert nothing.title == "No card was tried"
    assert nothing.rows[0].cells[0].number is None


def test_reasons_are_shares_of_all_declined_attempts() -> None:
    """The first is the finding."""
    reasons = (
        Part("insufficient_funds", "Not enough funds", Totals(attempts=3)),
        Part("", "Card declined", Totals(attempts=1)),
    )
    totals = Totals(attempts=10, attempts_accepted=6)
    data = chart(ChartName.REASONS, found(totals, reasons=reasons))
    assert data.title == "Not enough funds is the top reason for declines"
    assert data.measure == "4 declined attempts, by reason"
    assert [(row.label, row.cells[1].text, row.value) for row in data.rows] == [
        ("Not enough funds", "75.0%", "insufficient_funds"),
        ("Card declined", "25.0%", None),
    ]
    assert chart(ChartName.REASONS, found(Totals())).title == "Nothing was declined"


def test_other_reasons_have_the_codes_of_all_of_them() -> None:
    """Unless one of them has none: then no list shows just those."""
    reasons = [Part(f"code-{number}", "Reason", Totals(attempts=1)) for number in range(12)]
    totals = Totals(attempts=12)
    other = chart(ChartName.REASONS, found(totals, reasons=tuple(reasons))).rows[-1]
    shown = 12 - int(other.cells[0].text)
    assert other.label == "Other"
    assert other.value == ",".join(f"code-{number}" for number in range(shown, 12))
    reasons[-1] = Part("", "Reason", Totals(attempts=1))
    assert chart(ChartName.REASONS, found(totals, reasons=tuple(reasons))).rows[-1].value is None


@pytest.mark.parametrize(
    ("split", "value", "label"),
    [
        (Split.PRODUCT, "Boiler *service*", "Boiler *service*"),
        (Split.BRAND, "amex", "American Express"),
        (Split.COUNTRY, "DE", "Germany"),
        (Split.METHOD, "sepa_debit", "SEPA Direct Debit"),
        (Split.COUNTRY, "", "Unknown"),
    ],
)
def test_parts_have_names(split: Split, value: str, label: str) -> None:
    """In words; what is not known is said to be."""
    totals = Totals(payments=2, volume_minor=500)
    parts = (Part(value, value, totals),)
    data = chart(ChartName.PARTS, found(totals, parts=parts), split)
    assert data.rows[0].label == label
    assert data.title == f"{label} brings 100.0% of the volume"


def test_many_parts_end_in_a_sum_of_the_others() -> None:
    """Nothing is left out of it."""
    parts = tuple(
        Part(str(number), str(number), Totals(payments=1, volume_minor=100 - number))
        for number in range(12)
    )
    volume = sum(part.totals.volume_minor for part in parts)
    data = chart(ChartName.PARTS, found(Totals(payments=12, volume_minor=volume), parts=parts))
    assert len(data.rows) == 8
    assert (data.rows[-1].label, data.rows[-1].value) == ("Other", None)
    assert sum(int(row.cells[1].text) for row in data.rows) == 12
    assert sum(row.cells[0].number or 0 for row in data.rows) * 100 == volume


def test_hours_are_a_table_of_weekdays() -> None:
    """From the first hour in which something was paid to the last."""
    hours = {(1, 9): Totals(payments=2), (7, 11): Totals(payments=3), (2, 20): Totals(attempts=1)}
    data = chart(ChartName.HOURS, found(Totals(payments=5), hours=hours))
    assert data.columns == ("Weekday", "09", "10", "11")
    assert [cell.text for cell in data.rows[0].cells] == ["2", "0", "0"]
    assert [cell.text for cell in data.rows[6].cells] == ["0", "0", "3"]
    assert data.title == "The hour from 11:00 is the busiest"


def test_refunds_and_disputes_are_rates_of_the_same_days() -> None:
    """Of the volume, and of the number of payments."""
    totals = Totals(
        payments=200, volume_minor=100_000, refunds=2, refunded_minor=3_100, disputes=1
    )
    data = chart(ChartName.MONEY_BACK, found(totals))
    assert data.title == "3.1% of the volume was refunded, 0.5% of payments disputed"


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        (date(2026, 11, 1), date(2026, 11, 29), "1–29 Nov 2026"),
        (date(2026, 10, 3), date(2026, 11, 2), "3 Oct – 2 Nov 2026"),
        (date(2025, 12, 30), date(2026, 1, 2), "30 Dec 2025 – 2 Jan 2026"),
        (date(2026, 11, 1), date(2026, 11, 1), "1 Nov 2026"),
    ],
)
def test_a_range_in_words(first: date, last: date, label: str) -> None:
    """As short as it can be."""
    assert range_label(Days(first, last)) == label
